"""Transfers: money goes where its payer says, or waits until that is clear."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tallystick.money import Money
from tallystick.store.database import Database

from .outside import Vendor
from .world import ZERO, World, movement

EUR119 = Money(11900, "EUR")


@pytest.fixture
def world(database: Database) -> World:
    made = World(database)
    made.mandate()
    return made


PAYMENTS = [
    ("exact", ["100.00"], "INV-0001", {"INV-0001": "100.00"}, "0.00"),
    ("part", ["40.00"], "INV-0001", {"INV-0001": "40.00"}, "0.00"),
    ("two parts", ["40.00", "60.00"], "inv0001", {"INV-0001": "100.00"}, "0.00"),
    ("too much", ["130.00"], "INV-0001", {"INV-0001": "100.00"}, "30.00"),
    ("both", ["160.00"], "INV-0001, INV-0002", {"INV-0001": "100", "INV-0002": "60"}, "0.00"),
    ("both and more", ["170.00"], "INV-0001 INV-0002", {"INV-0002": "60"}, "10.00"),
    ("not both", ["100.00"], "INV-0001 INV-0002", {"INV-0001": "0", "INV-0002": "0"}, "100.00"),
    ("nobody", ["100.00"], "thank you", {"INV-0001": "0"}, "100.00"),
    ("less a credit note", ["80.00"], "INV-0001 CN-0003", {"CN-0003": "-20"}, "0.00"),
    ("refund", ["-20.00"], "CN-0003", {"CN-0003": "-20"}, "0.00"),
    ("charges", ["-4.90"], "account fees", {"INV-0001": "0"}, "-4.90"),
    ("nothing", ["0.00"], "balance note", {"INV-0001": "0"}, "0.00"),
]


@pytest.mark.parametrize(
    ("amounts", "text", "settled", "rest"),
    [case[1:] for case in PAYMENTS],
    ids=[case[0] for case in PAYMENTS],
)
def test_a_transfer_goes_where_it_says(
    world: World, amounts: list[str], text: str, settled: dict[str, str], rest: str
) -> None:
    world.invoice("INV-0001", "100.00")
    world.invoice("INV-0002", "60.00")
    world.invoice("CN-0003", "-20.00")
    for number, amount in enumerate(amounts):
        world.bank(movement(f"t{number}", amount, remittance=text))
    world.settle()
    shown = world.states()
    assert {number: shown[number][1] for number in settled} == {
        number: Decimal(amount) for number, amount in settled.items()
    }
    assert world.suspense() == Decimal(rest)
    world.must_hold()


def test_money_in_another_currency_settles_nothing(world: World) -> None:
    world.invoice("INV-0001", "100.00")
    world.bank(movement("t1", "100.00", remittance="INV-0001", currency="USD"))
    world.settle()
    assert world.states()["INV-0001"] == ("posted", ZERO)
    world.must_hold()


def test_money_that_came_early_is_placed_when_its_invoice_is_there(world: World) -> None:
    world.bank(movement("t1", "100.00", remittance="INV-0001"))
    world.settle()
    assert world.suspense() == Decimal("100.00")
    world.invoice("INV-0001", "100.00")
    world.today = date(2026, 11, 2)
    report = world.settle()
    assert (report.placed, report.settled) == (1, [("INV-0001", Money(10000, "EUR"))])
    assert (world.suspense(), world.states()["INV-0001"][0]) == (ZERO, "paid")
    assert world.settle().placed == 0
    world.must_hold()


def test_an_invoice_paid_before_it_is_posted_is_still_posted(world: World) -> None:
    world.invoice("INV-0001", "100.00", state="issued")
    world.bank(movement("t1", "100.00", remittance="INV-0001"))
    world.settle()
    assert world.states()["INV-0001"] == ("issued", Decimal("100.00"))
    world.post("INV-0001")
    assert world.collect(Vendor()).collected == []
    world.settle()
    assert world.states()["INV-0001"][0] == "paid"


def test_a_movement_that_cannot_be_read_is_told_and_the_others_settle(world: World) -> None:
    world.invoice("INV-0001", "100.00")
    world.bank(movement("t1", "0.001"), movement("t2", "100.00", remittance="INV-0001"))
    report = world.settle()
    assert "t1 of connection bank" in str(report.problems[0])
    assert world.states()["INV-0001"][0] == "paid"


def test_many_movements_settle_in_several_transactions(world: World) -> None:
    for number in range(1100):
        world.bank(movement(f"t{number:04}", "1.00", remittance="INV-0001"))
    world.invoice("INV-0001", "1000.00")
    report = world.settle()
    assert report.movements == 1100
    assert (world.states()["INV-0001"][0], world.suspense()) == ("paid", Decimal("100.00"))
    world.must_hold()
