"""The figures of `tallystick cash`: piles, days sales, straight through, age."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from sqlalchemy import update

from tallystick.cash.collecting.holds import hold
from tallystick.cash.recognising import review
from tallystick.cash.repaying import write_off
from tallystick.cash.showing import straight_through
from tallystick.cash.showing.figures import CashFigures, figures
from tallystick.cycle.standing import STANDING
from tallystick.insight.days_sales import DaysSales
from tallystick.money import Money
from tallystick.store.billing.schema import proposal
from tallystick.store.database import Database

from .outside import Vendor
from .world import World, movement


@pytest.fixture
def world(database: Database) -> World:
    """With invoices that the standing policy approved."""
    world = World(database)
    for at, gross in enumerate(("119.00", "238.00", "50.00", "80.00", "100.00"), 1):
        world.invoice(f"INV-100{at}", gross, client=f"100{at}", due_on=date(2026, 9, 15 + at))
    world.invoice("INV-1009", "9.00", due_on=date(2026, 10, 15))
    with world.database.write() as connection:
        connection.execute(update(proposal).values(approved_by=STANDING))
    return world


def read(world: World) -> CashFigures:
    with world.database.read() as connection:
        return figures(connection, world.today)


def counts(world: World) -> dict[str, tuple[int, str]]:
    return {one.name: (one.many, str(one.amount.amount)) for one in read(world).piles}


def test_every_invoice_is_in_the_pile_of_its_state(world: World) -> None:
    assert counts(world) == {"due": (6, "596.00"), "overdue": (5, "587.00")}
    world.mandate("M-1", "1001")
    world.mandate("M-2", "1002")
    vendor = Vendor(answers={"INV-1002-1": ("declined", "AC04")})
    world.collect(vendor)
    hold(world.database, "INV-1003", "anna", "asked to wait", world.now)
    write_off.ask(world.database, "INV-1004", None, "gone", "anna", world.now)
    world.bank(movement("t1", "1.00"), movement("t2", "100.00"))
    world.settle()
    assert counts(world) == {
        "in flight": (2, "128.00"),
        "due": (4, "468.00"),
        "overdue": (4, "468.00"),
        "held": (1, "50.00"),
        "failed": (1, "238.00"),
        "suspense": (2, "101.00"),
        "in review": (1, "100.00"),
        "write-off asked": (1, "80.00"),
    }


def test_age_and_days_sales_are_of_what_is_open(world: World) -> None:
    world.bank(movement("t1", "238.00", day=1, remittance="INV-1002"))
    world.settle()
    found = read(world)
    [row] = found.ageing
    assert [str(one.amount) for one in row.buckets] == [
        *("9.00", "349.00", "0.00", "0.00", "0.00", "0.00"),
    ]
    [one] = found.days_sales
    assert (one.receivable.amount, one.billed.amount) == (Decimal(358), Decimal(596))
    assert one.days == Decimal("54.1")  # 358 / 596 * 90 = 54.06


@pytest.mark.parametrize(
    ("receivable", "billed", "days"),
    [(100, 900, "10.0"), (1, 3600, "0.0"), (1, 1800, "0.1"), (-100, 900, "-10.0"), (1, 0, None)],
)
def test_days_are_rounded_to_one_decimal(receivable: int, billed: int, days: str | None) -> None:
    one = DaysSales(Money(receivable, "EUR"), Money(billed, "EUR"))
    assert one.days == (None if days is None else Decimal(days))


def test_straight_through_counts_what_no_person_touched(world: World) -> None:
    with world.database.write() as connection:
        [first] = connection.execute(
            update(proposal)
            .where(proposal.c.content_hash == "INV-1001")
            .values(approved_by="anna")
            .returning(proposal.c.id)
        ).scalars()
    assert first
    for number, gross in (("INV-1001", "119.00"), ("INV-1002", "238.00"), ("INV-1005", "100.00")):
        world.bank(movement(f"t-{number}", gross, remittance=number))
    world.bank(movement("t3", "50.00", remittance="danke"))
    world.settle()
    assert read(world).straight_through.rate == Fraction(2, 3)
    review.place(world.database, "t3", [("INV-1003", None)], "anna", world.today, world.now)
    write_off.ask(world.database, "INV-1004", None, "gone", "anna", world.now)
    write_off.approve(world.database, "INV-1004", "ben", world.today, world.now)
    hold(world.database, "psa:1005", "anna", "asked to wait", world.now)
    found = read(world).straight_through
    assert (found.closed, found.untouched, found.still_open) == (5, 1, 1)
    assert dict(found.reasons) == {
        "a person approved the invoice": 1,
        "a person placed the money": 1,
        "two people wrote it off": 1,
        "a person held it": 1,
    }


def test_the_policy_goes_by_one_name() -> None:
    assert straight_through.BY_POLICY == STANDING
