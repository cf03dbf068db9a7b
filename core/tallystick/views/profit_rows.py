"""The rows of a profit table: which there are, in their order, and what all of them come to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import groupby, islice
from typing import NamedTuple

from sqlalchemy import Connection

from tallystick.cycle.terms import BillingTerms
from tallystick.insight.dimensions import By, Driver
from tallystick.insight.profit import (
    Figures,
    Ledger,
    RowKey,
    Sums,
    in_order,
    totals,
    worst_first,
)
from tallystick.views.profit_cells import by_cell, cell_totals
from tallystick.views.profit_kept import are_few, by_part, first_parts
from tallystick.views.profit_lines import by_line
from tallystick.views.profit_parts import PARTS, shared_out
from tallystick.views.profit_scope import Scope

SPANS = ("month", "quarter", "year")
"""Tables over time, which are in its order."""


class Rows(NamedTuple):
    """Those of the rows that are looked at, in their order; by currency what all rows sum to, and
    how many of them are left out. `sums` are all rows that were read, looked at or not."""

    ordered: list[tuple[RowKey, Figures]]
    totals: Mapping[str, Figures]
    left: Mapping[str, int]
    sums: Sums


def rows_of_table(
    connection: Connection,
    scope: Scope,
    by: By,
    driver: Driver,
    billing: BillingTerms | None,
    besides: Iterable[RowKey],
    shown: int | None,
) -> Rows:
    """The rows of a table, and `besides` also where they have no figures; the first `shown` of each
    currency, or all."""
    kept = by in PARTS and not scope.of_one
    if kept and shown is not None and not are_few(connection, scope, by, driver):
        return _first_parts(connection, scope, by, driver, shown)
    ledger = _ledger(connection, scope, by, driver, billing)
    for key in besides:
        ledger.add(*key, Figures())
    ordered = in_order(ledger.sums) if by in SPANS else worst_first(ledger.sums)
    seen = ordered if shown is None else _first(ordered, shown)
    left = Counter(key.currency for key, _ in ordered)
    left.subtract(key.currency for key, _ in seen)
    return Rows(seen, totals(ledger.sums), +left, ledger.sums)


def _ledger(
    connection: Connection, scope: Scope, by: By, driver: Driver, billing: BillingTerms | None
) -> Ledger:
    if by == "line" and billing is not None:
        return by_line(connection, scope)
    if by in PARTS:
        shares = shared_out if scope.of_one else by_part
        return shares(connection, scope, by, driver)
    return by_cell(connection, scope, by)


def _first_parts(connection: Connection, scope: Scope, by: By, driver: Driver, shown: int) -> Rows:
    whole = cell_totals(connection, scope)
    sums: dict[RowKey, Figures] = {}
    left: dict[str, int] = {}
    for currency in whole:
        found, count = first_parts(connection, scope, by, driver, currency, shown)
        sums |= found
        if count > len(found):
            left[currency] = count - len(found)
    return Rows(worst_first(sums), whole, left, sums)


def _first(ordered: Iterable[tuple[RowKey, Figures]], shown: int) -> list[tuple[RowKey, Figures]]:
    """The first rows of each currency."""
    by_currency = groupby(ordered, key=lambda one: one[0].currency)
    return [one for _, own in by_currency for one in islice(own, shown)]
