"""Payments in another currency, and the fees banks keep: the receivable closes to the cent."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tallystick.books.accounts import OURS
from tallystick.books.exchange import ExchangeRate
from tallystick.cash.telling.post_payments import post_payments
from tallystick.money import Money
from tallystick.store.database import Database
from tallystick.views.books import exported

from .outside import Accounting, Vendor
from .provider import Pay, moved
from .world import ZERO, World, movement

BOUGHT = {"charges": Decimal("5.00"), "paid_amount": Decimal("1000.00"), "paid_currency": "CHF"}
"""1,000.00 CHF bought at 1.0501 less 5.00 EUR: 1,045.10 EUR arrive."""
TABLE = [
    ExchangeRate("CHF", "EUR", Decimal("1.05"), date(2026, 10, 1)),
    ExchangeRate("CHF", "EUR", Decimal("1.20"), date(2026, 10, 2)),
]
"""The rate of the day of issue, and one that must not count."""
SETTLED = {
    "Assets:Bank:Bank EUR": "1045.10",
    "Expenses:Fees EUR": "5.00",
    "Income:ExchangeDifferences EUR": "-0.10",
    "Equity:Conversions:CHF-EUR EUR": "-1050.00",
    "Equity:Conversions:CHF-EUR CHF": "1000.00",
}


@pytest.fixture
def world(database: Database) -> World:
    made = World(database, rates=TABLE)
    made.mandate()
    made.invoice("INV-0001", "1000.00", currency="CHF")
    return made


def test_francs_paid_into_the_euro_account_close_the_invoice(world: World) -> None:
    world.bank(movement("t1", "1045.10", remittance="INV-0001", **BOUGHT))
    report = world.settle()
    assert report.settled == [("INV-0001", Money(100000, "CHF"))]
    assert (report.problems, world.states()["INV-0001"]) == ([], ("paid", Decimal("1000.00")))
    assert world.balances() == SETTLED
    before = world.everything()
    world.settle()
    assert world.everything() == before
    world.must_hold()


def test_without_a_rate_it_is_told_until_there_is_one(world: World) -> None:
    world.rates = [ExchangeRate("CHF", "EUR", Decimal("1.20"), date(2026, 10, 2))]
    world.bank(movement("t1", "1045.10", remittance="INV-0001", **BOUGHT))
    for _ in range(2):
        [problem] = world.settle().problems
        assert "no exchange rate from CHF to EUR is known for 2026-10-01" in str(problem)
    assert world.states()["INV-0001"][0] == "paid"
    assert world.balances()["Equity:Conversions:CHF-EUR EUR"] == "-1050.10"
    world.rates = TABLE
    assert world.settle().problems == []
    assert world.balances() == SETTLED


def test_a_corrected_rate_is_followed(world: World) -> None:
    world.rates = [ExchangeRate("EUR", "CHF", Decimal("0.94"))]
    world.bank(movement("t1", "1045.10", remittance="INV-0001", **BOUGHT))
    world.settle()
    assert world.balances()["Income:ExchangeDifferences EUR"] == "13.73"  # 1000 / 0.94 = 1063.83
    world.rates = TABLE
    world.settle()
    assert world.balances() == SETTLED


@pytest.mark.parametrize(
    ("amount", "told", "settled", "suspense", "fees"),
    [
        ("98.50", {"charges": Decimal("1.50")}, "100.00", "0", "1.50"),
        ("98.50", {}, "98.50", "0", "0"),
        ("128.50", {"charges": Decimal("1.50")}, "100.00", "30.00", "1.50"),
        ("98.50", {"paid_amount": Decimal("100.00"), "paid_currency": "EUR"}, "98.50", "0", "0"),
    ],
    ids=["told", "not told", "too much", "only what was sent is told"],
)
def test_a_fee_is_only_what_the_statement_says(
    world: World, amount: str, told: dict[str, Any], settled: str, suspense: str, fees: str
) -> None:
    world.invoice("INV-0002", "100.00")
    world.bank(movement("t1", amount, remittance="INV-0002", **told))
    world.settle()
    assert world.states()["INV-0002"][1] == Decimal(settled)
    assert world.suspense() == Decimal(suspense)
    assert Decimal(world.balances().get("Expenses:Fees EUR", "0")) == Decimal(fees)
    world.must_hold()


def test_a_charge_of_its_own_is_a_fee(world: World) -> None:
    world.bank(movement("t1", "-4.90", charges=Decimal("4.90"), remittance="account fees"))
    world.settle()
    assert (world.balances()["Expenses:Fees EUR"], world.suspense()) == ("4.90", ZERO)
    world.must_hold()


def test_a_euro_invoice_paid_from_francs_takes_the_euros(world: World) -> None:
    world.invoice("INV-0002", "1050.10")
    world.bank(movement("t1", "1045.10", remittance="INV-0002", **BOUGHT))
    world.settle()
    assert world.states()["INV-0002"][0] == "paid"
    assert world.balances() == {
        "Assets:Bank:Bank EUR": "1045.10",
        "Expenses:Fees EUR": "5.00",
        "Assets:Receivable CHF": "1000.00",
    }


def test_what_exceeds_the_invoice_waits_in_the_currency_that_came(world: World) -> None:
    world.invoice("INV-0002", "80.00", currency="CHF")
    told = {"paid_amount": Decimal("1100.00"), "paid_currency": "CHF"}
    world.bank(movement("t1", "1155.11", remittance="INV-0001 then INV-0003", **told))
    world.settle()
    assert (world.states()["INV-0001"][0], world.suspense()) == ("paid", Decimal("105.01"))
    world.must_hold()
    world.invoice("INV-0003", "90.00", currency="CHF")
    world.settle()
    assert (world.states()["INV-0003"][0], world.suspense()) == ("paid", Decimal("10.50"))
    assert world.balances()["Equity:Conversions:CHF-EUR CHF"] == "1090.00"
    assert world.balances()["Equity:Conversions:CHF-EUR EUR"] == "-1144.50"  # 1090 at 1.05
    world.must_hold()


def test_francs_that_came_before_their_invoice_are_placed(world: World) -> None:
    world.bank(movement("t1", "1045.10", remittance="INV-0007", **BOUGHT))
    world.settle()
    assert world.suspense() == Decimal("1050.10")
    world.invoice("INV-0007", "1000.00", currency="CHF")
    world.settle()
    assert (world.states()["INV-0007"][0], world.suspense()) == ("paid", ZERO)
    assert world.balances() == SETTLED | {"Assets:Receivable CHF": "1000.00"}


def transferred(world: World) -> None:
    world.bank(movement("t1", "1045.10", remittance="INV-0001", **BOUGHT))
    world.settle()


def sent_back(amount: str = "-1050.10", **more: Any) -> Any:
    told = {"paid_amount": Decimal("-1000.00"), "paid_currency": "CHF", "returned": True}
    return movement("t2", amount, 25, **(told | more))


def test_a_return_takes_all_of_it_back(world: World) -> None:
    transferred(world)
    assert world.balances() == SETTLED
    world.bank(sent_back(remittance="INV-0001"))
    report = world.settle()
    assert [(one[0], one[1]) for one in report.returned] == [("INV-0001", Money(-100000, "CHF"))]
    assert world.states()["INV-0001"] == ("reopened", ZERO)
    assert world.balances() == {
        "Assets:Bank:Bank EUR": "-5.00",
        "Expenses:Fees EUR": "5.00",
        "Assets:Receivable CHF": "1000.00",
    }
    world.must_hold()


def test_a_return_at_another_rate_leaves_the_loss(world: World) -> None:
    transferred(world)
    world.bank(sent_back("-1063.00", charges=Decimal("3.00"), remittance="INV-0001"))
    world.settle()
    assert world.balances() == {
        "Assets:Bank:Bank EUR": "-17.90",
        "Expenses:Fees EUR": "8.00",
        "Income:ExchangeDifferences EUR": "9.90",
        "Assets:Receivable CHF": "1000.00",
    }


def test_euros_collected_into_a_franc_account_come_back(world: World) -> None:
    world.invoice("INV-0002", "100.00")
    world.collect(Vendor())
    told = {"currency": "CHF", "paid_currency": "EUR", "end_to_end_id": "INV-0002-1"}
    there = {"paid_amount": Decimal("100.00"), "charges": Decimal("0.40")}
    world.bank(movement("t1", "93.60", **told, **there))
    world.settle()
    assert world.attempts() == {"INV-0002-1": "succeeded"}
    assert world.states()["INV-0002"][0] == "paid"
    back = {"paid_amount": Decimal("-103.00"), "returned": True, "return_reason": "MD06"}
    world.bank(movement("t2", "-97.00", 25, **told, **back))
    report = world.settle()
    assert report.returned == [("INV-0002", Money(-10000, "EUR"), "MD06")]
    assert world.rules()[-1] == ("suspense", "charges_of_return", None, "-2.83")
    assert world.balances() == {
        "Assets:Bank:Bank CHF": "-3.40",
        "Expenses:Fees CHF": "0.40",
        "Liabilities:Suspense CHF": "2.83",
        "Income:ExchangeDifferences CHF": "0.17",
        "Assets:Receivable EUR": "100.00",
        "Assets:Receivable CHF": "1000.00",
    }
    world.must_hold()


def test_a_return_that_comes_first_ends_the_same(world: World) -> None:
    world.bank(sent_back(remittance="INV-0001"))
    world.settle()
    assert world.suspense() == Decimal("-1050.10")
    world.bank(movement("t1", "1045.10", remittance="INV-0001", **BOUGHT))
    world.settle()
    assert (world.states()["INV-0001"], world.suspense()) == (("reopened", ZERO), ZERO)
    assert world.balances().keys() == {
        "Assets:Bank:Bank EUR",
        "Expenses:Fees EUR",
        "Assets:Receivable CHF",
    }
    world.must_hold()


def test_francs_won_back_before_their_return_was_told_are_francs(world: World) -> None:
    world.card()
    world.collect_through(Pay(world.now).channel())
    for ref, euros, francs in (
        ("t1", "940", "1000"),
        ("t2", "930", "1000"),
        ("t3", "-950", "-1000"),
    ):
        told = {"paid_amount": Decimal(francs), "paid_currency": "CHF", "returned": ref != "t1"}
        record = moved(ref, euros, "2026-10-20", end_to_end_id="INV-0001-1", **told)
        world.bank(record, connection="pay")
        world.settle()
    assert world.states()["INV-0001"] == ("paid", Decimal(1000))
    assert world.attempts() == {"INV-0001-1": "succeeded"}
    assert not {"Assets:Receivable CHF", "Assets:Receivable EUR"} & world.balances().keys()
    world.must_hold()


def test_a_movement_the_bank_corrects_takes_its_difference_along(world: World) -> None:
    told = {**BOUGHT, "charges": Decimal("6.00")}
    world.bank(movement("t1", "1045.10", remittance="INV-0001", version=1, **told))
    world.settle()
    world.rates = [ExchangeRate("CHF", "EUR", Decimal("1.04"))]
    world.bank(movement("t1", "1045.10", remittance="nothing we know", version=2))
    world.settle()
    assert world.states()["INV-0001"] == ("posted", ZERO)
    assert world.balances() == {
        "Assets:Bank:Bank EUR": "1045.10",
        "Liabilities:Suspense EUR": "-1045.10",
        "Assets:Receivable CHF": "1000.00",
    }
    world.bank(movement("t1", "1045.10", remittance="INV-0001", version=3, **BOUGHT))
    world.rates = TABLE
    world.settle()
    assert world.balances() == SETTLED
    world.must_hold()


def test_a_fee_the_bank_takes_back_is_followed(world: World) -> None:
    world.invoice("INV-0002", "100.00")
    told = {"remittance": "INV-0002", "version": 1, "charges": Decimal("1.50")}
    world.bank(movement("t1", "98.50", **told))
    world.settle()
    world.bank(movement("t1", "100.00", remittance="INV-0002", version=2))
    world.settle()
    assert world.states()["INV-0002"][0] == "paid"
    assert world.balances() == {
        "Assets:Bank:Bank EUR": "100.00",
        "Assets:Receivable CHF": "1000.00",
    }
    world.must_hold()


def test_money_that_moved_one_way_and_was_paid_the_other_is_told(world: World) -> None:
    told = {"paid_amount": Decimal("-1000.00"), "paid_currency": "CHF"}
    world.bank(movement("t1", "1045.10", remittance="INV-0001", **told))
    [problem] = world.settle().problems
    assert "-1,000.00 CHF were paid, but 1,045.10 EUR came of it" in str(problem)


def test_accounting_is_told_in_documents_of_one_currency(world: World) -> None:
    world.invoice("INV-0002", "100.00")
    world.bank(
        movement("t1", "1045.10", remittance="INV-0001", **BOUGHT),
        movement("t2", "98.50", 21, remittance="INV-0002", charges=Decimal("1.50")),
    )
    world.settle()
    sink = Accounting()
    for confirmed in (4, 0):
        report = post_payments(world.database, sink, "books", world.now, lambda _: None)
        assert (report.confirmed, report.problems) == (confirmed, [])
    francs, euros = sink.told["bank:bank:t1:1"], sink.told["bank:bank:t1:1:received"]
    assert (francs["amount"], francs["currency"]) == (Decimal("1000.00"), "CHF")
    assert francs["account"] == "Equity:Conversions:CHF-EUR"
    assert [(leg["account"], str(leg["amount"])) for leg in euros["postings"]] == [
        ("Equity:Conversions:CHF-EUR", "-1050.10"),
        ("Assets:Bank:Bank", "1045.10"),
        ("Expenses:Fees", "5.00"),
    ]
    assert sink.told["bank:bank:t2:1"]["amount"] == Decimal("100.00")
    fee = sink.told["bank:bank:t2:1:received"]
    assert [(leg["account"], str(leg["amount"])) for leg in fee["postings"]] == [
        ("Assets:Bank:Bank", "-1.50"),
        ("Expenses:Fees", "1.50"),
    ]


def test_bean_check_takes_all_of_it(world: World, tmp_path: Path) -> None:
    transferred(world)
    world.bank(sent_back("-1063.00", charges=Decimal("3.00"), remittance="INV-0001"))
    world.bank(movement("t3", "-4.90", 26, charges=Decimal("4.90")))
    world.settle()
    file = tmp_path / "journal.beancount"
    file.write_text("".join(exported(world.database, "beancount", OURS, None)), encoding="utf-8")
    judge = Path(sys.executable).with_name("bean-check")
    done = subprocess.run([judge, file], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert "Equity:Conversions:CHF-EUR" in file.read_text(encoding="utf-8")
