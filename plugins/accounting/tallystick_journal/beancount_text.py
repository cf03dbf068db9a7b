"""One entry as beancount text, in one canonical layout, and back.

`entry_from(text_of(entry)) == entry`. Syntax: https://beancount.github.io/docs/beancount_language_syntax.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Final

from tallystick.errors import Stop
from tallystick_journal.entries import CUSTOM, TRANSACTION, Entry, Meta, Posting
from tallystick_journal.inert import inert, original

EPOCH: Final = date(1970, 1, 1)
"""Accounts and currencies are declared on this day, so no entry comes before them."""

QUOTED: Final = r'"(?:[^"\\]|\\.)*"'
_HEAD = re.compile(rf"(\d{{4}}-\d\d-\d\d) (\*|custom)((?: {QUOTED})+)(?: \^(\S+))?$")
_META = re.compile(rf"( {{2}}| {{4}})([a-z]+(?:_[a-z]+)*): (?:({QUOTED})|(\d{{4}}-\d\d-\d\d))$")
_DECLARATION = re.compile(rf"^{EPOCH} (open|commodity) (\S+)$", re.MULTILINE)
_POSTING = re.compile(r"  (\S+) +(-?\d+(?:\.\d+)?) ([A-Z]{3})$")
_ACCOUNT = re.compile(r"(?:Assets|Liabilities|Equity|Income|Expenses)(?::[A-Z0-9][A-Za-z0-9-]*)+")


def text_of(entry: Entry) -> str:
    """The entry's lines, each ending in a line feed."""
    link = f" ^{entry.link}" if entry.link else ""
    texts = " ".join(quoted(text) for text in entry.texts)
    lines = [f"{entry.on} {entry.kind} {texts}{link}", *_meta_lines(entry.meta, "  ")]
    for posting in entry.postings:
        lines.append(f"  {posting.account:<44} {posting.amount:>16f} {posting.currency}")
        lines += _meta_lines(posting.meta, "    ")
    return "\n".join(lines) + "\n"


def declarations(accounts: Iterable[str], currencies: Iterable[str]) -> str:
    """The lines that make accounts and currencies known; an account is free of currencies."""
    return "".join(
        [f"{EPOCH} commodity {currency}\n" for currency in currencies]
        + [f"{EPOCH} open {account}\n" for account in accounts]
    )


def checked_account(account: str) -> str:
    """`account` when both syntaxes can spell it; raises `Stop` otherwise."""
    if not _ACCOUNT.fullmatch(account):
        raise Stop(
            f"{account!r} is not an account name.",
            do="Write Assets, Liabilities, Equity, Income or Expenses, then parts of letters, "
            "digits and hyphens that start with a capital or a digit, as in Income:Fixed.",
        )
    return account


def entry_from(text: str) -> Entry:
    """The entry in `text`, whose declarations are passed over.

    Raises `ValueError` with the line that is not of the canonical layout.
    """
    lines = [line for line in text.split("\n") if line and not _DECLARATION.match(line)]
    head = _HEAD.match(lines[0]) if lines else None
    if head is None:
        raise ValueError(lines[:1])
    meta: dict[str, str | date] = {}
    postings: list[tuple[str, Decimal, str, dict[str, str | date]]] = []
    for line in lines[1:]:
        if found := _META.match(line):
            owner = postings[-1][3] if found[1] == "    " else meta
            owner[found[2]] = unquoted(found[3]) if found[3] else date.fromisoformat(found[4])
        elif posting := _POSTING.match(line):
            postings.append((posting[1], Decimal(posting[2]), posting[3], {}))
        else:
            raise ValueError(line)
    return Entry(
        on=date.fromisoformat(head[1]),
        kind=TRANSACTION if head[2] == TRANSACTION else CUSTOM,
        texts=tuple(unquoted(text) for text in re.findall(QUOTED, head[3])),
        meta=meta,
        postings=tuple(Posting(*posting) for posting in postings),
        link=head[4] or "",
    )


def declared_in(text: str) -> list[tuple[str, str]]:
    """(`open` or `commodity`, name) of each declaration, in order."""
    return _DECLARATION.findall(text)


def quoted(text: str) -> str:
    """`text` as a beancount string, inert."""
    return '"' + inert(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def unquoted(literal: str) -> str:
    """The inverse of `quoted`."""
    text = literal[1:-1]
    return original(re.sub(r"\\(.)", r"\1", text)) if "\\" in text else text


def _meta_lines(meta: Meta, indent: str) -> list[str]:
    return [
        f"{indent}{name}: {quoted(value) if isinstance(value, str) else value}"
        for name, value in meta.items()
    ]
