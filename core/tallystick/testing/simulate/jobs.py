"""What a worker, or a person at the command line, may start at any moment."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tallystick.cash.telling import dunning
from tallystick.engine import billing, cash
from tallystick.engine.bill_run import bill_run
from tallystick.engine.dunning import dunning_terms
from tallystick.engine.inbound import sync
from tallystick.engine.line import run_line
from tallystick.engine.serve import Health, Signals, look
from tallystick.testing.simulate import agreements, giving_up, people
from tallystick.testing.simulate.quiet import Unwatched
from tallystick.testing.simulate.reminded import Looking

if TYPE_CHECKING:
    from tallystick.testing.simulate.world import World

Job = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Round:
    settled: cash.SettleReport
    collected: cash.CollectReport
    posted: billing.PostReport


def jobs_of(world: World) -> dict[str, Job]:
    """Every job by its name."""
    one, period, watch = world.installation, world.period, Unwatched()
    return {
        "run": lambda: run_line(one, period, "anna", one.today, watch),
        "sync": lambda: sync(one, watch),
        "bill": lambda: bill_run(one, period, "anna", one.today, watch),
        "post": lambda: billing.post(one, watch),
        "collect": lambda: cash.collect(one, watch),
        "settle": lambda: cash.settle(one, watch),
        "cash": lambda: _cash(world),
        "look": lambda: _look(world),
        "remind": lambda: _remind(world),
        "approve": lambda: people.approve(world),
        "refund": lambda: people.ask_refund(world),
        "let go": lambda: people.let_refunds_go(world),
        "decide": lambda: people.decide(world),
        "plan": lambda: agreements.agree_on_a_plan(world),
        "end plan": lambda: agreements.end_a_plan(world),
        "page": lambda: agreements.open_a_page(world),
        "close page": lambda: agreements.close_a_page(world),
        "give up": lambda: giving_up.give_up(world),
        "pay out": lambda: giving_up.pay_out(world),
        "finish": lambda: giving_up.finish(world),
        "hold": lambda: agreements.hold_or_lift(world),
    }


def _cash(world: World) -> object:
    """The daily round: read the accounts, settle, collect, and tell accounting."""
    one, watch = world.installation, Unwatched()
    for account in world.accounts:
        sync(one, watch, account.name)
    settled = cash.settle(one, watch)
    collected = cash.collect(one, watch)
    return Round(settled, collected, billing.post(one, watch))


def _look(world: World) -> object:
    """One look of the process that runs for ever, at all that is unfinished."""
    done = look(world.installation, Signals(), Health(world.moments.at))
    return f"{done} actions"


def _remind(world: World) -> object:
    """Send the reminders that are due."""
    one = world.installation
    opened = lambda: nullcontext(world.mail)  # noqa: E731 - what opens a session with the server
    database = Looking(one.database, world.moments, one.config)
    given = (database, dunning_terms(one), opened, one.now, lambda _: None)
    return dunning.send_letters(*given)
