"""Links in the store: what joins a copy to its home record, what a person said, what is asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, tuple_

from tallystick.store.facts.schema import link, link_decision, link_question


class Pair(NamedTuple):
    """A copy and a home record, each by connection and id."""

    kind: str
    connection: str
    id: str
    home_connection: str
    home_id: str


def decided(connection: Connection, kind: str, source: str, home: str) -> dict[Pair, Row[Any]]:
    """What people said of the copies of `kind` at `source`."""
    rows = connection.execute(_DECIDED, {"of_kind": kind, "source": source, "home": home})
    return {Pair(*row[:5]): row for row in rows}


def decide(connection: Connection, pair: Pair, by: str, now: datetime, *, same: bool) -> None:
    """Note what `by` says of a pair, in place of what anybody said of it before."""
    columns = [link_decision.c[name] for name in Pair._fields]
    connection.execute(delete(link_decision).where(tuple_(*columns) == pair))
    said = {"same": same, "by": by, "at": now}
    connection.execute(insert(link_decision).values(**pair._asdict(), **said))


def ask(connection: Connection, kind: str, source: str, asked: Sequence[dict[str, Any]]) -> None:
    """The questions there are now of the copies of `kind` at `source`, in place of earlier ones."""
    connection.execute(_ASKED_NO_MORE, {"of_kind": kind, "source": source})
    if asked:
        connection.execute(insert(link_question), list(asked))


def questions(connection: Connection) -> list[Row[Any]]:
    """Every open question, the most probable pair first."""
    rows = connection.execute(select(link_question)).all()
    return sorted(rows, key=lambda row: (-row.probability, *row[:5]))


def homes_of(connection: Connection, kind: str) -> dict[str, str]:
    """The home ref of each record of `kind` that is a copy, by its own ref."""
    found = connection.execute(select(link).where(link.c.kind == kind))
    return {f"{row.connection}:{row.id}": f"{row.home_connection}:{row.home_id}" for row in found}


def links(connection: Connection, kinds: Iterable[str]) -> list[Row[Any]]:
    return list(
        connection.execute(
            select(link)
            .where(link.c.kind.in_(kinds))
            .order_by(link.c.kind, link.c.connection, link.c.id)
        )
    )


_DECIDED = select(link_decision).where(
    link_decision.c.kind == bindparam("of_kind"),
    link_decision.c.connection == bindparam("source"),
    link_decision.c.home_connection == bindparam("home"),
)
_ASKED_NO_MORE = delete(link_question).where(
    link_question.c.kind == bindparam("of_kind"),
    link_question.c.connection == bindparam("source"),
)
