"""Linking: the identity rules run over what is stored, and their links kept up to date."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from msgspec.structs import replace
from sqlalchemy import Connection, bindparam, delete, insert, select

from tallystick.records import Asset, Client, Record
from tallystick.store.database import Database
from tallystick.store.facts import links as stored
from tallystick.store.facts.inbound import Keep, keep_nothing
from tallystick.store.facts.records import records_at
from tallystick.store.facts.schema import FACTS, link
from tallystick.sync.alike import alike
from tallystick.sync.identity import KEYS, Ambiguity, Link, match
from tallystick.sync.likeness import Likeness


class HandLink(NamedTuple):
    """A link a person wrote into the config; it outranks every rule."""

    kind: str
    connection: str
    id: str
    home_id: str


class LinkReport(NamedTuple):
    """`questions` are pairs of records that may be the same, for a person to decide."""

    kind: str
    connection: str
    linked: int
    unlinked: tuple[str, ...]
    ambiguities: tuple[Ambiguity, ...]
    questions: int
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
            sources = connection.execute(_SOURCES[kind], {"home": home}).scalars()
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
    copies = _records(connection, kind, source)
    at_home = _records(connection, kind, home)
    said = stored.decided(connection, kind, source, home)
    apart = {(pair.id, pair.home_id) for pair, row in said.items() if not row.same}
    found = [
        *_by_hand(kind, source, by_hand),
        *(
            Link(pair.id, pair.home_id, f"decided by {row.by}")
            for pair, row in said.items()
            if row.same
        ),
    ]
    known = {one.copy: one for one in reversed(found) if one.copy in copies and one.home in at_home}
    found = list(known.values())
    rest = [copies[ref] for ref in copies.keys() - known.keys()]
    links, ambiguities = match(rest, at_home.values(), KEYS[kind], apart)
    found += links
    found += _asked(kind, copies, at_home, {one.copy for one in found}, ask)
    questions: list[Likeness] = []
    if kind == "client":
        links, questions = alike(_clients(copies), _clients(at_home), found, apart)
        found += links
    stored.ask(connection, kind, source, [_question(kind, source, home, one) for one in questions])
    unlinked = copies.keys() - {one.copy for one in found}
    written = _keep(connection, kind, source, home, found, keep)
    return LinkReport(
        kind,
        source,
        len(found),
        tuple(sorted(unlinked)),
        tuple(ambiguities),
        len(questions),
        written,
    )


def _by_hand(kind: str, source: str, by_hand: Sequence[HandLink]) -> list[Link]:
    return [
        Link(one.id, one.home_id, "linked by hand")
        for one in by_hand
        if (one.kind, one.connection) == (kind, source)
    ]


def _clients(records: Mapping[str, Record]) -> list[Client]:
    return [record for _, record in sorted(records.items()) if isinstance(record, Client)]


def _question(kind: str, source: str, home: str, one: Likeness) -> dict[str, Any]:
    pair = stored.Pair(kind, source, one.copy, home, one.home)
    likely = Decimal(f"{one.probability:.4f}")
    return {**pair._asdict(), "probability": likely, "reasons": one.reasons}


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


def _records(connection: Connection, kind: str, source: str) -> dict[str, Record]:
    """A device's client is the ref of that client at home, where it is linked."""
    records = records_at(connection, kind, source)
    if kind != "asset":
        return records
    homes = stored.homes_of(connection, "client")
    return {
        one.id: replace(one, client=homes.get(ref := f"{source}:{one.client}", ref))
        for one in records.values()
        if isinstance(one, Asset)
    }


def _keep(
    connection: Connection,
    kind: str,
    source: str,
    home: str,
    found: Sequence[Link],
    keep: Keep,
) -> int:
    """Write the links that changed; returns how many rows that took."""
    before = {
        (row.id, row.home_connection, row.home_id, row.rule)
        for row in connection.execute(_OF_SOURCE, {"of_kind": kind, "source": source})
    }
    now = {(one.copy, home, one.home, one.rule) for one in found}
    gone, new = before - now, now - before
    moved = sorted({one[0] for one in gone | new})
    with keep(connection, source, f"link.{kind}", moved):
        _write(connection, kind, source, gone, new)
    return len(gone) + len(new)


LinkRow = tuple[str, str, str, str]
"""Id, home connection, home id and rule."""


def _write(
    connection: Connection,
    kind: str,
    source: str,
    gone: set[LinkRow],
    new: set[LinkRow],
) -> None:
    if gone:
        mine = (link.c.kind == kind) & (link.c.connection == source)
        connection.execute(delete(link).where(mine, link.c.id.in_([one[0] for one in gone])))
    if new:
        names = ("id", "home_connection", "home_id", "rule")
        connection.execute(
            insert(link),
            [
                {"kind": kind, "connection": source} | dict(zip(names, one, strict=True))
                for one in sorted(new)
            ],
        )


_SOURCES = {
    kind: select(FACTS[kind].c.connection)
    .distinct()
    .where(FACTS[kind].c.connection != bindparam("home"))
    for kind in KEYS
}
_OF_SOURCE = select(link).where(
    link.c.kind == bindparam("of_kind"), link.c.connection == bindparam("source")
)
