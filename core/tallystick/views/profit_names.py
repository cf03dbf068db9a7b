"""What the rows of a profit table are called."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from tallystick.insight.profit import UNROUTED
from tallystick.store.facts.refs import rows_of
from tallystick.store.facts.schema import FACTS
from tallystick.views.profit_cells import UNROUTED_OF

KIND_OF = {
    "contract": "contract",
    "client": "client",
    "line": "contract_line",
    "technician": "technician",
    "asset": "asset",
    "ticket": "ticket",
}
COLUMN_OF = {"contract_line": "description", "ticket": "title"}


def names_of(connection: Connection, by: str, refs: Iterable[str]) -> dict[str, str]:
    """The names of those `refs` whose records the store has."""
    wanted = set(refs)
    found = _records(connection, KIND_OF[by], wanted) if by in KIND_OF else {}
    clients = {
        ref: ref.removeprefix(UNROUTED_OF)[:-1] for ref in wanted if ref.startswith(UNROUTED_OF)
    }
    named = _records(connection, "client", set(clients.values())) if clients else {}
    return found | {
        ref: f"{named.get(client, client)} ({UNROUTED})" for ref, client in clients.items()
    }


def _records(connection: Connection, kind: str, refs: set[str]) -> dict[str, str]:
    name = COLUMN_OF.get(kind, "name")
    rows = rows_of(connection, FACTS[kind], refs, name)
    return {ref: text for ref, row in rows if (text := getattr(row, name))}
