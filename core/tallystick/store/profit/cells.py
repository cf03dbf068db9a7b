"""Cells: the sums of (contract, month) that profit is read from, changed by what changed.

A cell is always the sum of its rows in `effort`, `direct_cost` and the journal. A change takes the
old rows' figures away and adds the new ones', so it costs what changed, not what is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    Table,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    union_all,
    update,
)

from tallystick.books.entries import Entry
from tallystick.store.books.schema import posting
from tallystick.store.profit import parts_told
from tallystick.store.profit.schema import SUMS, cell_state, direct_cost, effort, profit_cell
from tallystick.store.profit.summed import Summed
from tallystick.store.turn import take_turn
from tallystick.store.wanted import fetch

Key = tuple[str, str, date, str]
"""Contract, client, first day of the month, currency."""
TURN = "cells"
REVENUE = "Income:"
"""What accounts of recognised revenue begin with."""
CELLS = Summed(profit_cell)
REVENUE_AT = [SUMS.index("revenue_minor")]
NAME = "profit"
MADE_UNDER = select(cell_state.c.terms_hash).where(cell_state.c.name == NAME)


class Changes:
    """What is added to cells, and taken from them."""

    def __init__(self) -> None:
        self._sums: dict[Key, list[int]] = {}

    def add(self, place: Sequence[Any], summed: Sequence[int], figures: Iterable[int]) -> None:
        """Add `figures`, which are those of `SUMS` at `summed`, to the cell of a stamp's `place`:
        what it is of, month, client, contract and currency."""
        _, month, client, contract, currency = place
        key = (contract, client, month, currency)
        sums = self._sums.get(key)
        if sums is None:
            sums = self._sums[key] = [0] * len(SUMS)
        for at, value in zip(summed, figures, strict=True):
            sums[at] += value

    def write(self, connection: Connection) -> None:
        """Bring the cells up to date, in the order of their keys; those of nothing go. What was
        shared out of their months is not said any longer, though sums stay the same."""
        changed = sorted(key for key, sums in self._sums.items() if any(sums))
        rows = [(*key, *self._sums[key]) for key in changed]
        CELLS.add(connection, rows)
        parts_told.take_back(connection, {month for _, _, month, _ in self._sums})


def made_under(connection: Connection) -> str | None:
    """The hash of the terms the cells were made under; None where they are not kept yet."""
    found = fetch(connection, MADE_UNDER)
    return found[0][0] or None if found else None


def ever_made(connection: Connection) -> bool:
    """Whether there were cells before, with figures of months that may be closed by now."""
    return connection.execute(select(cell_state.c.name)).first() is not None


def kept(connection: Connection, terms_hash: str) -> bool:
    """Whether the cells stand under these terms. Where they stand under others, they are marked
    to be made again: what changes from here on is not followed."""
    found = made_under(connection)
    if found not in (None, terms_hash):
        forget(connection)
    return found == terms_hash


def forget(connection: Connection) -> None:
    """The cells must be rebuilt before they are read."""
    connection.execute(update(cell_state).where(cell_state.c.name == NAME).values(terms_hash=""))


def keep_from_now(connection: Connection, terms_hash: str) -> None:
    """The cells are complete under these terms; every change is followed."""
    connection.execute(delete(cell_state).where(cell_state.c.name == NAME))
    connection.execute(insert(cell_state).values(name=NAME, terms_hash=terms_hash))


def add_revenue(connection: Connection, entries: Iterable[Entry]) -> None:
    """Follow revenue recorded in the journal, in the transaction that records it."""
    changes = Changes()
    for one in entries:
        for line in one.postings:
            if line.account.startswith(REVENUE) and line.reported_in is not None:
                of = (line.client or "", line.contract or "", line.amount.currency)
                changes.add((one.source, line.reported_in, *of), REVENUE_AT, [-line.amount.minor])
    take_turn(connection, TURN)
    if made_under(connection) is not None:
        changes.write(connection)


def make_all(connection: Connection) -> None:
    """Insert the sums of all stamps and of the journal's revenue."""
    parts = [
        _part(effort),
        _part(direct_cost),
        select(
            func.coalesce(posting.c.contract, "").label("contract"),
            func.coalesce(posting.c.client, "").label("client"),
            posting.c.reported_in.label("month"),
            posting.c.currency,
            *(
                (-posting.c.amount_minor if name == "revenue_minor" else literal(0)).label(name)
                for name in SUMS
            ),
        ).where(posting.c.account.startswith(REVENUE), posting.c.reported_in.is_not(None)),
    ]
    rows = union_all(*parts).subquery()
    sums = [func.sum(rows.c[name]).label(name) for name in SUMS]
    keys = [rows.c[name] for name in CELLS.key]
    some = [func.sum(rows.c[name]) != 0 for name in SUMS]
    statement = select(*keys, *sums).group_by(*keys).having(or_(*some))
    connection.execute(insert(profit_cell).from_select([*CELLS.key, *SUMS], statement))


def _part(table: Table) -> Select[Any]:
    figures = [(table.c[name] if name in table.c else literal(0)).label(name) for name in SUMS]
    return select(*(table.c[name] for name in CELLS.key), *figures)
