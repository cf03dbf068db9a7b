"""What a profit table is about: the months of a period, of all clients or of one."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import BindParameter, ColumnElement, Date, Text, bindparam

from tallystick.period import Period

SINCE: BindParameter[Any] = bindparam("since", type_=Date())
UNTIL: BindParameter[Any] = bindparam("until", type_=Date())
CLIENT: BindParameter[Any] = bindparam("client", type_=Text())


class Scope(NamedTuple):
    """Whole months; `client` is a ref, None for all."""

    period: Period
    client: str | None = None

    @property
    def of_one(self) -> bool:
        return self.client is not None

    @property
    def values(self) -> dict[str, Any]:
        """What the places in a statement of this scope are filled with."""
        return {"since": self.period.start, "until": self.period.end, "client": self.client}


def within(
    month: ColumnElement[Any], client: ColumnElement[Any], of_one: bool
) -> list[ColumnElement[bool]]:
    """The conditions on a table's columns for its rows to belong to a scope, `of_one` client or of
    all."""
    return [month >= SINCE, month < UNTIL, *whose(client, of_one)]


def whose(client: ColumnElement[Any], of_one: bool) -> list[ColumnElement[bool]]:
    """The conditions on the client alone."""
    return [client == CLIENT] if of_one else []
