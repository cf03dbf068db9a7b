"""What the profit of a period rests on, counted from cells and stamps."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, ScalarSelect, Select, func, literal, select

from tallystick.insight.profit import Figures
from tallystick.insight.quality import Quality
from tallystick.store.binding import many
from tallystick.store.facts import quarantine
from tallystick.store.profit.cell_terms import CellTerms
from tallystick.store.profit.schema import effort, profit_cell
from tallystick.views.profit_assets import assets_without_line
from tallystick.views.profit_scope import Scope, within

cell = profit_cell.c


def quality(connection: Connection, terms: CellTerms, scope: Scope, whole: Figures) -> Quality:
    """The counts of the whole scope, whichever rows a table has: `whole` is the sum of them all."""
    internal = {"internal": sorted(terms.internal)}
    no_contract, no_client, internally = connection.execute(
        _outside(scope.of_one, bool(terms.internal)), scope.values | internal
    ).one()
    return Quality(
        seconds=whole.seconds,
        without_contract_s=int(no_contract or 0),
        without_client_s=int(no_client or 0),
        internal_s=int(internally or 0),
        without_cost_rate_s=whole.uncosted_seconds,
        technicians_without_cost_rate=_uncosted(connection, scope) if whole.uncosted_seconds else 0,
        without_exchange_rate_s=whole.unexchanged_seconds,
        unpaid_s=whole.unpaid_seconds,
        unapproved_s=whole.unapproved_seconds,
        costs_without_exchange_rate=whole.unexchanged_costs,
        quarantined_bookings=_quarantined(connection, terms, scope),
        assets_without_line=assets_without_line(connection, terms, scope),
    )


@cache
def _outside(of_one: bool, any_internal: bool) -> Select[Any]:
    """The seconds that belong to no contract, to no client and to the MSP itself."""
    here = within(cell.month, cell.client, of_one)
    internal = _seconds(cell.client.in_(many("internal")), *here) if any_internal else literal(0)
    nobody = (cell.contract == "", cell.client == "")
    return select(*(_seconds(one, *here) for one in nobody), internal)


def _seconds(*conditions: ColumnElement[bool]) -> ScalarSelect[Any]:
    """Asked for each by itself, so that an index finds the few cells there are."""
    return select(func.sum(cell.seconds)).where(*conditions).scalar_subquery()


def _uncosted(connection: Connection, scope: Scope) -> int:
    technicians = func.count(func.coalesce(effort.c.technician, "").distinct())
    here = within(effort.c.month, effort.c.client, scope.of_one)
    asked = select(technicians).where(*here, effort.c.uncosted_seconds > 0)
    return int(connection.execute(asked, scope.values).scalar_one())


def _quarantined(connection: Connection, terms: CellTerms, scope: Scope) -> int:
    """Those of one client as far as they name it."""
    if scope.client is not None:
        return quarantine.count_by_client(connection, terms.homes, "booking")[scope.client]
    home = terms.home("booking")
    waiting = quarantine.waiting(connection)
    return sum(1 for row in waiting if (row.kind, row.connection) == ("booking", home))
