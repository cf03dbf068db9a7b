"""The demo's quarter, judged by others: bean-check, the XSD, plain SQL and fractions."""

from __future__ import annotations

import csv
import shutil
import sqlite3
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from beancount import loader  # type: ignore[import-untyped] # it ships no type hints
from beancount.core.data import Transaction  # type: ignore[import-untyped] # likewise
from lxml import etree

from tallystick.cli.screen import Screen
from tallystick.demo.quarter import play
from tallystick.engine.installation import open_installation
from tallystick.period import parse_period
from tallystick.views.profit import profit

Books = Callable[[Path], dict[str, object]]


def ask(folder: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(folder / "tallystick.db")) as database:
        return database.execute(query).fetchall()


def test_bean_check_accepts_the_books(quarter: Path) -> None:
    judge = Path(sys.executable).with_name("bean-check")
    books = quarter / "books" / "books.beancount"
    done = subprocess.run([judge, books], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_bean_check_would_notice_a_cent(quarter: Path, tmp_path: Path) -> None:
    text = (quarter / "books" / "books.beancount").read_text()
    broken = tmp_path / "broken.beancount"
    broken.write_text(text.replace("4836.76 EUR", "4836.77 EUR", 1))
    judge = Path(sys.executable).with_name("bean-check")
    assert subprocess.run([judge, broken], capture_output=True, check=False).returncode != 0


def test_hledger_accepts_the_books_where_it_is_installed(quarter: Path) -> None:
    if (judge := shutil.which("hledger")) is None:
        pytest.skip("hledger is a Debian package; bean-check judges the same entries")
    books = quarter / "books" / "books.journal"
    done = subprocess.run(
        [judge, "-f", books, "check"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_every_entry_of_the_journal_balances(quarter: Path) -> None:
    query = "SELECT entry FROM posting GROUP BY entry, currency HAVING sum(amount_minor) <> 0"
    assert ask(quarter, query) == []


def test_accounting_has_the_same_balances_as_the_journal(quarter: Path) -> None:
    ours = {
        (account, currency): Fraction(minor, 100)
        for account, currency, minor in ask(
            quarter,
            "SELECT account, currency, sum(amount_minor) FROM posting GROUP BY account, currency",
        )
        if minor
    }
    entries, errors, _ = loader.load_file(str(quarter / "books" / "books.beancount"))
    assert errors == []
    theirs: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for one in entries:
        for posting in one.postings if isinstance(one, Transaction) else ():
            account = posting.account
            if account.startswith("Assets:Receivable:"):
                account = "Assets:Receivable"
            theirs[account, posting.units.currency] += Fraction(posting.units.number)
    assert {key: value for key, value in theirs.items() if value} == ours


def test_every_direct_debit_file_is_valid(quarter: Path, shared: Path) -> None:
    schema = etree.XMLSchema(etree.parse(shared / "specs/sepa/pain.008.001.08.xsd"))
    files = sorted((quarter / "debit").glob("*.xml"))
    assert len(files) >= 3
    for file in files:
        schema.assertValid(etree.parse(file))


def test_invoice_numbers_have_no_gap(quarter: Path) -> None:
    numbers = [row[0] for row in ask(quarter, "SELECT number FROM invoice ORDER BY number")]
    assert numbers == [f"INV-2026-{n:04}" for n in range(1, len(numbers) + 1)]


def test_invoices_are_the_sum_of_their_charges_and_tax(quarter: Path) -> None:
    rows = ask(
        quarter,
        """SELECT number, net_minor, tax_minor, gross_minor,
            (SELECT sum(amount_minor) FROM charge WHERE invoice = number),
            (SELECT sum(net_minor) FROM invoice_line WHERE invoice = number) FROM invoice""",
    )
    assert all(net == charges == lines for _, net, _, _, charges, lines in rows)
    assert all(gross == net + tax for _, net, tax, gross, _, _ in rows)


def test_the_returned_debit_reopened_its_invoice_once(quarter: Path) -> None:
    [(invoice, parts, settled, gross)] = ask(
        quarter,
        """SELECT settlement.invoice, count(*), sum(amount_minor), gross_minor FROM settlement
           JOIN invoice ON number = settlement.invoice
           WHERE settlement.invoice IN (SELECT invoice FROM settlement WHERE kind = 'return')
           GROUP BY settlement.invoice""",
    )
    assert (parts, settled) == (3, gross), f"{invoice}: paid, returned, paid again"


def test_profit_ties_to_the_journal_and_to_the_exported_time(quarter: Path) -> None:
    with open_installation(quarter / "tallystick.toml") as installation:
        found = profit(
            installation.database,
            installation.cells,
            parse_period("2026-Q3"),
            "contract",
        )
    journal = dict(
        ask(
            quarter,
            """SELECT currency, -sum(amount_minor) FROM posting
               WHERE account LIKE 'Income:%' AND account <> 'Income:ExchangeDifferences'
               GROUP BY currency""",
        )
    )
    assert {row.revenue.currency: row.revenue.minor for row in found.totals} == journal
    assert sum(row.seconds for row in found.rows) == exported_seconds(quarter)
    euros = next(row for row in found.totals if row.revenue.currency == "EUR")
    assert abs(euros.effort_cost.amount - own_cost(quarter, "CHF")) < Decimal("15.00")


def entries(folder: Path) -> list[dict[str, str]]:
    with (folder / "exports/psa/time_entries.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def seconds(row: dict[str, str]) -> int:
    worked = datetime.fromisoformat(row["End"]) - datetime.fromisoformat(row["Start"])
    return int(worked.total_seconds())


def exported_seconds(folder: Path) -> int:
    return sum(map(seconds, entries(folder)))


def own_cost(folder: Path, without: str) -> Decimal:
    """Cost of all time but that of clients with agreements in currency `without`, unrounded."""
    with (folder / "exports/psa/cost_rates.csv").open(newline="") as file:
        rates = sorted(csv.DictReader(file), key=lambda row: row["Valid From"])
    with (folder / "exports/psa/agreements.csv").open(newline="") as file:
        left_out = {
            row["Customer Id"] for row in csv.DictReader(file) if row["Currency"] == without
        }
    cost = Fraction(0)
    for row in entries(folder):
        if row["Customer Id"] not in left_out:
            known = [
                rate
                for rate in rates
                if rate["Technician Id"] == row["Technician Id"]
                and rate["Valid From"] <= row["Start"][:10]
            ]
            cost += Fraction(known[-1]["Cost per Hour"]) * seconds(row) / 3600
    return Decimal(round(cost * 100)) / 100


def test_playing_it_again_changes_nothing(quarter: Path, books: Books) -> None:
    before = books(quarter)
    assert play(quarter, Screen(as_json=True), lambda _: None).changes == 0
    assert books(quarter) == before
