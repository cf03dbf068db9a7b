"""Whoever notes answers and whoever settles change the same rows, and none waits for the other in
a ring: PostgreSQL would end one of them as deadlocked.

The one begins, and goes on as soon as the other waits for it.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Event
from time import monotonic, sleep

import pytest

from tallystick.cash.collecting.channels import Channel
from tallystick.cash.collecting.collect import intend
from tallystick.cash.collecting.sending import Batch, Outcome
from tallystick.cash.settling.standing import refresh_invoices
from tallystick.store.cash import attempts
from tallystick.store.database import Database

from .outside import Vendor
from .world import BATCHES, HOMES, World, movement

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
SOON_S = 5.0


@pytest.fixture
def world(database: Database) -> World:
    """Two invoices; one payer pays in another way than was asked."""
    found = World(database)
    found.mandate()
    for number in ("INV-0001", "INV-0002"):
        found.invoice(number, "10.00")
    found.bank(movement("t1", "10.00", end_to_end_id="INV-0002-1"))
    found.bank(movement("t2", "10.00", remittance="INV-0001"))
    return found


def until_somebody_waits(database: Database) -> None:
    ends = monotonic() + SOON_S
    while monotonic() < ends:
        with database.read() as connection:
            waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
            if connection.exec_driver_sql(waiting).scalar_one():
                return
        sleep(0.01)
    pytest.fail("Nobody came in between.")


def beside(world: World, begun: Event, act: Callable[[], object]) -> None:
    """`act`, and a settlement from the moment that it has `begun`."""

    def settle() -> None:
        assert begun.wait(SOON_S)
        world.settle()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(settle), pool.submit(act)]:
            done.result()


def test_the_answers_of_a_batch_are_noted_while_its_money_is_settled(world: World) -> None:
    channel = Channel(Vendor(), BATCHES)
    given = (world.database, {"debits": channel}, HOMES, world.now(), world.today)
    _, [(source, key, size)] = intend(*given)
    assert size == 2
    begun, asked = Event(), []

    def now() -> datetime:
        """Asked for each answer: at the second, the first is noted and not committed."""
        asked.append(1)
        if len(asked) == 2:
            begun.set()
            until_somebody_waits(world.database)
        return world.clock

    beside(world, begun, Batch(world.database, channel, source, key, now, Outcome()).send)
    assert len(asked) == 2
    assert world.attempts() == {"INV-0001-1": "processing", "INV-0002-1": "succeeded"}
    assert {state for state, _ in world.states().values()} == {"paid"}
    world.must_hold()


def test_one_answer_is_noted_while_its_money_is_settled(world: World) -> None:
    """Settling refers, by another payment of it, to an invoice the answer has yet to change."""
    world.collect(Vendor())
    world.bank(movement("t0", "4.00", remittance="INV-0002"))
    begun = Event()

    def note() -> None:
        with world.database.write() as connection:
            assert attempts.by_key(connection, "INV-0002-1", to_change=True) is not None
            begun.set()
            until_somebody_waits(world.database)
            refresh_invoices(connection, {"INV-0002"})

    beside(world, begun, note)
    assert world.attempts()["INV-0002-1"] == "succeeded"
    world.must_hold()
