"""The annex of an invoice: the bookings, tickets and devices behind its lines, and the work that
its fees include.

Amounts, quantities and devices are those of the invoice, as issued; titles and notes are read from
the records when the document is written. Names of technicians stay inside.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, select

from tallystick.billing.invoice.document import Annexed, IncludedWork
from tallystick.billing.rates.cards import hours
from tallystick.money import Money
from tallystick.period import Period
from tallystick.store.details import included_of, units_of
from tallystick.store.facts_schema import FACTS
from tallystick.store.ledger_schema import charge

booking, ticket = FACTS["booking"], FACTS["ticket"]
NTH = re.compile(r":\d+$")
"""The further pieces of a booking that was cut are numbered behind its ref."""


def annex_of(connection: Connection, number: str) -> Iterator[Annexed]:
    """The rows behind each line of invoice `number`, line by line and by day."""
    rows = connection.execute(
        select(charge)
        .where(charge.c.invoice == number)
        .order_by(charge.c.position, charge.c.service_start, charge.c.index)
    ).all()
    worked = _by_ref(connection, booking, _refs(rows, "booking:"))
    tickets = _by_ref(connection, ticket, _refs(rows, "ticket:", "sla:"))
    units = units_of(connection, number)
    for row in rows:
        kind, _, ref = row.basis.partition(":")
        if kind == "booking":
            work = worked.get(ref) or worked.get(NTH.sub("", ref))
            yield _row(row, "booking", work.ticket or work.id if work else ref, _note(work))
        elif kind in ("ticket", "sla"):
            known = tickets.get(ref)
            yield _row(row, "incident", known.id if known else ref, known.title if known else "")
        else:
            yield from (_unit(row, unit) for unit in units.get(row._mapping["index"], ()))


def included_work(connection: Connection, number: str) -> Iterator[IncludedWork]:
    """The work that invoice `number` tells its fees to include, by contract line."""
    rows = included_of(connection, number)
    worked = _by_ref(connection, booking, {row.booking for row in rows})
    for (_, _, text), own in groupby(rows, key=lambda row: (row.contract, row.line, row.text)):
        found = [(row, worked.get(row.booking)) for row in own]
        tickets = {work.ticket for row, work in found if work and work.ticket and row.seconds > 0}
        yield IncludedWork(text, len(tickets), tuple(_told(row, work) for row, work in found))


def _told(row: Row[Any], work: Row[Any] | None) -> Annexed:
    ref = work.ticket or work.id if work else row.booking
    return Annexed(0, row.work_date, ref, _note(work), hours(row.seconds), "hour", None)


def _unit(row: Row[Any], unit: Row[Any]) -> Annexed:
    days = Period(unit.days_start, unit.days_end)
    part = None if days == Period(row.service_start, row.service_end) else days
    return Annexed(
        *(row.position, None, unit.kind, unit.name, unit.quantity, row.unit, None),
        kind="asset",
        days=part,
    )


def _row(row: Row[Any], kind: Any, ref: str, what: str) -> Annexed:
    return Annexed(
        line=row.position,
        on=row.service_start,
        ref=ref,
        what=what,
        quantity=row.quantity,
        unit=row.unit,
        amount=Money(row.amount_minor, row.currency),
        kind=kind,
    )


def _note(work: Row[Any] | None) -> str:
    return (work.note or work.work_type or "") if work else ""


def _refs(rows: Iterable[Row[Any]], *kinds: str) -> set[str]:
    found = {
        row.basis.removeprefix(kind) for row in rows for kind in kinds if row.basis.startswith(kind)
    }
    return found | {NTH.sub("", ref) for ref in found}


def _by_ref(connection: Connection, table: Any, refs: set[str]) -> dict[str, Row[Any]]:
    ids: dict[str, list[str]] = {}
    for ref in sorted(refs):
        source, _, external_id = ref.partition(":")
        ids.setdefault(source, []).append(external_id)
    found = {}
    for source, wanted in ids.items():
        for at in range(0, len(wanted), 500):
            statement = select(table).where(
                table.c.connection == source, table.c.id.in_(wanted[at : at + 500])
            )
            for row in connection.execute(statement):
                found[f"{source}:{row.id}"] = row
    return found
