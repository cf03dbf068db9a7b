"""What was pushed to a vendor, one row per connection, record kind and key."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from tallystick.store.billing.schema import outbound

_UNLESS_KNOWN = {
    "sqlite": sqlite.insert(outbound).on_conflict_do_nothing().returning(outbound.c.key),
    "postgresql": postgresql.insert(outbound).on_conflict_do_nothing().returning(outbound.c.key),
}


def state_of(connection: Connection, target: str, kind: str, key: str) -> Row[Any] | None:
    """The row of a push to connection `target`, None when none was ever intended."""
    return connection.execute(_STATE_OF, _key(target, kind, key)).first()


def is_confirmed(connection: Connection, target: str, kind: str, key: str) -> bool:
    """Whether connection `target` has it and says what we say."""
    row = state_of(connection, target, kind, key)
    return row is not None and row.state == "confirmed"


def states(connection: Connection, target: str, kind: str) -> dict[str, str]:
    """The state of every push of one kind to `target`, by key."""
    statement = select(outbound.c.key, outbound.c.state).where(
        outbound.c.connection == target, outbound.c.kind == kind
    )
    return {row.key: row.state for row in connection.execute(statement)}


def intend(connection: Connection, target: str, kind: str, key: str, now: datetime) -> bool:
    """Note a push before anything is sent; False when one was intended before, also by somebody
    who is about to commit that."""
    values = {
        "connection": target,
        "kind": kind,
        "key": key,
        "state": "intended",
        "reason": "",
        "changed_at": now,
    }
    noted = connection.execute(_UNLESS_KNOWN[connection.dialect.name], values)
    return noted.first() is not None


def intend_again(connection: Connection, target: str, kind: str, key: str, now: datetime) -> None:
    """Note that a person has a push sent once more, whatever became of it before."""
    again = {"state": "intended", "vendor_id": None, "reason": "", "changed_at": now}
    connection.execute(_INTEND_AGAIN, {**_key(target, kind, key), **again})


def change(
    connection: Connection,
    target: str,
    kind: str,
    key: str,
    state: str,
    now: datetime,
    *,
    vendor_id: str | None = None,
    reason: str = "",
) -> None:
    """Note what became of a push; `reason` is the sentence of what keeps it from `confirmed`,
    a state that no slower answer takes back."""
    became = {"state": state, "vendor_id": vendor_id, "reason": reason, "changed_at": now}
    connection.execute(_CHANGE, {**_key(target, kind, key), **became})


def _key(target: str, kind: str, key: str) -> dict[str, Any]:
    return {"of_connection": target, "of_kind": kind, "of_key": key}


_IS = (
    outbound.c.connection == bindparam("of_connection"),
    outbound.c.kind == bindparam("of_kind"),
    outbound.c.key == bindparam("of_key"),
)
_STATE_OF = select(outbound).where(*_IS)
_INTEND_AGAIN = update(outbound).where(*_IS)
_CHANGE = _INTEND_AGAIN.where(outbound.c.state != "confirmed")
