"""Play one seed: trouble first, then quiet, then what must hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from tallystick.testing.simulate import abroad, agreements, giving_up, people, promises
from tallystick.testing.simulate.checks import check, differences, everything
from tallystick.testing.simulate.ground import EMPTY
from tallystick.testing.simulate.moments import CALM
from tallystick.testing.simulate.stage import stage
from tallystick.testing.simulate.world import Begun, World

WORKERS = ("worker A", "worker B")
SIDE_BY_SIDE = (350, 700)
"""How often the other worker is at something, too; while reminders go out, above all."""
TROUBLED = (6, 12)
"""So many times something is started while things fail, at least and at most."""
QUIET_ROUNDS_MAX = 100
BEGINNINGS = 6
ABROAD = (7, 13, 31)
"""The seeds of further beginnings, in which clients pay in francs beside those who pay in euro."""
AT_ONCE = timedelta(days=8)
"""What happens within so many days of each other is read in one round."""
A_MONTH = timedelta(days=31, hours=2)
SPANS = {
    timedelta(seconds=40): 4,
    timedelta(minutes=20): 3,
    timedelta(hours=5): 3,
    timedelta(hours=26): 3,
    timedelta(hours=72): 2,
}
BILLING = {"run": 6, "sync": 1, "bill": 2, "approve": 2, "post": 1, "collect": 1, "settle": 1}
CASHING = {
    "cash": 5,
    "look": 4,
    "post": 1,
    "collect": 4,
    "settle": 1,
    "refund": 2,
    "let go": 2,
    "decide": 1,
}
AGREEING = {
    "cash": 4,
    "look": 2,
    "collect": 3,
    "remind": 4,
    "plan": 3,
    "end plan": 1,
    "page": 4,
    "close page": 1,
    "hold": 2,
    "give up": 3,
    "pay out": 1,
    "refund": 1,
    "let go": 2,
    "decide": 1,
}
QUIET = ("cash", "let go", "decide", "look")
A_WEEK = timedelta(days=8)
"""Longer than a failed payment waits to be tried again."""


@dataclass(frozen=True, slots=True)
class Played:
    """One schedule. `broken` are the sentences of what did not hold; `trace` is to be read."""

    seed: int
    broken: tuple[str, ...]
    trace: str
    events: int

    def __str__(self) -> str:
        told = "\n".join(f"  {sentence}" for sentence in self.broken)
        found = f"did not hold:\n{told}" if self.broken else "all held"
        return (
            f"{self.trace}\n\nseed {self.seed}, {self.events} events, {found}\n"
            f"Again: python -m tallystick.testing.simulate --seed {self.seed}"
        )


def simulate(seed: int, *, told: bool = False) -> Played:
    """Play the schedule of `seed` to its end. Its trace is kept where something broke, or where it
    is asked to be `told`.

    Every fourth is a month-end, from service to invoices to cash; the others begin with invoices
    that are there already, as most of what can go wrong goes wrong on the way to the money. In
    every third of these people agree on plans, hold what is argued about and send reminders.
    """
    agreeing = seed % 4 == 3
    number = BEGINNINGS + seed // 4 % len(ABROAD) if agreeing else seed // 4 % BEGINNINGS
    laid, begun = (EMPTY, None) if seed % 4 == 0 else _beginning(number)
    one = stage()
    with one.fresh(laid) as database:
        world = World(seed, one, database, begun)
        if begun is None:
            world.time_passes(A_MONTH)
            _trouble(world, BILLING)
            world.calm()
            world.work({WORKERS[0]: "run"})
            world.work({WORKERS[0]: "approve"})
            world.work({WORKERS[0]: "bill"})
        else:
            _trouble(world, AGREEING if agreeing else CASHING)
            world.calm()
            agreements.lift_all(world)
            if agreeing:
                world.work({WORKERS[0]: "finish"})
        _until_quiet(world, (*QUIET, "remind") if agreeing else QUIET)
        check(world)
        if agreeing:
            check(world, (*promises.RULES, *abroad.RULES, *giving_up.RULES))
        if begun is None:
            _run_again(world)
        broken, trace = tuple(world.moments.broken), world.moments.trace
        return Played(seed, broken, str(trace) if told or broken else "", len(trace))


@lru_cache(maxsize=BEGINNINGS + len(ABROAD))
def _beginning(number: int) -> tuple[str, Begun]:
    """Three months are billed and posted, and nobody has paid."""
    one = stage()
    from_abroad = number >= BEGINNINGS
    seed = ABROAD[number - BEGINNINGS] if from_abroad else number
    with one.fresh() as database:
        world = World(seed, one, database, None, from_abroad)
        world.moments.weather = CALM
        for _ in range(3):
            world.time_passes(A_MONTH)
            people.service_is_given(world)
            for job in ("sync", "bill", "approve", "bill"):
                world.work({WORKERS[0]: job})
        return one.lay(f"begun_{number}"), world.begun()


def _trouble(world: World, jobs: Mapping[str, int]) -> None:
    chance = world.moments.chance
    for _ in range(chance.between(*TROUBLED)):
        if jobs is BILLING:
            people.service_is_given(world)
        world.time_passes(chance.weighted(SPANS))
        people.payers_pay(world)
        if jobs is AGREEING:
            people.somebody_pays_all(world)
        people.the_provider_is_busy(world)
        started = {WORKERS[0]: chance.weighted(jobs)}
        if chance.happens(SIDE_BY_SIDE[started[WORKERS[0]] == "remind"]):
            started[WORKERS[1]] = chance.weighted(jobs)
        world.work(started)


def _until_quiet(world: World, jobs: Sequence[str]) -> None:
    """From one thing that happens by itself to the next, and a round after each; until there is
    none, and a round after the week in which every retry would be due changes nothing."""
    idle, changed = False, ["nothing was tried"]
    for _ in range(QUIET_ROUNDS_MAX):
        before = everything(world) if idle else {}
        for job in jobs:
            world.work({WORKERS[0]: job})
        following = world.next_at()
        changed = differences(before, everything(world)) if idle and not following else changed
        if idle and not following and not changed:
            return
        idle = following is None
        world.time_passes(following - world.moments.at + AT_ONCE if following else A_WEEK)
    told = f"something is still under way after {QUIET_ROUNDS_MAX} quiet rounds"
    world.moments.breach(f"{told}; the last one changed {', '.join(changed)}")


def _run_again(world: World) -> None:
    """A month that is billed and paid is run once more, and nothing comes of it."""
    before = everything(world)
    world.work({WORKERS[0]: "run"})
    if changed := differences(before, everything(world)):
        world.moments.breach(f"with nothing left to do, run changed {', '.join(changed)}")
