"""What keeping profit up to date costs: a changed booking, all of it again, a table read."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path
from time import time_ns

import commands
import tables
from msgspec import structs
from profit_world import (
    BILLING,
    CELLS,
    NOW,
    POSTGRES,
    TECHNICIANS,
    TERMS,
    YEAR,
    booking,
    by_hand,
    contracts_of,
    kept_world,
    stamps,
)
from sqlalchemy import delete

from tallystick.store.facts import inbound
from tallystick.store.profit.cells import make_all
from tallystick.store.profit.keeping import Keeper
from tallystick.store.profit.rebuilding import rebuild
from tallystick.store.profit.schema import profit_cell
from tallystick.views.profit import profit

CHANGED = 1000
APART = 7919
"""Changed bookings lie this far apart, a prime, so that they are of many clients and days."""


def _changes(
    folder: Path, rows: int, changed: int, keep: inbound.Keep, *, moved: bool = False
) -> Callable[[], None]:
    """Bookings last longer; or are `moved`: of another technician and ticket too."""
    database = kept_world(folder, rows)
    starts, contracts = count(step=131_071), contracts_of(rows)

    def work() -> None:
        start = next(starts)
        at = [(start + number * APART) % rows for number in range(changed)]
        seconds = 1000 + time_ns() % 9000  # unlike any it was before
        records = [booking(one, contracts, seconds) for one in at]
        if moved:
            of = {"technician": f"T{seconds % TECHNICIANS}", "ticket": str(seconds)}
            records = [structs.replace(one, **of) for one in records]
        with database.write() as connection:
            inbound.store_records(connection, "psa", "booking", records, NOW, keep)

    work()  # what is compiled once is compiled before the clock runs
    return work


def bare_changes(folder: Path, rows: int) -> Callable[[], None]:
    """1,000 of `rows` bookings change, and nothing follows."""
    return _changes(folder, rows, CHANGED, inbound.keep_nothing)


def profit_changes(folder: Path, rows: int) -> Callable[[], None]:
    """The same, and profit follows in the same transaction."""
    return _changes(folder, rows, CHANGED, Keeper(TERMS))


def bare_moves(folder: Path, rows: int) -> Callable[[], None]:
    """1,000 bookings turn out to be of another technician and ticket, and nothing follows."""
    return _changes(folder, rows, CHANGED, inbound.keep_nothing, moved=True)


def profit_moves(folder: Path, rows: int) -> Callable[[], None]:
    """The same, and profit follows."""
    return _changes(folder, rows, CHANGED, Keeper(TERMS), moved=True)


def bare_change(folder: Path, rows: int) -> Callable[[], None]:
    """One of `rows` bookings changes, and nothing follows."""
    return _changes(folder, rows, 1, inbound.keep_nothing)


def profit_change(folder: Path, rows: int) -> Callable[[], None]:
    """The same, and profit follows."""
    return _changes(folder, rows, 1, Keeper(TERMS))


def _by_hand(folder: Path, rows: int, *statements: str) -> Callable[[], None]:
    kept_world(folder, rows).close()
    hand = by_hand(folder, rows)
    return lambda: hand.change(*statements)


def bare_rebuild(folder: Path, rows: int) -> Callable[[], None]:
    """Every stamp and cell again from the facts, in SQL alone."""
    dialect = "postgresql" if POSTGRES else "sqlite"
    return _by_hand(folder, rows, "DELETE FROM effort", "DELETE FROM profit_cell", *stamps(dialect))


def profit_rebuild(folder: Path, rows: int) -> Callable[[], None]:
    """Every stamp and cell again from the facts."""
    database = kept_world(folder, rows)

    def work() -> None:
        rebuild(database, TERMS)

    return work


def bare_cells(folder: Path, rows: int) -> Callable[[], None]:
    """The cells alone, summed from the stamps and the journal in SQL."""
    return _by_hand(folder, rows, "DELETE FROM profit_cell", CELLS)


def profit_cells(folder: Path, rows: int) -> Callable[[], None]:
    """The cells alone, summed from the stamps and the journal."""
    database = kept_world(folder, rows)

    def work() -> None:
        with database.write() as connection:
            connection.execute(delete(profit_cell))
            make_all(connection)

    return work


def lines_again(folder: Path, rows: int) -> Callable[[], None]:
    """The year by line after bookings of a hundred clients changed."""
    change = _changes(folder, rows, 100, Keeper(TERMS))
    database = kept_world(folder, rows)
    profit(database, TERMS, YEAR, "line", BILLING)
    change()
    return lambda: _ignore(profit(database, TERMS, YEAR, "line", BILLING))


def _ignore(_: object) -> None:
    return


FIGURES: dict[str, Callable[[Path, int], Callable[[], None]]] = {
    "profit_change_bare": bare_change,
    "profit_change": profit_change,
    "profit_changes_bare": bare_changes,
    "profit_changes": profit_changes,
    "profit_moves_bare": bare_moves,
    "profit_moves": profit_moves,
    **tables.FIGURES,
    "profit_line_again": lines_again,
    "profit_cells_sql": bare_cells,
    "profit_cells": profit_cells,
    "profit_rebuild_sql": bare_rebuild,
    "profit_rebuild": profit_rebuild,
    **commands.FIGURES,
}
FLOOR_OF = {
    "profit_change": "profit_change_bare",
    "profit_changes": "profit_changes_bare",
    "profit_moves": "profit_moves_bare",
    "profit_cells": "profit_cells_sql",
    "profit_rebuild": "profit_rebuild_sql",
    **tables.FLOOR_OF,
}
SIZE = 1_000_000
