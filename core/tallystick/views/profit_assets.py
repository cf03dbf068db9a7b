"""Assets of clients that pay by the piece, and that no contract line counts: served for nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import Connection, or_

from tallystick.billing.coverage import ready_lines
from tallystick.billing.facts import Facts
from tallystick.billing.holes import uncounted
from tallystick.billing.models.per_unit import PerUnitTerms
from tallystick.records import Asset
from tallystick.store import owners
from tallystick.store.agreements import Agreements, agreements
from tallystick.store.cell_terms import CellTerms
from tallystick.store.facts import record_of
from tallystick.store.facts_schema import FACTS
from tallystick.store.streams import chunks
from tallystick.views.profit_scope import Scope

CHUNK = 500


def assets_without_line(connection: Connection, terms: CellTerms, scope: Scope) -> int:
    """How many there are on any day of the period."""
    clients = _paying_by_the_piece(connection, terms, scope)
    assets = _assets(connection, terms, scope) if clients else {}
    count = 0
    for some in chunks(sorted(clients & assets.keys()), CHUNK):
        for client, agreed in agreements(connection, terms, some).items():
            count += _uncounted(assets[client], agreed, terms, scope)
    return count


def _paying_by_the_piece(connection: Connection, terms: CellTerms, scope: Scope) -> set[str]:
    counting = [
        name for name, model in terms.models.items() if issubclass(model.terms, PerUnitTerms)
    ]
    lines = owners.contract_lines()
    line, client = FACTS["contract_line"], lines.selected_columns["client_ref"]
    at_home = line.c.connection == terms.home("contract_line")
    found = lines.where(at_home, line.c.model.in_(counting), *scope.whose(client))
    return set(connection.execute(found.with_only_columns(client).distinct()).scalars())


def _assets(connection: Connection, terms: CellTerms, scope: Scope) -> dict[str, list[Asset]]:
    """By client, those there on any day of the period."""
    table, period = FACTS["asset"], scope.period
    assets = owners.named_by_client(table)
    there = (
        table.c.connection == terms.home("asset"),
        or_(table.c.active_from.is_(None), table.c.active_from < period.end),
        or_(table.c.retired_on.is_(None), table.c.retired_on > period.start),
        *scope.whose(assets.selected_columns["client_ref"]),
    )
    found: dict[str, list[Asset]] = defaultdict(list)
    for row in connection.execute(assets.where(*there)):
        found[row.client_ref].append(record_of(row, Asset))
    return found


def _uncounted(assets: Sequence[Asset], agreed: Agreements, terms: CellTerms, scope: Scope) -> int:
    lines = [
        ready
        for one in agreed.readable
        for ready in ready_lines(
            Facts(one.contract, tuple(line for line, _ in one.lines)),
            terms.models,
            scope.period.end,
        )
    ]
    return len(uncounted(assets, lines, scope.period))
