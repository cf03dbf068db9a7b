"""Linking: the identity rules run over what is stored, and their links kept up to date."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, delete, insert, select

from tallystick.records import KINDS, Client, Record
from tallystick.store.database import Database
from tallystick.store.facts import record_of
from tallystick.store.facts_schema import FACTS, link
from tallystick.store.inbound import Keep, keep_nothing
from tallystick.sync.identity import KEYS, Ambiguity, Link, match


class HandLink(NamedTuple):
    """A link a person wrote into the config; it outranks every rule."""

    kind: str
    connection: str
    id: str
    home_id: str


class LinkReport(NamedTuple):
    kind: str
    connection: str
    linked: int
    unlinked: tuple[str, ...]
    ambiguities: tuple[Ambiguity, ...]
    written: int


Matcher = Callable[[Client, dict[str, Client]], str | None]


def link_all(
    database: Database,
    homes: Mapping[str, str],
    by_hand: Sequence[HandLink],
    ask: Matcher,
    keep: Keep = keep_nothing,
) -> list[LinkReport]:
    """Link the copies of every kind that has identity rules to their home records; `keep` is
    entered round every change, for the kind `link.client` or `link.asset`."""
    reports: list[LinkReport] = []
    with database.write() as connection:
        for kind in KEYS:
            if (home := homes.get(kind)) is None:
                continue
            table = FACTS[kind]
            sources = connection.execute(
                select(table.c.connection).distinct().where(table.c.connection != home)
            ).scalars()
            reports.extend(
                _link_one(connection, kind, source, home, by_hand, ask, keep)
                for source in sorted(sources)
            )
    return reports


def _link_one(
    connection: Connection,
    kind: str,
    source: str,
    home: str,
    by_hand: Sequence[HandLink],
    ask: Matcher,
    keep: Keep,
) -> LinkReport:
    copies = {record.id: record for record in _records(connection, kind, source)}
    at_home = {record.id: record for record in _records(connection, kind, home)}
    found = [
        Link(one.id, one.home_id, "linked by hand")
        for one in by_hand
        if (one.kind, one.connection) == (kind, source)
        and one.id in copies
        and one.home_id in at_home
    ]
    rest = [copies[ref] for ref in copies.keys() - {one.copy for one in found}]
    links, ambiguities = match(rest, at_home.values(), KEYS[kind])
    found += links
    found += _asked(kind, copies, at_home, {one.copy for one in found}, ask)
    unlinked = copies.keys() - {one.copy for one in found}
    written = _keep(connection, kind, source, home, found, keep)
    return LinkReport(
        kind, source, len(found), tuple(sorted(unlinked)), tuple(ambiguities), written
    )


def _asked(
    kind: str,
    copies: Mapping[str, Record],
    at_home: Mapping[str, Record],
    linked: set[str],
    ask: Matcher,
) -> list[Link]:
    """What plugins decide about the clients no rule could link."""
    if kind != "client":
        return []
    known = {ref: record for ref, record in at_home.items() if isinstance(record, Client)}
    answers = [
        (ref, ask(record, known))
        for ref, record in copies.items()
        if ref not in linked and isinstance(record, Client)
    ]
    return [Link(ref, home, "decided by a plugin") for ref, home in answers if home in known]


def _records(connection: Connection, kind: str, source: str) -> list[Record]:
    table = FACTS[kind]
    rows = connection.execute(
        select(table).where(table.c.connection == source).order_by(table.c.id)
    )
    return [record_of(row, KINDS[kind]) for row in rows]


def _keep(
    connection: Connection,
    kind: str,
    source: str,
    home: str,
    found: Sequence[Link],
    keep: Keep,
) -> int:
    """Write the links that changed; returns how many rows that took."""
    of_source = (link.c.kind == kind) & (link.c.connection == source)
    before = {
        (row.id, row.home_connection, row.home_id, row.rule)
        for row in connection.execute(select(link).where(of_source))
    }
    now = {(one.copy, home, one.home, one.rule) for one in found}
    gone, new = before - now, now - before
    moved = sorted({one[0] for one in gone | new})
    with keep(connection, source, f"link.{kind}", moved):
        _write(connection, of_source, kind, source, gone, new)
    return len(gone) + len(new)


LinkRow = tuple[str, str, str, str]
"""Id, home connection, home id and rule."""


def _write(
    connection: Connection,
    of_source: ColumnElement[bool],
    kind: str,
    source: str,
    gone: set[LinkRow],
    new: set[LinkRow],
) -> None:
    if gone:
        connection.execute(delete(link).where(of_source, link.c.id.in_([one[0] for one in gone])))
    if new:
        names = ("id", "home_connection", "home_id", "rule")
        connection.execute(
            insert(link),
            [
                {"kind": kind, "connection": source} | dict(zip(names, one, strict=True))
                for one in sorted(new)
            ],
        )
