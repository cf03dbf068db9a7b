"""Write-offs: two people, one expense, and never more than is open."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tallystick.cash.repaying import write_off
from tallystick.cash.settling.settle import settle
from tallystick.cash.telling.post_payments import post_payments
from tallystick.errors import Stop
from tallystick.money import Money
from tallystick.store.cash import write_offs

from .outside import Accounting
from .world import NOON, World, copy_of, laid, movement


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    def prepare(world: World) -> None:
        world.invoice("INV-1001", "119.00")

    return laid(tmp_path_factory.mktemp("write-off"), prepare)


@pytest.fixture
def world(template: Path) -> Iterator[World]:
    with copy_of(template) as one:
        yield one
        one.must_hold()


def ask(world: World, amount: str | None = None, by: str = "anna") -> None:
    given = None if amount is None else Decimal(amount)
    write_off.ask(world.database, "INV-1001", given, "insolvent", by, world.now)


def approve(world: World, by: str = "ben") -> None:
    write_off.approve(world.database, "INV-1001", by, world.today, world.now)


def test_asked_by_one_and_approved_by_another_it_is_an_expense(world: World) -> None:
    ask(world)
    assert world.states() == {"INV-1001": ("posted", 0)}
    with pytest.raises(Stop, match="waits already"):
        ask(world)
    with pytest.raises(Stop, match="anna asked for this write-off"):
        approve(world, by="anna")
    approve(world)
    assert world.states() == {"INV-1001": ("written_off", 119)}
    assert world.balances() == {"Expenses:BadDebt EUR": "119.00"}
    with pytest.raises(Stop, match="No write-off of INV-1001 waits"):
        approve(world)
    with world.database.read() as connection:
        [one] = write_offs.listed(connection)
    assert (one.state, one.asked_by, one.decided_by) == ("approved", "anna", "ben")


def test_accounting_is_told_of_a_payment_from_bad_debt(world: World) -> None:
    ask(world, "19.00")
    approve(world)
    assert world.states() == {"INV-1001": ("part_paid", 19)}
    accounting = Accounting()
    post_payments(world.database, accounting, "books", world.now, lambda _: None)
    [told] = accounting.told.values()
    assert (told["invoice"], told["amount"], told["account"]) == (
        "INV-1001",
        Decimal("19.00"),
        "Expenses:BadDebt",
    )


def test_a_sole_operator_waits_a_day(world: World) -> None:
    ask(world)
    given = (world.database, "INV-1001", "anna", world.today)
    with pytest.raises(Stop, match="less than 24 hours ago"):
        write_off.approve(*given, world.now, sole_operator=True)
    write_off.approve(*given, lambda: NOON + timedelta(hours=24), sole_operator=True)
    assert world.states()["INV-1001"][0] == "written_off"


@pytest.mark.parametrize("amount", ["119.01", "0", "-1"])
def test_no_more_than_is_open(world: World, amount: str) -> None:
    with pytest.raises(Stop, match=r"119\.00 EUR is open"):
        ask(world, amount)


def test_what_was_paid_meanwhile_is_not_written_off(world: World) -> None:
    ask(world)
    world.bank(movement("t1", "100.00", remittance="INV-1001"))
    world.settle()
    with pytest.raises(Stop, match=r"19\.00 EUR is open"):
        approve(world)
    write_off.refuse(world.database, "INV-1001", "ben", world.now)
    ask(world)
    approve(world)
    assert world.balances()["Expenses:BadDebt EUR"] == "19.00"


def test_what_is_paid_after_all_is_owed_again_first(world: World) -> None:
    ask(world)
    approve(world)
    world.bank(movement("t1", "119.00", remittance="INV-1001"))
    world.settle()
    assert world.suspense() == 119
    write_off.ask_back(world.database, "INV-1001", "paid", "anna", world.now)
    approve(world)
    assert world.states() == {"INV-1001": ("posted", 0)}
    world.settle()
    assert world.states() == {"INV-1001": ("paid", 119)}
    assert world.balances() == {"Assets:Bank:Bank EUR": "119.00"}
    with pytest.raises(Stop, match="Nothing of INV-1001 is written off"):
        write_off.ask_back(world.database, "INV-1001", "again", "anna", world.now)


@pytest.mark.parametrize(("paid", "state"), [("118.00", "paid"), ("117.99", "part_paid")])
def test_a_small_difference_needs_nobody(world: World, paid: str, state: str) -> None:
    world.bank(movement("t1", paid, remittance="INV-1001"))
    for _ in range(2):
        settle(
            world.database,
            ["bank"],
            world.today,
            world.now,
            lambda _: None,
            small_difference=Decimal("1.00"),
        )
    assert world.states()["INV-1001"][0] == state
    expected = {"Expenses:SmallDifferences EUR": "1.00"} if state == "paid" else {}
    found = {key: amount for key, amount in world.balances().items() if "Small" in key}
    assert found == expected


def test_what_nobody_paid_at_all_is_no_small_difference(world: World) -> None:
    world.invoice("INV-1002", "0.50")
    with world.database.write() as connection:
        given = (connection, Decimal("1.00"), world.today, NOON)
        assert write_off.write_off_small(*given) == []
    world.bank(movement("t1", "0.30", remittance="INV-1002"))
    world.settle()
    with world.database.write() as connection:
        assert write_off.write_off_small(connection, Decimal("1.00"), world.today, NOON) == [
            ("INV-1002", Money(20, "EUR"))
        ]
