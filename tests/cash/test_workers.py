"""Several workers at once do the work of one."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Event

from tallystick.cash.collecting.attempts import OPEN
from tallystick.cash.settling.standing import refresh_invoices
from tallystick.store.cash import attempts, settlements
from tallystick.store.database import Database

from .outside import Vendor
from .world import World, movement

WORKERS = 4


def at_once(work: Callable[[], object]) -> None:
    with ThreadPoolExecutor(WORKERS) as pool:
        for done in [pool.submit(work) for _ in range(WORKERS)]:
            done.result()


def test_workers_collect_and_settle_once(database: Database) -> None:
    world = World(database)
    world.mandate()
    for number in range(6):
        world.invoice(f"INV-000{number}", "10.00")
    for round_ in range(1, 4):
        vendor = Vendor()
        at_once(lambda vendor=vendor: world.collect(vendor))  # type: ignore[misc]  # bound per round
        assert sorted(vendor.debits()) == [f"INV-000{number}-{round_}" for number in range(6)]
        for number in range(6):
            key = f"INV-000{number}-{round_}"
            world.bank(movement(f"p{key}", "10.00", end_to_end_id=key))
            if round_ < 3:
                back = {"end_to_end_id": key, "returned": True, "return_reason": "AM04"}
                world.bank(movement(f"r{key}", "-10.00", 21, **back))
        at_once(world.settle)
        world.must_hold()
    assert set(world.states().values()) == {("paid", Decimal("10.00"))}


def test_an_answer_that_is_noted_while_money_is_booked_takes_none_of_it_back(
    database: Database,
) -> None:
    """Both bring the invoice level with what they know; the slower one must know both."""
    world = World(database)
    world.mandate()
    world.invoice("INV-0001", "10.00")
    world.collect(Vendor())
    world.bank(movement("t1", "10.00", end_to_end_id="INV-0001-1"))
    booked, noted = Event(), Event()

    def book() -> None:
        with database.write() as connection:
            movements = settlements.unsettled(connection, ["bank"])
            part = settlements.Part(
                *("bank", movements[0].id, 1, "h", "payment", "Assets:Bank:Bank", "INV-0001"),
                *("INV-0001-1", 1000, "EUR", 1000, "EUR", 0, world.today, "end_to_end"),
            )
            settlements.add_parts(connection, [part])
            refresh_invoices(connection, {"INV-0001"})
            booked.set()
            noted.wait(0.5)

    def note_it() -> None:
        booked.wait()
        with database.write() as connection:
            attempts.change(connection, "INV-0001-1", OPEN, world.now(), state="declined")
            refresh_invoices(connection, {"INV-0001"})
        noted.set()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(book), pool.submit(note_it)]:
            done.result()
    assert world.states() == {"INV-0001": ("paid", Decimal("10.00"))}
