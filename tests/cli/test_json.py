"""`--json`: one document on stdout that another program can rely on."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]

READING = [
    "status",
    "quarantine",
    "check",
    "profit 2026-Q3",
    "balance 1003 --on 2026-08-31",
    "profit 2026-09 --by client",
    "advise",
    "advise AG-1001",
    "advise --back-test",
    "bill",
    "bill list",
    "bill review 2026-09",
    "bill holes",
    "cash",
    "cash show",
    "explain booking TE-90001",
    "explain invoice INV-2026-0001",
    "explain invoice INV-2026-0036 6",
    "mapping check mappings/psa.toml",
    "plugin list",
    "plugin show files",
]
DOING = [
    "sync",
    "bill propose 2026-09",
    "bill review 2026-09",
    "bill approve 2026-09 --as vera",
    "bill issue 2026-09",
    "bill post",
    "cash collect",
    "cash settle",
    "run 2026-09",
    "db upgrade",
]
MONEY = {"net", "tax", "gross", "settled", "amount", "revenue", "effort_cost", "margin"}
MONEY |= {
    "unit_price",
    "due",
    "collecting",
    "reopened",
    "credit",
    "paid",
    "suspense",
    "open",
    "price",
}
DATES = {"issued_on", "due_on", "booked_on", "work_date", "service_month", "start", "end"}


def no_float(text: str) -> None:
    raise AssertionError(f"{text} is a float")


def members(document: Any) -> Iterator[tuple[str, Any]]:
    """Every key with its value, at every depth."""
    if isinstance(document, dict):
        for key, value in document.items():
            yield key, value
            yield from members(value)
    if isinstance(document, list):
        for one in document:
            yield from members(one)


def is_money(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == {"amount", "currency"}
        and Decimal(value["amount"]).is_finite()
        and re.fullmatch("[A-Z]{3}", value["currency"]) is not None
    )


def assert_reliable(text: str) -> Any:
    document = json.loads(text, parse_float=no_float)
    assert isinstance(document, dict | list)
    for key, value in members(document):
        assert re.fullmatch(r"[a-z][a-z0-9_]*", key), key
        assert "minor" not in key
        if key in MONEY and isinstance(value, dict) and "amount" in value:
            assert is_money(value), (key, value)
        elif key in MONEY - {"amount"}:
            assert not isinstance(value, str), (key, value)
        if key in DATES and value is not None and not isinstance(value, dict):
            date.fromisoformat(value)
    return document


@pytest.mark.parametrize("words", READING)
def test_reading_commands(words: str, run: Run, finished: Path) -> None:
    done = run(*words.split(), "--json", at=finished)
    assert (done.code, done.err) == (0, "")
    assert_reliable(done.out)


def test_commands_that_change_something(run: Run, quarter: Path) -> None:
    raise_price(quarter)
    for words in DOING:
        done = run(*words.split(), "--json", at=quarter)
        assert (done.code, done.err) == (0, ""), words
        assert assert_reliable(done.out), words


def raise_price(folder: Path) -> None:
    config = folder / "tallystick.toml"
    text = config.read_text(encoding="utf-8")
    assert 'hourly = "98.00"' in text
    config.write_text(text.replace('hourly = "98.00"', 'hourly = "99.00"'), encoding="utf-8")


def test_the_documents_hold_what_the_tables_show(run: Run, finished: Path) -> None:
    invoices = assert_reliable(run("bill", "--json", at=finished).out)
    assert len(invoices) == len(list((finished / "invoices").glob("*.txt"))) > 30
    euros = sum(
        Decimal(one["gross"]["amount"]) for one in invoices if one["gross"]["currency"] == "EUR"
    )
    assert f"{euros:,} EUR" in run("bill", at=finished).out
    [line] = assert_reliable(
        run("explain", "invoice", "INV-2026-0036", "6", "--json", at=finished).out
    )["lines"]
    assert line["net"] == {"amount": "295.00", "currency": "EUR"}
    cash = assert_reliable(run("cash", "--json", at=finished).out)
    assert [one["books_agree"] for one in cash["currencies"]] == [True, True]
    assert cash["suspended"][0]["amount"] == {"amount": "149.00", "currency": "EUR"}


def test_the_demo_prints_one_document_too(run: Run, quarter: Path) -> None:
    done = run("demo", str(quarter), "--json", at=quarter)
    assert done.code == 0
    assert assert_reliable(done.out)["changes"] == 0


@pytest.mark.parametrize(
    "words",
    ["bill propose September", "explain invoice X-1", "explain booking X-1", "sync nowhere"],
)
def test_a_failure_is_a_sentence_beside_an_empty_result(
    words: str, run: Run, finished: Path
) -> None:
    done = run(*words.split(), "--json", at=finished)
    assert (done.code, done.out) == (1, "")
    assert len(done.err.splitlines()) == 1
