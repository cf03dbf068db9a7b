"""Reading facts back, one client after the other, references joined to entity refs.

Every stream is ordered by the ref of the client its rows belong to (`tallystick.store.owners`),
so the streams are merged and memory holds one client at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Connection, Row, Select, select

from tallystick.billing.assemble import ClientFacts
from tallystick.billing.facts import Incident, Work
from tallystick.period import local_date
from tallystick.records import Asset, Client, Contract, ContractLine, Record
from tallystick.store import owners
from tallystick.store.facts_schema import FACTS
from tallystick.store.streams import ByClient, in_order

R = TypeVar("R", bound=Record)
booking, client = FACTS["booking"], FACTS["client"]


def record_of(row: Row[Any], kind: type[R]) -> R:
    """The record a row of its table holds."""
    return kind(**{name: getattr(row, name) for name in kind.__struct_fields__})


def client_facts(
    connection: Connection,
    homes: Mapping[str, str],
    until: date,
    zone: ZoneInfo,
    only: str | None = None,
) -> Iterator[ClientFacts]:
    """Every home client with its facts before `until`, ordered by ref; `only` one if given."""
    fetch = _Fetch(connection, homes, only)
    contracts = fetch.stream("contract", owners.contracts())
    lines = fetch.stream("contract_line", owners.contract_lines())
    tickets = fetch.stream("ticket", owners.tickets())
    works = fetch.stream("booking", owners.works().where(booking.c.work_date < until))
    assets = fetch.stream("asset", owners.assets())
    for row in fetch.clients():
        ref = row.client_ref
        own_lines = [_line(one) for one in lines.take(ref)]
        own_tickets = tickets.take(ref)
        incidents = (_incident(one, zone) for one in own_tickets if one.closed_at is not None)
        yield ClientFacts(
            client=msgspec.structs.replace(record_of(row, Client), id=ref),
            contracts=[
                (agreed, [line for line in own_lines if line.contract == agreed.id])
                for agreed in map(_contract, contracts.take(ref))
            ],
            works=[_work(one) for one in works.take(ref)],
            incidents=[one for one in incidents if one.closed_on < until],
            assets=[_asset(one) for one in assets.take(ref)],
            ticket_contracts={
                f"{one.connection}:{one.id}": f"{one.connection}:{one.contract}"
                for one in own_tickets
                if one.contract is not None
            },
        )


class _Fetch:
    """Runs the streams of one reading: home connections only, ordered by client ref."""

    def __init__(self, connection: Connection, homes: Mapping[str, str], only: str | None) -> None:
        self._connection = connection
        self._homes = homes
        self._only = only

    def stream(self, kind: str, statement: Select[Any]) -> ByClient:
        return ByClient(self._run(kind, statement))

    def clients(self) -> Iterable[Row[Any]]:
        return self._run("client", select(client, owners.own_ref(client).label("client_ref")))

    def _run(self, kind: str, statement: Select[Any]) -> Iterable[Row[Any]]:
        ref = statement.selected_columns["client_ref"]
        statement = statement.where(
            FACTS[kind].c.connection == self._homes.get(kind, ""), ref.is_not(None)
        )
        if self._only is not None:
            statement = statement.where(ref == self._only)
        ordered = statement.order_by(in_order(self._connection, ref))
        return self._connection.execute(ordered.execution_options(yield_per=1000))


def _contract(row: Row[Any]) -> Contract:
    ref = f"{row.connection}:{row.id}"
    return msgspec.structs.replace(record_of(row, Contract), id=ref, client=row.client_ref)


def _line(row: Row[Any]) -> ContractLine:
    return msgspec.structs.replace(
        record_of(row, ContractLine),
        id=f"{row.connection}:{row.id}",
        contract=f"{row.connection}:{row.contract}",
    )


def _asset(row: Row[Any]) -> Asset:
    return msgspec.structs.replace(
        record_of(row, Asset), id=f"{row.connection}:{row.id}", client=row.client_ref
    )


def _work(row: Row[Any]) -> Work:
    def at(ref: str | None) -> str | None:
        return ref and f"{row.connection}:{ref}"

    return Work(
        ref=f"{row.connection}:{row.id}",
        work_date=row.work_date,
        seconds=row.seconds,
        work_type=row.work_type,
        technician=at(row.technician),
        role=row.role,
        client=row.client_ref,
        contract=at(row.contract),
        ticket=at(row.ticket),
        billable=row.billable,
        note=row.note,
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
