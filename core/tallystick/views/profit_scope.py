"""What a profit table is about: the months of a period, of all clients or of one."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement

from tallystick.period import Period


class Scope(NamedTuple):
    """Whole months; `client` is a ref, None for all."""

    period: Period
    client: str | None = None

    def of(
        self, month: ColumnElement[Any], client: ColumnElement[Any]
    ) -> list[ColumnElement[bool]]:
        """The conditions on a table's columns for its rows to belong to it."""
        return [month >= self.period.start, month < self.period.end, *self.whose(client)]

    def whose(self, client: ColumnElement[Any]) -> list[ColumnElement[bool]]:
        """The conditions on the client alone."""
        return [] if self.client is None else [client == self.client]
