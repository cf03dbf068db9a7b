"""The journal as text that other programs read: beancount, hledger, CSV.

What strangers typed stays inert: it can neither end a line nor begin a directive, and a
spreadsheet takes it for text.

Syntax: https://beancount.github.io/docs/beancount_language_syntax.html and
https://hledger.org/1.25/hledger.html#journal-format; CSV as in RFC 4180, amounts in major units,
debit positive.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final, Literal

from tallystick.books.accounts import Chart
from tallystick.books.entries import Entry, Posting
from tallystick.csv_text import inert
from tallystick.errors import Stop

Format = Literal["beancount", "hledger", "csv"]
Numbered = tuple[int, Entry]

_ACCOUNT = re.compile(r"(?:Assets|Liabilities|Equity|Income|Expenses)(?::[A-Z0-9][A-Za-z0-9-]*)+")
_DIMENSIONS: Final = ("client", "contract", "line", "service_month", "reported_in")
_COLUMNS: Final = (
    *("entry", "booked_on", "belongs_on", "source", "narration", "position"),
    *("account", "amount", "currency", *_DIMENSIONS),
)
_IN_DESCRIPTION: Final = str.maketrans({";": ",", "|": "/"})
"""A semicolon would start a comment of hledger, a bar would end the payee."""
_IN_TAG: Final = str.maketrans({",": ";", "[": "(", "]": ")"})
"""A comma would end a tag of hledger, after which `date:` or a bracketed date moves the posting."""


def export(entries: Iterable[Numbered], into: Format, chart: Chart) -> Iterator[str]:
    """Pieces of the text, in order. Raises `Stop` for an account that beancount and hledger
    cannot spell."""
    return _WRITERS[into](entries, chart)


def _beancount(entries: Iterable[Numbered], chart: Chart) -> Iterator[str]:
    declared: set[str] = set()
    for number, one in entries:
        for name in _new(declared, one, chart):
            yield f"1970-01-01 open {name}\n"
        lines = [f"{one.booked_on} * {_quoted(one.narration)}"]
        lines += [f"  {name}: {_quoted(value)}" for name, value in _tags(number, one)]
        for leg in one.postings:
            lines.append(_leg(leg, chart))
            lines += [f"    {name}: {_quoted(value)}" for name, value in _dimensions(leg)]
        yield "\n".join(lines) + "\n\n"


def _hledger(entries: Iterable[Numbered], chart: Chart) -> Iterator[str]:
    yield "decimal-mark .\n\n"
    declared: set[str] = set()
    for number, one in entries:
        for name in _new(declared, one, chart):
            yield f"account {name}\n"
        for currency in {leg.amount.currency: None for leg in one.postings}:
            if currency not in declared:
                declared.add(currency)
                yield f"commodity {currency}\n"
        said = _inert(one.narration).translate(_IN_DESCRIPTION)
        lines = [f"{one.booked_on} * ({number}) {said}"]
        lines += [f"  ; {name}: {_tag(value)}" for name, value in _tags(number, one)]
        for leg in one.postings:
            lines.append(_leg(leg, chart))
            lines += [f"    ; {name}: {_tag(value)}" for name, value in _dimensions(leg)]
        yield "\n".join(lines) + "\n\n"


def _csv(entries: Iterable[Numbered], chart: Chart) -> Iterator[str]:
    yield ",".join(_COLUMNS) + "\r\n"
    for number, one in entries:
        for position, leg in enumerate(one.postings, 1):
            cells = (
                *(number, one.booked_on, one.belongs_on, _cell(one.source), _cell(one.narration)),
                *(position, _cell(chart(leg.account)), leg.amount.amount, leg.amount.currency),
                *(_cell(leg.client), _cell(leg.contract), _cell(leg.line)),
                *(leg.service_month, leg.reported_in),
            )
            yield ",".join("" if cell is None else str(cell) for cell in cells) + "\r\n"


_WRITERS: Final[dict[Format, Callable[[Iterable[Numbered], Chart], Iterator[str]]]] = {
    "beancount": _beancount,
    "hledger": _hledger,
    "csv": _csv,
}


def _new(declared: set[str], one: Entry, chart: Chart) -> Iterator[str]:
    """The accounts of an entry that were not declared before."""
    for leg in one.postings:
        name = chart(leg.account)
        if name in declared:
            continue
        if not _ACCOUNT.fullmatch(name):
            raise Stop(
                f"{name!r} is not an account name of beancount or hledger.",
                do="Write it in [accounts] like Income:8400-Managed: Assets, Liabilities, Equity, "
                "Income or Expenses, then parts that start with a capital or a digit. "
                "`--format csv` takes any name.",
            )
        declared.add(name)
        yield name


def _leg(leg: Posting, chart: Chart) -> str:
    return f"  {chart(leg.account):<44}  {leg.amount.amount:>16f} {leg.amount.currency}"


def _tags(number: int, one: Entry) -> Iterator[tuple[str, str]]:
    yield "entry", str(number)
    yield "source", one.source
    if one.belongs_on:
        yield "belongs_on", str(one.belongs_on)


def _dimensions(leg: Posting) -> Iterator[tuple[str, str]]:
    for name in _DIMENSIONS:
        if (value := getattr(leg, name)) is not None:
            yield name, f"{value:%Y-%m}" if name in ("service_month", "reported_in") else value


def _inert(text: str) -> str:
    """`text` with every character that does not print written visibly."""
    return "".join(one if one.isprintable() else f"\\u{{{ord(one):x}}}" for one in text)


def _quoted(text: str) -> str:
    return '"' + _inert(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _tag(value: str) -> str:
    return _inert(value).translate(_IN_TAG)


def _cell(text: str | None) -> str | None:
    """A text in quotes; one that a spreadsheet would compute begins with an apostrophe."""
    if text is None:
        return None
    return '"' + inert(text).replace('"', '""') + '"'
