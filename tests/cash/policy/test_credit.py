"""Credit pays first, once, and the books agree whatever comes in which order."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from tests.cash.outside import Accounting, Vendor
from tests.cash.world import NOON, TODAY, World, copy_of, laid, movement

from tallystick.cash.repaying.credit import Credited, spend_credit
from tallystick.cash.repaying.refunds import ask, refuse
from tallystick.cash.settling.booking import TURN
from tallystick.cash.telling.post_payments import post_payments
from tallystick.errors import Stop
from tallystick.money import Money
from tallystick.store.billing.schema import invoice
from tallystick.store.books.schema import entry
from tallystick.store.cash.collection_schema import attempt
from tallystick.store.database import Database
from tallystick.store.turn import take_turn


def eur(amount: str) -> Money:
    return Money.exact(amount, "EUR")


def spend(world: World, spared: Collection[str] = ()) -> Credited:
    with world.database.write() as connection:
        take_turn(connection, TURN)
        return spend_credit(connection, spared, TODAY, NOON)


def agrees(world: World) -> None:
    assert all(one.ties for one in world.overview().currencies), world.overview().currencies
    assert world.balances().get("Assets:SetOff EUR") is None


def test_a_credit_note_pays_the_oldest_invoice_first_and_once(database: Database) -> None:
    world = World(database)
    world.invoice("CN-4", "-150.00")
    world.invoice("INV-1", "80.00")
    world.invoice("INV-2", "200.00")
    world.invoice("INV-3", "200.00", client="1002")
    assert spend(world).set_off == [("CN-4", "INV-1", eur("80")), ("CN-4", "INV-2", eur("70"))]
    assert spend(world) == Credited()
    assert world.states() == {
        "CN-4": ("paid", Decimal("-150.00")),
        "INV-1": ("paid", Decimal("80.00")),
        "INV-2": ("part_paid", Decimal("70.00")),
        "INV-3": ("posted", Decimal("0.00")),
    }
    agrees(world)
    assert world.balances() == {"Assets:Receivable EUR": "330.00"}
    with database.read() as connection:
        said = list(connection.execute(select(entry.c.narration).order_by(entry.c.id)).scalars())
    assert said[-1] == "Set-off of CN-4 by psa:1001"


def test_what_is_held_unposted_under_way_or_foreign_is_left_alone(database: Database) -> None:
    world = World(database)
    world.invoice("CN-1", "-10.00")
    world.invoice("INV-1", "80.00")
    world.invoice("INV-2", "80.00", state="issued")
    world.invoice("INV-3", "80.00", state="collecting")
    world.invoice("INV-4", "80.00", currency="USD")
    assert spend(world, {"INV-1"}) == Credited()
    assert spend(world, {"psa:1001"}) == Credited()
    assert spend(world).set_off == [("CN-1", "INV-1", eur("10"))]


def test_what_is_being_given_back_is_not_spent_as_well(database: Database) -> None:
    world = World(database)
    world.mandate()
    world.invoice("INV-1", "119.00")
    world.collect(Vendor())
    world.bank(movement("t1", "119.00", end_to_end_id="INV-1-1"))
    world.settle()
    world.invoice("CN-11", "-19.00")
    world.invoice("INV-2", "50.00")
    given = ("INV-1", Decimal("19.00"), "goodwill", "anna", ["debits"], world.now, "CN-11")
    asked = ask(database, *given)
    assert spend(world) == Credited()
    refuse(database, asked.key, "anna", world.now)
    assert spend(world).set_off == [("CN-11", "INV-2", eur("19"))]
    with pytest.raises(Stop, match="is open and not on its way back, less than"):
        ask(database, *given)


def test_an_invoice_in_dispute_is_not_paid_by_credit(database: Database) -> None:
    world = World(database)
    world.mandate()
    world.invoice("INV-1", "119.00")
    world.collect(Vendor())
    world.invoice("CN-11", "-19.00")
    with database.write() as connection:
        connection.execute(update(attempt).values(state="disputed"))
        connection.execute(
            update(invoice).where(invoice.c.number == "INV-1").values(state="reopened")
        )
    assert spend(world) == Credited()


def test_two_at_a_time_spend_a_credit_once(database: Database) -> None:
    world = World(database)
    world.invoice("CN-11", "-100.00")
    for n in range(1, 6):
        world.invoice(f"INV-{n}", "80.00")
    found: list[Credited] = []
    spenders = [Thread(target=lambda: found.append(spend(world))) for _ in range(4)]
    for one in spenders:
        one.start()
    for one in spenders:
        one.join()
    pairs = [pair for one in found for pair in one.set_off]
    assert pairs == [("CN-11", "INV-1", eur("80")), ("CN-11", "INV-2", eur("20"))]
    agrees(world)


def test_a_credit_note_without_an_open_invoice_is_still_paid_back(database: Database) -> None:
    world = World(database)
    world.invoice("CN-11", "-10.00")
    assert spend(world) == Credited()
    world.bank(movement("t1", "-10.00", remittance="CN-11"))
    world.settle()
    assert world.states()["CN-11"] == ("paid", Decimal("-10.00"))
    world.must_hold()


def test_the_same_pair_is_set_off_again_when_a_payment_went_back(database: Database) -> None:
    world = World(database)
    world.invoice("CN-11", "-100.00")
    world.invoice("INV-1", "80.00")
    world.bank(movement("t1", "60.00", remittance="INV-1"))
    world.settle()
    assert spend(world).set_off == [("CN-11", "INV-1", eur("20"))]
    world.bank(movement("t2", "-60.00", remittance="INV-1", returned=True))
    world.settle()
    assert world.states()["INV-1"] == ("reopened", Decimal("20.00"))
    assert spend(world).set_off == [("CN-11", "INV-1", eur("60"))]
    assert world.states()["CN-11"] == ("part_paid", Decimal("-80.00"))
    agrees(world)


def test_an_overpayment_pays_the_clients_next_invoice(database: Database) -> None:
    world = World(database)
    world.invoice("INV-1", "119.00")
    world.bank(movement("t1", "169.00", remittance="INV-1"))
    world.settle()
    assert world.suspense() == Decimal("50.00")
    assert spend(world).overpaid == []
    world.invoice("INV-2", "30.00", client="1002")
    assert spend(world).overpaid == []
    world.invoice("INV-3", "80.00")
    assert spend(world).overpaid == [("INV-3", eur("50"))]
    assert spend(world).overpaid == []
    assert world.suspense() == 0
    assert world.states()["INV-3"] == ("part_paid", Decimal("50.00"))
    world.must_hold()


def test_money_of_an_unknown_payer_stays_in_suspense(database: Database) -> None:
    world = World(database)
    world.invoice("INV-1", "119.00")
    world.bank(movement("t1", "50.00", remittance="hello"))
    world.settle()
    assert spend(world) == Credited()


def test_accounting_is_told_of_both_sides_and_its_account_ends_at_zero(database: Database) -> None:
    world, accounting = World(database), Accounting()
    world.invoice("CN-4", "-150.00")
    world.invoice("INV-1", "80.00")
    spend(world)
    report = post_payments(database, accounting, "books", world.now, lambda _: None)
    assert (report.confirmed, report.problems) == (2, [])
    told = [
        (one["invoice"], str(one["amount"]), one["account"]) for one in accounting.told.values()
    ]
    assert sorted(told) == [
        ("CN-4", "-80.00", "Assets:SetOff"),
        ("INV-1", "80.00", "Assets:SetOff"),
    ]


@pytest.fixture(scope="module")
def template() -> Iterator[Path]:
    with TemporaryDirectory() as folder:
        yield laid(Path(folder), lambda world: None)


AMOUNTS = st.integers(-300, 300).filter(bool)


@given(
    documents=st.lists(st.tuples(st.sampled_from(["1001", "1002"]), AMOUNTS), max_size=7),
    paid=st.lists(st.tuples(st.integers(0, 6), st.integers(1, 400)), max_size=4),
)
@settings(max_examples=25)
def test_no_credit_is_spent_twice_in_any_order(
    template: Path, documents: list[tuple[str, int]], paid: list[tuple[int, int]]
) -> None:
    with copy_of(template) as world:
        for n, (client, minor) in enumerate(documents):
            number = f"{'INV' if minor > 0 else 'CN'}-{n}"
            world.invoice(number, str(Money(minor, "EUR").amount), client=client)
            spend(world)
        for n, (which, minor) in enumerate(paid):
            amount = str(Money(minor, "EUR").amount)
            world.bank(movement(f"t{n}", amount, remittance=f"INV-{which}"))
            world.settle()
            spend(world)
        agrees(world)
        assert spend(world) == Credited()
        with world.database.read() as connection:
            left: dict[str, set[bool]] = {}
            for row in connection.execute(select(invoice)):
                assert 0 <= row.settled_minor / row.gross_minor <= 1
                if row.settled_minor != row.gross_minor:
                    left.setdefault(row.client, set()).add(row.gross_minor > 0)
        assert all(len(signs) == 1 for signs in left.values())
