"""What the profit of a period rests on, counted from the stamps."""

from __future__ import annotations

from sqlalchemy import Connection, case, func, select

from tallystick.insight.quality import Quality
from tallystick.period import Period
from tallystick.store.cell_terms import CellTerms
from tallystick.store.effort_schema import effort, profit_cell
from tallystick.store.facts_schema import quarantine


def quality(connection: Connection, terms: CellTerms, period: Period) -> Quality:
    """The counts of the whole period, whichever rows a table has."""
    cell = profit_cell.c
    within = (cell.month >= period.start, cell.month < period.end)
    sums = connection.execute(
        select(
            func.sum(cell.seconds).label("seconds"),
            func.sum(case((cell.contract == "", cell.seconds), else_=0)).label("no_contract"),
            func.sum(case((cell.client == "", cell.seconds), else_=0)).label("no_client"),
            func.sum(case((cell.client.in_(sorted(terms.internal)), cell.seconds), else_=0)).label(
                "internal"
            ),
            func.sum(cell.uncosted_seconds).label("uncosted"),
            func.sum(cell.unexchanged_seconds).label("unexchanged"),
            func.sum(cell.unpaid_seconds).label("unpaid"),
            func.sum(cell.unapproved_seconds).label("unapproved"),
            func.sum(cell.unexchanged_costs).label("costs"),
        ).where(*within)
    ).one()
    return Quality(
        seconds=int(sums.seconds or 0),
        without_contract_s=int(sums.no_contract or 0),
        without_client_s=int(sums.no_client or 0),
        internal_s=int(sums.internal or 0),
        without_cost_rate_s=int(sums.uncosted or 0),
        technicians_without_cost_rate=_uncosted(connection, period) if sums.uncosted else 0,
        without_exchange_rate_s=int(sums.unexchanged or 0),
        unpaid_s=int(sums.unpaid or 0),
        unapproved_s=int(sums.unapproved or 0),
        costs_without_exchange_rate=int(sums.costs or 0),
        quarantined_bookings=_quarantined(connection, terms),
    )


def _uncosted(connection: Connection, period: Period) -> int:
    return int(
        connection.execute(
            select(func.count(func.coalesce(effort.c.technician, "").distinct())).where(
                effort.c.month >= period.start,
                effort.c.month < period.end,
                effort.c.uncosted_seconds > 0,
            )
        ).scalar_one()
    )


def _quarantined(connection: Connection, terms: CellTerms) -> int:
    return int(
        connection.execute(
            select(func.count()).where(
                quarantine.c.connection == terms.home("booking"),
                quarantine.c.kind == "booking",
                quarantine.c.state == "open",
            )
        ).scalar_one()
    )
