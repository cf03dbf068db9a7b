"""What `tallystick cash` says beside the sums: piles, days sales, straight through, age."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection

from tallystick.books.ageing import AgeingRow, ageing, totals
from tallystick.cash.showing.piles import Pile, days_sales, piles
from tallystick.cash.showing.straight_through import StraightThrough, straight_through
from tallystick.insight.days_sales import DaysSales
from tallystick.store.books.ledger_reports import open_invoices


@dataclass(frozen=True, slots=True)
class CashFigures:
    """`ageing` has a row per currency, at the end of the day asked for."""

    piles: tuple[Pile, ...]
    days_sales: tuple[DaysSales, ...]
    straight_through: StraightThrough
    ageing: tuple[AgeingRow, ...]


def figures(connection: Connection, today: date) -> CashFigures:
    open_now = open_invoices(connection, today + timedelta(days=1))
    return CashFigures(
        tuple(piles(connection, today)),
        tuple(days_sales(connection, today)),
        straight_through(connection, today),
        tuple(totals(ageing(open_now, today))),
    )
