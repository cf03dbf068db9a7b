"""What the profit of a period rests on, counted from the stamps."""

from __future__ import annotations

from sqlalchemy import Connection, case, func, select

from tallystick.insight.quality import Quality
from tallystick.store import quarantine
from tallystick.store.cell_terms import CellTerms
from tallystick.store.effort_schema import effort, profit_cell
from tallystick.views.profit_assets import assets_without_line
from tallystick.views.profit_parts import within
from tallystick.views.profit_scope import Scope


def quality(connection: Connection, terms: CellTerms, scope: Scope) -> Quality:
    """The counts of the whole scope, whichever rows a table has."""
    cell = profit_cell.c
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
        ).where(*within(scope))
    ).one()
    return Quality(
        seconds=int(sums.seconds or 0),
        without_contract_s=int(sums.no_contract or 0),
        without_client_s=int(sums.no_client or 0),
        internal_s=int(sums.internal or 0),
        without_cost_rate_s=int(sums.uncosted or 0),
        technicians_without_cost_rate=_uncosted(connection, scope) if sums.uncosted else 0,
        without_exchange_rate_s=int(sums.unexchanged or 0),
        unpaid_s=int(sums.unpaid or 0),
        unapproved_s=int(sums.unapproved or 0),
        costs_without_exchange_rate=int(sums.costs or 0),
        quarantined_bookings=_quarantined(connection, terms, scope),
        assets_without_line=assets_without_line(connection, terms, scope),
    )


def _uncosted(connection: Connection, scope: Scope) -> int:
    return int(
        connection.execute(
            select(func.count(func.coalesce(effort.c.technician, "").distinct())).where(
                *within(scope, effort), effort.c.uncosted_seconds > 0
            )
        ).scalar_one()
    )


def _quarantined(connection: Connection, terms: CellTerms, scope: Scope) -> int:
    """Those of one client as far as they name it."""
    if scope.client is not None:
        return quarantine.count_by_client(connection, terms.homes, "booking")[scope.client]
    home = terms.home("booking")
    waiting = quarantine.waiting(connection)
    return sum(1 for row in waiting if (row.kind, row.connection) == ("booking", home))
