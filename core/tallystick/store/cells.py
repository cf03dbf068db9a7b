"""Cells: the sums of (contract, month) that profit is read from, changed by what changed.

A cell is always the sum of its rows in `effort`, `direct_cost` and the journal. A change takes the
old rows' figures away and adds the new ones', so it costs what changed, not what is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, Insert, bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from tallystick.books.entries import Entry
from tallystick.store.effort_schema import SUMS, cell_state, profit_cell
from tallystick.store.turn import take_turn

Key = tuple[str, str, date, str]
"""Contract, client, first day of the month, currency."""
TURN = "cells"
REVENUE = "Income:"
"""What accounts of recognised revenue begin with."""
KEY = ("contract", "client", "month", "currency")
NAME = "profit"


class Changes:
    """What is added to cells, and taken from them."""

    def __init__(self) -> None:
        self._sums: dict[Key, dict[str, int]] = {}

    def add(self, row: Mapping[str, Any], times: int = 1) -> None:
        """Add (or with -1 take away) the figures a row has of those a cell sums."""
        key = (row["contract"], row["client"], row["month"], row["currency"])
        sums = self._sums.setdefault(key, dict.fromkeys(SUMS, 0))
        for name in SUMS:
            sums[name] += times * row.get(name, 0)

    def write(self, connection: Connection) -> None:
        """Bring the cells up to date, in the order of their keys; those of nothing go."""
        changed = sorted(key for key, sums in self._sums.items() if any(sums.values()))
        if not changed:
            return
        rows = [dict(zip(KEY, key, strict=True)) | self._sums[key] for key in changed]
        connection.execute(_merge(connection.dialect.name), rows)
        nothing = [profit_cell.c[name] == 0 for name in SUMS]
        same = [profit_cell.c[name] == bindparam(f"key_{name}") for name in KEY]
        keys = [{f"key_{name}": row[name] for name in KEY} for row in rows]
        connection.execute(delete(profit_cell).where(*same, *nothing), keys)


def _merge(dialect: str) -> Insert:
    """Insert a cell or add to the one that is there."""
    if dialect == "postgresql":
        merged = postgresql.insert(profit_cell)
    else:
        merged = sqlite.insert(profit_cell)  # type: ignore[assignment] # the same in SQLite's words
    return merged.on_conflict_do_update(
        index_elements=list(KEY),
        set_={name: profit_cell.c[name] + merged.excluded[name] for name in SUMS},
    )


def made_under(connection: Connection) -> str | None:
    """The hash of the terms the cells were made under; None where they are not kept yet."""
    found: str | None = connection.execute(
        select(cell_state.c.terms_hash).where(cell_state.c.name == NAME)
    ).scalar()
    return found or None


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
                changes.add(
                    {
                        "contract": line.contract or "",
                        "client": line.client or "",
                        "month": line.reported_in,
                        "currency": line.amount.currency,
                        "revenue_minor": -line.amount.minor,
                    }
                )
    take_turn(connection, TURN)
    if made_under(connection) is not None:
        changes.write(connection)
