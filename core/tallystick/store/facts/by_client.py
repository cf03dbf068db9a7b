"""Reading facts back, one client after the other, references joined to entity refs.

Every stream is ordered by the ref of the client its rows belong to
(`tallystick.store.facts.owners`), so the streams are merged and memory holds one client at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import chain
from operator import attrgetter
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Connection, Row, Select, select

from tallystick.billing.assemble import ClientFacts
from tallystick.billing.devices.following import changed
from tallystick.billing.facts import Incident, Work
from tallystick.period import local_date
from tallystick.records import (
    Asset,
    Client,
    Contact,
    Contract,
    ContractLine,
    Licence,
    Record,
    Usage,
)
from tallystick.store.billing import recounts
from tallystick.store.facts import owners
from tallystick.store.facts.links import homes_of
from tallystick.store.facts.owned import of_clients
from tallystick.store.facts.schema import FACTS
from tallystick.store.streams import ALL, ByClient, Share, in_order

R = TypeVar("R", bound=Record)
C = TypeVar("C", Contact, Licence, Usage)
CHUNK = 500
SUGGESTED = 5
BY_ID = attrgetter("id")
"""So lines come in one order, whichever index the database finds them by."""
COUNTED = ("asset", "contact", "licence", "usage")
booking, client = FACTS["booking"], FACTS["client"]


def client_facts(
    connection: Connection,
    homes: Mapping[str, str],
    until: date,
    zone: ZoneInfo,
    only: str | Sequence[str] | None = None,
    share: Share = ALL,
    *,
    worked: bool = True,
) -> Iterator[ClientFacts]:
    """The home clients of `share` with their facts before `until`, ordered by ref; `only` one or
    some if given. Unless `worked`, without bookings and tickets, which are most of what there is.
    """
    fetch = _Fetch(connection, homes, [only] if isinstance(only, str) else only, share)
    contracts = fetch.stream("contract", owners.contracts())
    lines = fetch.stream("contract_line", owners.contract_lines())
    tickets = bookings = later = ByClient(())
    if worked:
        tickets = fetch.stream("ticket", owners.tickets())
        bookings = fetch.stream("booking", owners.works().where(booking.c.work_date < until))
        later = fetch.stream("booking", _refs(owners.works()).where(booking.c.work_date >= until))
    counted = {kind: fetch.stream(kind, owners.named_by_client(FACTS[kind])) for kind in COUNTED}
    homes_of_assets = homes_of(connection, "asset")
    quantities = recounts.approved(connection)
    for row in fetch.clients():
        ref = row[-1]
        own_lines = [
            changed(one, quantities[one.id]) if one.id in quantities else one
            for one in sorted(map(line_of, lines.take(ref)), key=BY_ID)
        ]
        own_tickets = tickets.take(ref)
        closed = [_incident(one, zone) for one in own_tickets if one.closed_at is not None]
        closed_later = [one.ref for one in closed if one.closed_on >= until]
        assets = [_asset(one) for one in counted["asset"].take(ref)]
        by_ref = {one.id: one for one in assets}
        yield ClientFacts(
            client=_record(row, Client, id=ref),
            contracts=[
                (agreed, [line for line in own_lines if line.contract == agreed.id])
                for agreed in map(contract_of, contracts.take(ref))
            ],
            works=[_work(one, by_ref, homes_of_assets) for one in bookings.take(ref)],
            incidents=[one for one in closed if one.closed_on < until],
            assets=assets,
            users=[_counted(one, Contact) for one in counted["contact"].take(ref)],
            licences=[_counted(one, Licence) for one in counted["licence"].take(ref)],
            usages=[_counted(one, Usage) for one in counted["usage"].take(ref)],
            completed={one.ref: one.closed_on for one in closed},
            ticket_contracts={
                f"{one.connection}:{one.id}": f"{one.connection}:{one.contract}"
                for one in own_tickets
                if one.contract is not None
            },
            later=frozenset(
                [f"booking:{one.ref}" for one in later.take(ref)]
                + [f"{kind}:{one}" for kind in ("ticket", "sla") for one in closed_later]
            ),
        )


def _refs(statement: Select[Any]) -> Select[Any]:
    """The refs of the rows and of their clients, without what else they hold."""
    columns = statement.selected_columns
    return statement.with_only_columns(columns["ref"], columns["client_ref"])


class _Fetch:
    """Runs the streams of one reading: home connections only, ordered by client ref."""

    def __init__(
        self,
        connection: Connection,
        homes: Mapping[str, str],
        only: Sequence[str] | None,
        share: Share,
    ) -> None:
        self._connection = connection
        self._homes = homes
        self._only = only
        self._share = share

    def stream(self, kind: str, statement: Select[Any]) -> ByClient:
        at = statement.selected_columns.keys().index("client_ref")
        return ByClient(self._run(kind, statement), at)

    def clients(self) -> Iterable[Row[Any]]:
        return self._run("client", select(client, owners.own_ref(client).label("client_ref")))

    def _run(self, kind: str, statement: Select[Any]) -> Iterable[Row[Any]]:
        ref = statement.selected_columns["client_ref"]
        statement = statement.where(
            FACTS[kind].c.connection == self._homes.get(kind, ""), ref.is_not(None)
        )
        if self._only is not None:
            mine = of_clients(self._connection, kind, self._homes.get(kind, ""), self._only)
            statement = statement.where(ref.in_(self._only), mine)
        key = in_order(self._connection, ref)
        ordered = statement.where(self._share.covers(key)).order_by(key)
        found = self._connection.execute(ordered.execution_options(yield_per=CHUNK))
        return chain.from_iterable(found.partitions(CHUNK))


def _record(row: Row[Any], kind: type[R], **instead: Any) -> R:
    """As `record_of`, of a row that begins as its table does, with its connection: a field's value
    is found by its place, which is faster than by its name."""
    return kind(**dict(zip(kind.__struct_fields__, row[1:], strict=False), **instead))


def _of_client(row: Row[Any], kind: type[R]) -> R:
    """The same of a row that ends in the ref of its client, references joined."""
    told: Sequence[Any] = row
    return _record(row, kind, id=f"{told[0]}:{told[1]}", client=told[-1])


def contract_of(row: Row[Any]) -> Contract:
    """The contract in a row of `owners.contracts`."""
    return _of_client(row, Contract)


def line_of(row: Row[Any]) -> ContractLine:
    """The line in a row of `owners.contract_lines`, references joined."""
    at = f"{row.connection}:"
    return _record(row, ContractLine, id=at + row.id, contract=at + row.contract)


def _asset(row: Row[Any]) -> Asset:
    return _of_client(row, Asset)


def _counted(row: Row[Any], kind: type[C]) -> C:
    """A user, licence or usage with its references joined."""
    at = f"{row.connection}:"
    contract = getattr(row, "contract", None)
    named = {"contract": at + contract} if contract else {}
    return _record(row, kind, id=at + row.id, client=row.client_ref, **named)


def _work(row: Row[Any], assets: Mapping[str, Asset], homes: Mapping[str, str]) -> Work:
    """`row` holds the fields of `Work` in their order."""
    fields: Sequence[Any] = row
    work = Work(*fields)
    if work.asset is None:
        return work
    named = homes.get(work.asset, work.asset)
    asset = assets.get(named)
    return msgspec.structs.replace(
        work,
        asset=named,
        asset_type=asset.type if asset else None,
        location=work.location or (asset.location if asset else None),
    )


def _incident(row: Row[Any], zone: ZoneInfo) -> Incident:
    return Incident(
        ref=f"{row.connection}:{row.id}",
        closed_on=local_date(row.closed_at, zone),
        contract=f"{row.connection}:{row.contract}" if row.contract else None,
        type=row.type,
        priority=row.priority,
        sla_met=row.sla_met,
        title=row.title,
    )


def client_of_booking(connection: Connection, source: str, booking_id: str) -> str | None:
    """The client ref a booking belongs to; raises `LookupError` when there is no such booking."""
    statement = owners.works().where(booking.c.connection == source, booking.c.id == booking_id)
    row = connection.execute(statement).first()
    if row is None:
        raise LookupError(booking_id)
    ref: str | None = row.client_ref
    return ref


def client_of_contract(connection: Connection, source: str, contract_id: str) -> str | None:
    """The client ref a contract belongs to; raises `LookupError`, with some ids there are, when
    there is no such contract."""
    contract = FACTS["contract"]
    at_home = contract.c.connection == source
    statement = owners.contracts().where(at_home, contract.c.id == contract_id)
    row = connection.execute(statement).first()
    if row is None:
        known = select(contract.c.id).where(at_home).order_by(contract.c.id).limit(SUGGESTED)
        raise LookupError(", ".join(connection.execute(known).scalars()))
    ref: str | None = row.client_ref
    return ref
