"""What a payment provider did with money: payments with their fees, disputes, payouts."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tallystick.cash.settling.payouts import Provider, transfer_of
from tallystick.cash.telling.post_payments import post_payments
from tallystick.connector import CollectionRequest
from tallystick.records import BankTransaction
from tallystick.store.database import Database
from tallystick.store.facts.schema import FACTS

from .outside import Accounting
from .provider import Pay, moved
from .world import World, copy_of, laid, movement

KEY = "INV-0001-1"
PAID = moved("txn_1", "97.00", "2026-10-16", charges="3.00", end_to_end_id=KEY)
DISPUTED = moved(
    "txn_2",
    "-115.00",
    "2026-10-25",
    charges="15.00",
    end_to_end_id=KEY,
    returned=True,
    return_reason="fraudulent",
)
WON = moved("txn_3", "100.00", "2026-12-20", end_to_end_id=KEY, returned=True)
PAYOUT = moved("txn_4", "-97.00", "2026-10-20", payout="po_7654321")
ARRIVED = movement("b1", "97.00", 22, counterparty="PAY LTD", remittance="PO 7654321")


def charged(world: World) -> Pay:
    """An invoice collected by card, its payment on the way."""
    world.invoice("INV-0001", "100.00")
    world.card()
    pay = Pay(world.now)
    world.collect_through(pay.channel())
    assert world.attempts() == {KEY: "processing"}
    return pay


@pytest.fixture
def world(database: Database) -> World:
    made = World(database)
    charged(made)
    return made


def test_a_payment_is_found_by_its_key_and_its_fee_is_the_providers(world: World) -> None:
    world.bank(PAID, connection="pay")
    world.settle()
    assert (world.states()["INV-0001"][0], world.attempts()[KEY]) == ("paid", "succeeded")
    assert world.balances() == {"Assets:Bank:Pay EUR": "97.00", "Expenses:Fees EUR": "3.00"}


def test_what_a_provider_charges_by_the_month_is_a_fee_and_nothing_waits(world: World) -> None:
    world.bank(moved("txn_9", "-12.00", "2026-10-31", charges="12.00"), connection="pay")
    world.settle()
    assert world.overview().suspended == ()
    assert world.balances()["Expenses:Fees EUR"] == "12.00"


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_payout_and_its_arrival_meet_whichever_comes_first(
    world: World, order: tuple[int, ...]
) -> None:
    world.bank(PAID, connection="pay")
    world.settle()
    told = [(PAYOUT, "pay"), (ARRIVED, "bank")]
    for position, index in enumerate(order):
        record, connection = told[index]
        world.bank(record, connection=connection)
        world.settle()
        [under_way] = world.overview().on_the_way or [None]
        assert (under_way is None) == (position == 1)
        assert world.overview().suspended == ()
    assert world.balances() == {"Assets:Bank:Bank EUR": "97.00", "Expenses:Fees EUR": "3.00"}
    world.settle()
    assert world.balances() == {"Assets:Bank:Bank EUR": "97.00", "Expenses:Fees EUR": "3.00"}


def test_a_payout_the_bank_tells_only_by_its_number_leaves_suspense_once_it_is_known(
    world: World,
) -> None:
    world.bank(movement("b1", "97.00", 19, remittance="PO 7654321"))
    world.settle()
    assert [one.rule for one in world.overview().suspended] == ["unknown_payer"]
    world.bank(PAID, PAYOUT, connection="pay")
    assert world.settle().placed == 1
    assert (world.overview().suspended, world.overview().on_the_way) == ((), ())
    assert world.balances() == {"Assets:Bank:Bank EUR": "97.00", "Expenses:Fees EUR": "3.00"}


def test_a_return_of_what_was_paid_twice_that_is_taken_back_before_it_is_told_stays_in_suspense(
    world: World,
) -> None:
    world.bank(movement("b1", "100.00", 15, remittance="INV-0001"))
    world.settle()
    for record in (PAID, WON, DISPUTED):
        world.bank(record, connection="pay")
        world.settle()
    assert world.states()["INV-0001"][0] == "paid"
    assert "nothing_to_reinstate" in {one.rule for one in world.overview().suspended}
    before = world.balances()
    world.settle()
    assert world.balances() == before


def test_a_payout_in_another_currency_is_a_difference_and_no_suspense(world: World) -> None:
    dollars = {"currency": "USD", "counterparty": "PAY LTD"}
    world.bank(PAID, PAYOUT, connection="pay")
    world.bank(movement("b1", "104.10", 22, **dollars))
    world.settle()
    assert world.overview().suspended == ()
    under_way = [str(one.amount) for one in world.overview().on_the_way]
    assert under_way == ["97.00 EUR", "-104.10 USD"]


def test_a_payout_whose_bank_says_what_it_was_is_a_conversion(world: World) -> None:
    told = {"currency": "USD", "paid_amount": Decimal("97.00"), "paid_currency": "EUR"}
    world.bank(PAID, PAYOUT, connection="pay")
    world.bank(movement("b1", "104.10", 22, counterparty="PAY LTD", **told))
    world.settle()
    assert world.overview().on_the_way == ()
    assert world.balances()["Equity:Conversions:EUR-USD EUR"] == "97.00"
    books = Accounting()
    done = post_payments(world.database, books, "books", world.now, lambda _: None)
    assert not done.problems
    for raw in books.told.values():
        if "postings" in raw:
            assert sum(leg["amount"] for leg in raw["postings"]) == 0


def test_a_client_who_is_called_like_the_provider_pays_an_invoice() -> None:
    providers = {"pay": Provider("pay", frozenset({"pay"}), ["po_7654321"])}

    def found(named: list[str], **more: str) -> str | None:
        return transfer_of("bank", movement("b", "97.00", **more), named, providers)

    account = "Assets:Transfer:Pay"
    assert found([], counterparty="Pay Ltd") == account
    assert found(["INV-0001"], counterparty="Pay Ltd") is None
    assert found(["INV-0001"], remittance="PO-7654321 INV-0001") == account
    assert found([], counterparty="Payson AB", remittance="repay") is None
    assert transfer_of("pay", PAID, [], providers) is None
    assert transfer_of("pay", PAYOUT, [], providers) == account


def test_a_dispute_takes_the_money_and_holds_the_invoice_until_it_is_decided(world: World) -> None:
    pay = Pay(world.now)
    world.bank(PAID, connection="pay")
    world.settle()
    world.dispute("dp_1", KEY, "100.00", "open", reason="fraudulent")
    world.settle()
    assert (world.attempts()[KEY], world.states()["INV-0001"][0]) == ("disputed", "paid")
    world.bank(DISPUTED, connection="pay")
    world.settle()
    assert (world.attempts()[KEY], world.states()["INV-0001"][0]) == ("disputed", "reopened")
    assert "disputed" in str(world.collect_through(pay.channel()).held[0])
    world.dispute("dp_1", KEY, "100.00", "won", reason="fraudulent")
    world.settle()
    assert world.attempts()[KEY] == "disputed", "won, and the money is not back yet"
    assert world.collect_through(pay.channel()).held
    world.bank(WON, connection="pay")
    world.settle()
    assert (world.attempts()[KEY], world.states()["INV-0001"][0]) == ("succeeded", "paid")
    assert pay.charges == []
    assert world.balances() == {"Assets:Bank:Pay EUR": "82.00", "Expenses:Fees EUR": "18.00"}


def test_a_lost_dispute_is_a_payment_that_came_back_and_is_not_charged_again(
    world: World,
) -> None:
    pay = Pay(world.now)
    world.bank(PAID, DISPUTED, connection="pay")
    world.dispute("dp_1", KEY, "100.00", "lost", reason="fraudulent")
    world.settle()
    assert (world.attempts()[KEY], world.states()["INV-0001"][0]) == ("failed_late", "reopened")
    assert "fraudulent" in str(world.collect_through(pay.channel()).held[0])
    assert pay.charges == []


def test_a_dispute_of_another_connection_says_nothing_of_ours(world: World) -> None:
    world.bank(PAID, connection="pay")
    world.dispute("dp_1", KEY, "100.00", "open")
    with world.database.write() as connection:
        connection.execute(FACTS["dispute"].update().values(connection="evil"))
    world.settle()
    assert world.attempts()[KEY] == "succeeded"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return laid(tmp_path_factory.mktemp("template"), charged)


STORY = [(PAID, "pay"), (DISPUTED, "pay"), (WON, "pay"), (PAYOUT, "pay"), (ARRIVED, "bank")]


@settings(max_examples=15)
@given(st.permutations(STORY), st.lists(st.integers(0, 4), max_size=3))
def test_a_story_told_in_any_order_ends_the_same(
    template: Path, order: list[tuple[BankTransaction, str]], again: list[int]
) -> None:
    with copy_of(template) as world:
        for record, connection in [*order, *(STORY[index] for index in again)]:
            world.bank(record, connection=connection)
            world.settle()
        assert world.states()["INV-0001"][0] == "paid"
        assert world.attempts()[KEY] == "succeeded"
        assert world.overview().suspended == ()
        assert world.balances() == {
            "Assets:Bank:Pay EUR": "-15.00",
            "Assets:Bank:Bank EUR": "97.00",
            "Expenses:Fees EUR": "18.00",
        }


def test_each_request_of_a_provider_goes_alone_under_its_own_key(world: World) -> None:
    world.invoice("INV-0002", "50.00", currency="USD")
    pay = Pay(world.now)
    report = world.collect_through(pay.channel())
    assert report.batches == ["INV-0002-1"]
    [(key, body)] = pay.bodies
    assert (key, CollectionRequest.__name__) == ("INV-0002-1", "CollectionRequest")
    assert b'"payer_id":"cus_1001"' in body
