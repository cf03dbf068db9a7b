"""Several workers at once do the work of one."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

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
