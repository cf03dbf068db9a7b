"""Assets of clients that pay by the piece, and that no contract line counts: served for nothing."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import Connection, or_

from tallystick.billing.facts import in_force
from tallystick.billing.holes import Counting, uncounted
from tallystick.billing.models.per_unit import PerUnitTerms
from tallystick.errors import SkipRecord
from tallystick.records import Contract, ContractLine
from tallystick.store import owners
from tallystick.store.cell_terms import CellTerms
from tallystick.store.facts_schema import FACTS
from tallystick.store.records import record_of
from tallystick.views.profit_scope import Scope


def assets_without_line(connection: Connection, terms: CellTerms, scope: Scope) -> int:
    """How many are there on any day of the period and counted on none of those days."""
    counting = _counting(connection, terms, scope)
    if not counting:
        return 0
    assets: dict[str, list[Any]] = defaultdict(list)
    for one in _assets(connection, terms, scope):
        assets[one.client_ref].append(one)
    return sum(
        len(uncounted(assets[client], lines, scope.period)) for client, lines in counting.items()
    )


def _counting(connection: Connection, terms: CellTerms, scope: Scope) -> dict[str, list[Counting]]:
    """By client, the lines that count assets before the end of the period."""
    line, found = FACTS["contract_line"], defaultdict(list)
    models = {
        name: model for name, model in terms.models.items() if issubclass(model.terms, PerUnitTerms)
    }
    lines = owners.contract_lines()
    rows = connection.execute(
        lines.where(
            line.c.connection == terms.home("contract_line"),
            line.c.model.in_(models),
            *scope.whose(lines.selected_columns["client_ref"]),
        )
    ).all()
    contracts = _contracts(connection, terms, scope) if rows else {}
    for row in rows:
        own = record_of(row, ContractLine)
        contract = contracts.get(own.contract)
        span = in_force(own, contract, scope.period.end) if contract else None
        if span is None:
            continue
        try:
            read = models[own.model].read_terms(own)
        except SkipRecord:  # `bill propose` says why
            continue
        if isinstance(read, PerUnitTerms) and read.count_of == "assets":
            found[row.client_ref].append(Counting(own.contract, span, read.rule))
    return found


def _contracts(connection: Connection, terms: CellTerms, scope: Scope) -> dict[str, Contract]:
    contracts = owners.contracts()
    at_home = FACTS["contract"].c.connection == terms.home("contract_line")
    whose = scope.whose(contracts.selected_columns["client_ref"])
    return {
        row.id: record_of(row, Contract)
        for row in connection.execute(contracts.where(at_home, *whose))
    }


def _assets(connection: Connection, terms: CellTerms, scope: Scope) -> Any:
    """What tells assets apart, of those there on any day of the period."""
    table, period = FACTS["asset"], scope.period
    assets = owners.named_by_client(table)
    client = assets.selected_columns["client_ref"]
    told = (table.c[name] for name in ("type", "group", "tags", "status"))
    return connection.execute(
        assets.with_only_columns(client, *told, table.c.active_from, table.c.retired_on).where(
            table.c.connection == terms.home("asset"),
            or_(table.c.active_from.is_(None), table.c.active_from < period.end),
            or_(table.c.retired_on.is_(None), table.c.retired_on > period.start),
            *scope.whose(client),
        )
    )
