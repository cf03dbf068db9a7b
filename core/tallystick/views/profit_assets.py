"""Assets of clients that pay by the piece, and that no contract line counts: served for nothing."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, or_, select

from tallystick.billing.facts import in_force
from tallystick.billing.holes import Counting, uncounted
from tallystick.billing.models.per_unit import PerUnitTerms
from tallystick.errors import SkipRecord
from tallystick.records import Contract, ContractLine
from tallystick.store.binding import many
from tallystick.store.facts import owners
from tallystick.store.facts.owned import HOME, names_at
from tallystick.store.facts.records import record_of
from tallystick.store.facts.schema import FACTS
from tallystick.store.profit.cell_terms import CellTerms
from tallystick.views.profit_scope import SINCE, UNTIL, Scope, whose

asset, contract, line = FACTS["asset"], FACTS["contract"], FACTS["contract_line"]


def assets_without_line(connection: Connection, terms: CellTerms, scope: Scope) -> int:
    """How many are there on any day of the period and counted on none of those days."""
    counting = _counting(connection, terms, scope)
    if not counting:
        return 0
    assets: dict[str, list[Any]] = defaultdict(list)
    of = scope.values | {"home": terms.home("asset")}
    for one in connection.execute(_assets(scope.of_one), of):
        assets[one.client_ref].append(one)
    return sum(
        len(uncounted(assets[client], lines, scope.period)) for client, lines in counting.items()
    )


def _counting(connection: Connection, terms: CellTerms, scope: Scope) -> dict[str, list[Counting]]:
    """By client, the lines that count assets before the end of the period."""
    models = {
        name: model for name, model in terms.models.items() if issubclass(model.terms, PerUnitTerms)
    }
    home = terms.home("contract_line")
    names = names_at(connection, home, [scope.client]) if scope.client is not None else []
    of = scope.values | {"home": home, "models": sorted(models), "names": names}
    rows = connection.execute(_lines(scope.of_one), of).all()
    contracts = (
        {
            row.id: record_of(row, Contract)
            for row in connection.execute(_contracts(scope.of_one), of)
        }
        if rows
        else {}
    )
    found = defaultdict(list)
    for row in rows:
        own = record_of(row, ContractLine)
        agreed = contracts.get(own.contract)
        span = in_force(own, agreed, scope.period.end) if agreed else None
        if span is None:
            continue
        try:
            read = models[own.model].read_terms(own)
        except SkipRecord:  # `bill propose` says why
            continue
        if isinstance(read, PerUnitTerms) and read.count_of == "assets":
            found[row.client_ref].append(Counting(own.contract, span, read.rule))
    return found


@cache
def _lines(of_one: bool) -> Select[Any]:
    """The lines of those models. What names the client finds its few first."""
    lines = owners.contract_lines()
    named = select(contract.c.id).where(
        contract.c.connection == HOME, contract.c.client.in_(many("names"))
    )
    return lines.where(
        line.c.connection == HOME,
        line.c.model.in_(many("models")),
        *([line.c.contract.in_(named)] if of_one else []),
        *whose(lines.selected_columns["client_ref"], of_one),
    )


@cache
def _contracts(of_one: bool) -> Select[Any]:
    contracts = owners.contracts()
    return contracts.where(
        contract.c.connection == HOME, *whose(contracts.selected_columns["client_ref"], of_one)
    )


@cache
def _assets(of_one: bool) -> Select[Any]:
    """What tells assets apart, of those there on any day of the period."""
    assets = owners.named_by_client(asset)
    client = assets.selected_columns["client_ref"]
    told = (asset.c[name] for name in ("type", "group", "tags", "status", "active_from"))
    return assets.with_only_columns(client, *told, asset.c.retired_on).where(
        asset.c.connection == HOME,
        or_(asset.c.active_from.is_(None), asset.c.active_from < UNTIL),
        or_(asset.c.retired_on.is_(None), asset.c.retired_on > SINCE),
        *whose(client, of_one),
    )
