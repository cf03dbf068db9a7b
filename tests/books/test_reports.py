"""Trial balance, ageing, deferred revenue and export tie to one another and to the invoices."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from beancount import loader
from hypothesis import given
from hypothesis import strategies as st
from tests.cycle.msp import Msp
from tests.cycle.told import booking, client, contract, fixed, hourly, prepaid

from tallystick.books.accounts import OURS, chart
from tallystick.books.ageing import BUCKETS, OpenInvoice, ageing, bucket, totals
from tallystick.books.entries import Entry, Posting
from tallystick.books.plain_text import export
from tallystick.errors import Stop
from tallystick.money import Money
from tallystick.period import month, parse_period
from tallystick.store.books.schema import entry
from tallystick.views import books

DAY = date(2026, 9, 30)
texts = st.text(max_size=12)


@pytest.fixture
def billed(msp: Msp) -> Msp:
    """A quarter with a fee, a block of hours and a contract in francs."""
    msp.tell(client(), contract(), fixed(), prepaid(rollover_periods=1))
    msp.tell(client("K2"), contract("C2", "K2", currency="CHF"), fixed("L2", "C2", price="55.55"))
    for number in (7, 8, 9):
        msp.tell(booking(str(number), day=date(2026, number, 10), seconds=3 * 3600))
        msp.bill(month(2026, number))
        msp.recognise(month(2026, number))
    return msp


def test_every_currency_sums_to_zero(billed: Msp) -> None:
    found = books.trial_balance(billed.database, None)
    assert found.sums == {"CHF": Money(0, "CHF"), "EUR": Money(0, "EUR")}
    by_account = {(one.account, one.balance.currency): one.balance for one in found.balances}
    assert by_account["Income:Fixed", "CHF"] == Money(-3 * 5555, "CHF")
    before = books.trial_balance(billed.database, date(2026, 9, 30))
    assert before.balances == []


def test_work_is_revenue_of_the_month_it_was_done_in(msp: Msp) -> None:
    """Hours of two months on one line of the invoice are not spread over both."""
    msp.tell(client(), contract(), hourly())
    msp.tell(booking("1", day=date(2026, 7, 31), seconds=7200), booking("2", day=date(2026, 8, 1)))
    [number] = msp.bill(month(2026, 8))
    assert len(msp.lines(number)) == 1
    assert msp.balance("Income:Time", service_month=date(2026, 7, 1)) == -190
    assert msp.balance("Income:Time", service_month=date(2026, 8, 1)) == -95


def test_ageing_ties_to_the_receivable(billed: Msp) -> None:
    found = books.ageing(billed.database, date(2026, 10, 15))
    assert found.ties
    assert [(row.client, str(row.total)) for row in found.rows] == [
        ("psa:K2", "198.30 CHF"),
        ("psa:K1", "3,213.00 EUR"),
    ]
    assert {row.buckets[0] for row in found.rows} == {row.total for row in found.rows}
    later = books.ageing(billed.database, date(2026, 10, 16))
    assert {row.buckets[1] for row in later.rows} == {row.total for row in found.rows}
    assert books.ageing(billed.database, date(2026, 9, 30)).rows == []


def test_deferred_revenue_rolls_forward(billed: Msp) -> None:
    found = books.deferred(billed.database, parse_period("2026-10"))
    assert found.ties
    [row] = found.rows
    assert [str(one) for one in (row.opening, row.billed, row.credited)] == [
        "0.00 EUR",
        "2,400.00 EUR",
        "0.00 EUR",
    ]
    assert row.closing == row.billed - row.recognised
    assert -billed.balance("Liabilities:Deferred") == row.closing.amount
    assert found.totals[0].closing == row.closing
    after = books.deferred(billed.database, parse_period("2026-11"))
    assert (after.rows[0].opening, after.rows[0].billed.minor) == (row.closing, 0)


def test_what_ties_to_nothing_is_said(billed: Msp) -> None:
    with billed.database.write() as connection:
        connection.exec_driver_sql(
            "UPDATE posting SET amount_minor = amount_minor + 1 "
            "WHERE account IN ('Assets:Receivable', 'Liabilities:Deferred')"
        )
    assert not books.ageing(billed.database, date(2026, 10, 15)).ties
    assert not books.deferred(billed.database, parse_period("2026-10")).ties


@pytest.mark.parametrize(
    ("days_late", "expected"),
    [(-9, 0), (0, 0), (1, 1), (30, 1), (31, 2), (60, 2), (61, 3), (90, 3), (91, 4), (900, 4)],
)
def test_the_edges_of_the_buckets(days_late: int, expected: int) -> None:
    due_on = DAY - timedelta(days=days_late)
    assert bucket(OpenInvoice("1", "K", due_on, Money(1, "EUR")), DAY) == BUCKETS[expected]
    assert bucket(OpenInvoice("1", "K", due_on, Money(-1, "EUR")), DAY) == "credit"


opens = st.builds(
    OpenInvoice,
    st.just("1"),
    st.sampled_from("ABC"),
    st.dates(date(2026, 1, 1), date(2027, 1, 1)),
    st.builds(Money, st.integers(-999, 999), st.sampled_from(["EUR", "JPY"])),
)


@given(st.lists(opens, max_size=12))
def test_ageing_loses_nothing(found: list[OpenInvoice]) -> None:
    rows = ageing(found, DAY)
    for currency in ("EUR", "JPY"):
        whole = sum(one.open.minor for one in found if one.open.currency == currency)
        own = [row.total.minor for row in rows if row.total.currency == currency]
        assert sum(own) == whole
        summed = [row.total.minor for row in totals(rows) if row.total.currency == currency]
        assert sum(summed) == whole


def text_of(msp: Msp, into: str, names: dict[str, str] | None = None) -> str:
    named = chart(names or {}, {"standard": "Liabilities:1776"}, {}, {}, {})
    return "".join(books.exported(msp.database, into, named, None))  # type: ignore[arg-type]  # one of the three


def test_bean_check_accepts_the_export(billed: Msp, tmp_path: Path) -> None:
    file = tmp_path / "journal.beancount"
    file.write_text(text_of(billed, "beancount", {"fixed": "Income:8400-Fees"}), encoding="utf-8")
    judge = Path(sys.executable).with_name("bean-check")
    done = subprocess.run([judge, file], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    loaded, errors, _ = loader.load_file(str(file))
    assert errors == []
    accounts = {leg.account for one in loaded for leg in getattr(one, "postings", ())}
    assert {"Income:8400-Fees", "Liabilities:1776"} <= accounts
    assert "Income:Fixed" not in accounts


def test_hledger_text_says_the_same(billed: Msp) -> None:
    text = text_of(billed, "hledger")
    assert text.startswith("decimal-mark .")
    assert text.count("\n2026-10-01 * (") == len(billed.rows(entry))
    assert text.count("account Assets:Receivable\n") == 1


def test_csv_has_a_row_per_posting(billed: Msp) -> None:
    rows = list(csv.DictReader(io.StringIO(text_of(billed, "csv"))))
    assert sum(Decimal(row["amount"]) for row in rows) == 0
    assert {row["account"] for row in rows} >= {"Assets:Receivable", "Liabilities:1776"}
    assert {row["service_month"] for row in rows} > {"", "2026-07-01"}


@given(texts, texts, texts)
def test_no_text_of_a_stranger_leaves_its_place(source: str, said: str, name: str) -> None:
    one = Money(100, "EUR")
    postings = (Posting("Assets:Receivable", one, name), Posting("Income:Fixed", -one, name))
    entries = [(1, Entry(source, DAY, said, postings))]
    beans, errors, _ = loader.load_string("".join(export(entries, "beancount", OURS)))
    assert errors == []
    assert len(beans) == 3
    hledger = "".join(export(entries, "hledger", OURS))
    assert len(hledger.splitlines()) == 2 + 3 + 1 + 2 + 4 + 1
    rows = list(csv.reader(io.StringIO("".join(export(entries, "csv", OURS)), newline="")))
    assert len(rows) == 3
    assert rows[1][9].lstrip("'") == name.lstrip("'")
    assert not rows[1][9].startswith(("=", "+", "-", "@", "\t", "\r"))


def test_an_account_no_syntax_can_spell_is_a_sentence(billed: Msp) -> None:
    with pytest.raises(Stop, match="'8400' is not an account name"):
        text_of(billed, "beancount", {"fixed": "8400"})
    assert '"8400"' in text_of(billed, "csv", {"fixed": "8400"})
