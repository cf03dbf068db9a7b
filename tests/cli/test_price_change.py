"""A price changed after the fact: the difference as corrections, readable and complete."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

Run = Callable[..., Any]


def dearer(folder: Path) -> dict[tuple[str, str], tuple[Decimal, int]]:
    """By client and invoice, what the hours billed at 98.00 would come to more at 99.00, and how
    many charges that are: from the stored charges alone, each rounded to the cent."""
    query = """SELECT client, invoice, quantity FROM charge JOIN invoice ON number = invoice
        WHERE unit_price = '98.00' AND charge.currency = 'EUR' AND charge.corrects = '[]'"""
    found: dict[tuple[str, str], tuple[Decimal, int]] = defaultdict(lambda: (Decimal(0), 0))
    with closing(sqlite3.connect(folder / "tallystick.db")) as database:
        for client, invoice, hours in database.execute(query):
            more, count = found[client, invoice]
            found[client, invoice] = (more + Decimal(hours), count + 1)
    return dict(found)


def test_the_difference_is_billed_as_corrections_of_the_invoices_it_corrects(
    run: Run, quarter: Path
) -> None:
    expected = dearer(quarter)
    assert len(expected) > 5
    config = quarter / "tallystick.toml"
    config.write_text(config.read_text().replace('hourly = "98.00"', 'hourly = "99.00"'))
    run("bill", "propose", "2026-09", at=quarter)
    found: dict[tuple[str, str], tuple[Decimal, int]] = defaultdict(lambda: (Decimal(0), 0))
    proposals = json.loads(run("bill", "review", "2026-09", "--json", at=quarter).out)
    for proposal in proposals:
        for line in proposal["lines"]:
            [invoice] = line["corrects"]
            more, count = found[proposal["client"], invoice]
            added = more + Decimal(line["net"]["amount"]), count + len(line["charges"])
            found[proposal["client"], invoice] = added
    assert dict(found) == expected
    shown = run("bill", "review", "2026-09", at=quarter).out
    assert sum(count for _, count in expected.values()) > 100
    assert len(shown.splitlines()) < 60
    for _, invoice in expected:
        assert f"on {invoice}" in shown


def test_the_corrections_go_through_to_the_books_and_are_done(run: Run, quarter: Path) -> None:
    config = quarter / "tallystick.toml"
    config.write_text(config.read_text().replace('hourly = "98.00"', 'hourly = "99.00"'))
    known = issued(quarter)
    for words in ("propose 2026-09", "approve 2026-09 --as vera", "issue 2026-09", "post"):
        assert run("bill", *words.split(), at=quarter).code == 0
    fresh = {number: (says, of) for number, says, of in issued(quarter) - known}
    assert len(fresh) > 2
    assert {says for says, _ in fresh.values()} == {"berichtigt", "corrects"}
    accounts = (quarter / "books" / "books.beancount").read_text()
    for number, (says, corrected) in fresh.items():
        document = (quarter / "invoices" / f"{number}.txt").read_text()
        assert f"{says} {corrected}" in document
        assert number in accounts
        story = run("explain", "invoice", number, "1", at=quarter).out
        assert "all: rate card standard: 99.00/h for any work" in story
        assert story.count("rate card standard") == 1
    again = json.loads(run("bill", "propose", "2026-09", "--json", at=quarter).out)
    assert (again["proposed"], again["unchanged"]) == ([], [])


def issued(folder: Path) -> set[tuple[str, str, str]]:
    """Each invoice with how its client's language says that it corrects, and what its first line
    corrects."""
    query = """SELECT number, language,
        coalesce(json_extract(invoice_line.corrects, '$[0]'), '')
        FROM invoice JOIN invoice_line ON invoice_line.invoice = number AND position = 1
        JOIN client ON connection || ':' || client.id = invoice.client"""
    says = {"de": "berichtigt", "fr": "rectifie", "en": "corrects"}
    with closing(sqlite3.connect(folder / "tallystick.db")) as database:
        return {
            (number, says[language[:2]], corrects)
            for number, language, corrects in database.execute(query)
        }
