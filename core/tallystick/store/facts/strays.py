"""Strays: what belongs to a client or contract nobody knows; reading by client never meets it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, and_, null, or_, select

from tallystick.store.facts import owners
from tallystick.store.facts.schema import FACTS

asset, booking, client = FACTS["asset"], FACTS["booking"], FACTS["client"]
contract, contract_line = FACTS["contract"], FACTS["contract_line"]


class Stray(NamedTuple):
    """Records of one `kind` that name `owner` (`client psa:9`), or none: `no client`.

    `refs` are theirs, `seconds` the time of each booking.
    """

    owner: str
    kind: str
    refs: tuple[str, ...]
    seconds: tuple[int, ...] = ()

    def __str__(self) -> str:
        many = f"{len(self.refs)} {self.kind.replace('_', ' ')}s belong"
        one = f"{self.kind.replace('_', ' ').capitalize()} {self.refs[0]} belongs"
        whom = self.owner if self.owner == "no client" else f"{self.owner}, which nobody knows"
        if len(self.refs) == 1:
            return f"{one} to {whom}."
        return f"{many} to {whom}, for example {self.refs[0]}."


def strays(connection: Connection, homes: Mapping[str, str], until: date) -> Iterator[Stray]:
    """Contracts, contract lines, and bookings before `until` that nothing will bill, and assets
    still there then that count for nobody."""
    works = owners.works().where(booking.c.work_date < until)
    for kind, statement in (("contract", owners.contracts()), ("booking", works)):
        rows = connection.execute(_of_nobody(homes, kind, statement))
        for ref, group in groupby(rows, key=lambda row: row.client_ref):
            owner = "no client" if ref is None else f"client {ref}"
            yield _stray(owner, kind, list(group))
    for statement in _assets(until):
        rows = connection.execute(_of_nobody(homes, "asset", statement))
        for ref, group in groupby(rows, key=lambda row: row.client_ref):
            yield _stray("no client" if ref is None else f"client {ref}", "asset", list(group))
    rows = connection.execute(_without_contract(homes))
    for (source, ref), group in groupby(rows, key=lambda row: (row.connection, row.contract)):
        yield _stray(f"contract {source}:{ref}", "contract_line", list(group))


def _assets(until: date) -> tuple[Select[Any], Select[Any]]:
    """Assets that name a client, and those that name none."""
    nobody = select(asset, null().label("client_ref")).where(asset.c.client.is_(None))
    there = or_(asset.c.retired_on.is_(None), asset.c.retired_on >= until)
    named = owners.named_by_client(asset)
    ref = owners.own_ref(asset).label("ref")
    return named.add_columns(ref).where(there), nobody.add_columns(ref).where(there)


def _stray(owner: str, kind: str, rows: list[Row[Any]]) -> Stray:
    seconds = tuple(row.seconds for row in rows) if kind == "booking" else ()
    return Stray(owner, kind, tuple(row.ref for row in rows), seconds)


def _of_nobody(homes: Mapping[str, str], kind: str, statement: Select[Any]) -> Select[Any]:
    ref, table = statement.selected_columns["client_ref"], FACTS[kind]
    known = select(owners.own_ref(client)).where(client.c.connection == homes.get("client", ""))
    return (
        statement.where(table.c.connection == homes.get(kind, ""))
        .where(or_(ref.is_(None), ref.not_in(known)))
        .order_by(ref.nulls_last(), table.c.id)
    )


def _without_contract(homes: Mapping[str, str]) -> Select[Any]:
    of = and_(
        contract.c.connection == contract_line.c.connection,
        contract.c.id == contract_line.c.contract,
    )
    return (
        select(contract_line, owners.own_ref(contract_line).label("ref"))
        .join(contract, of, isouter=True)
        .where(
            contract_line.c.connection == homes.get("contract_line", ""), contract.c.id.is_(None)
        )
        .order_by(contract_line.c.contract, contract_line.c.id)
    )


def home_clients(connection: Connection, homes: Mapping[str, str]) -> list[str]:
    """The refs of all home clients, whom a run must have spoken of."""
    statement = select(owners.own_ref(client)).where(client.c.connection == homes.get("client", ""))
    return list(connection.execute(statement.order_by(client.c.id)).scalars())
