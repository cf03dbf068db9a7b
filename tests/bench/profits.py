"""What keeping profit up to date costs: a changed booking, all of it again, a table read."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path

from profit_world import (
    CELLS,
    NOW,
    REPORT,
    TERMS,
    YEAR,
    booking,
    by_hand,
    contracts_of,
    kept_world,
    stamped_by_hand,
    world,
)
from sqlalchemy import delete

from tallystick.period import Period, month
from tallystick.store import inbound
from tallystick.store.cells import make_all
from tallystick.store.effort_schema import profit_cell
from tallystick.store.keeping import Keeper, rebuild
from tallystick.views.profit import profit

CHANGED = 1000
APART = 7919
"""Changed bookings lie this far apart, a prime, so that they are of many clients and days."""


def _changes(folder: Path, rows: int, changed: int, keep: inbound.Keep) -> Callable[[], None]:
    database = kept_world(folder, rows)
    starts, contracts = count(step=131_071), contracts_of(rows)

    def work() -> None:
        start = next(starts)
        at = [(start + number * APART) % rows for number in range(changed)]
        records = [booking(one, contracts, 1000 + start % 1000) for one in at]
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


def bare_change(folder: Path, rows: int) -> Callable[[], None]:
    """One of `rows` bookings changes, and nothing follows."""
    return _changes(folder, rows, 1, inbound.keep_nothing)


def profit_change(folder: Path, rows: int) -> Callable[[], None]:
    """The same, and profit follows."""
    return _changes(folder, rows, 1, Keeper(TERMS))


def bare_rebuild(folder: Path, rows: int) -> Callable[[], None]:
    """Every stamp and cell from the facts, in SQL alone."""
    return stamped_by_hand(folder, rows)


def profit_rebuild(folder: Path, rows: int) -> Callable[[], None]:
    """Every stamp and cell again from the facts."""
    database = world(folder, rows)

    def work() -> None:
        rebuild(database, TERMS)

    return work


def bare_cells(folder: Path, rows: int) -> Callable[[], None]:
    """The cells alone, summed from the stamps in SQL."""
    kept_world(folder, rows).close()
    database = by_hand(folder)

    def work() -> None:
        database.execute("BEGIN IMMEDIATE")
        database.execute("DELETE FROM profit_cell")
        database.execute(CELLS)
        database.execute("COMMIT")

    return work


def profit_cells(folder: Path, rows: int) -> Callable[[], None]:
    """The cells alone, summed from the stamps and the journal."""
    database = kept_world(folder, rows)

    def work() -> None:
        with database.write() as connection:
            connection.execute(delete(profit_cell))
            make_all(connection)

    return work


def _read(folder: Path, rows: int, period: Period) -> Callable[[], None]:
    database = kept_world(folder, rows)

    def work() -> None:
        profit(database, TERMS, period, "contract")

    work()
    return work


def _report(folder: Path, rows: int, period: Period) -> Callable[[], None]:
    kept_world(folder, rows).close()
    database = by_hand(folder)

    def work() -> None:
        database.execute(REPORT, (str(period.start), str(period.end))).fetchall()

    work()
    return work


def bare_year(folder: Path, rows: int) -> Callable[[], None]:
    """The year's sums by contract, from the cells in SQL."""
    return _report(folder, rows, YEAR)


def profit_year(folder: Path, rows: int) -> Callable[[], None]:
    """The table of a year by contract: margins, trends, names and what it rests on."""
    return _read(folder, rows, YEAR)


def bare_month(folder: Path, rows: int) -> Callable[[], None]:
    """The same sums of one month."""
    return _report(folder, rows, month(2026, 9))


def profit_month(folder: Path, rows: int) -> Callable[[], None]:
    """The table of one month by contract."""
    return _read(folder, rows, month(2026, 9))


FIGURES: dict[str, Callable[[Path, int], Callable[[], None]]] = {
    "profit_change_bare": bare_change,
    "profit_change": profit_change,
    "profit_changes_bare": bare_changes,
    "profit_changes": profit_changes,
    "profit_cells_sql": bare_cells,
    "profit_cells": profit_cells,
    "profit_rebuild_sql": bare_rebuild,
    "profit_rebuild": profit_rebuild,
    "profit_month_sql": bare_month,
    "profit_month": profit_month,
    "profit_year_sql": bare_year,
    "profit_year": profit_year,
}
FLOOR_OF = {
    "profit_change": "profit_change_bare",
    "profit_changes": "profit_changes_bare",
    "profit_cells": "profit_cells_sql",
    "profit_rebuild": "profit_rebuild_sql",
    "profit_month": "profit_month_sql",
    "profit_year": "profit_year_sql",
}
