"""The annex of an invoice: the bookings, tickets and devices behind its lines, and the work that
its fees include, all as they were at issue. Names of technicians stay inside.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, select

from tallystick.billing.invoice.document import Annexed, IncludedWork
from tallystick.billing.invoice.proposal import Proposal
from tallystick.billing.rates.cards import hours
from tallystick.money import Money
from tallystick.period import Period
from tallystick.store.billing.behind import Named, named_at_issue, named_now
from tallystick.store.billing.details import included_of, units_of
from tallystick.store.billing.schema import charge

KINDS = {"booking": "booking", "ticket": "incident", "sla": "incident"}
"""What the annex calls the records that a basis of a charge names."""


def named_by(body: Proposal) -> list[str]:
    """The bases of everything that the annex of a proposal names."""
    charged = [due.charge.basis for due in body.dues]
    included = [_basis(one.booking) for one in body.detail.included] if body.detail else []
    return list(dict.fromkeys(charged + included))


def _basis(booking: str) -> str:
    return f"booking:{booking}"


def annex_of(connection: Connection, row: Row[Any]) -> Iterator[Annexed]:
    """The rows behind each line of an `invoice` row, line by line and by day. Of one that was
    issued when no annex was written, the records are called what they are called now."""
    charges = connection.execute(
        select(charge)
        .where(charge.c.invoice == row.number)
        .order_by(charge.c.position, charge.c.service_start, charge.c.index)
    ).all()
    if row.detailed:
        named = named_at_issue(connection, row.number)
    else:
        named = named_now(connection, [one.basis for one in charges])
    units = units_of(connection, row.number)
    for one in charges:
        kind, _, ref = one.basis.partition(":")
        if kind in KINDS:
            known = named.get(one.basis)
            yield _row(
                one, KINDS[kind], known.record if known else ref, known.what if known else ""
            )
        else:
            yield from (_unit(one, unit) for unit in units.get(one._mapping["index"], ()))


def included_work(connection: Connection, number: str) -> Iterator[IncludedWork]:
    """The work that invoice `number` tells its fees to include, by contract line."""
    named = named_at_issue(connection, number)
    rows = included_of(connection, number)
    for (_, _, text), own in groupby(rows, key=lambda row: (row.contract, row.line, row.text)):
        told = list(own)
        done = (named.get(_basis(row.booking)) for row in told if row.seconds > 0)
        tickets = {one.record for one in done if one and one.on_ticket}
        yield IncludedWork(text, len(tickets), tuple(_told(row, named) for row in told))


def _told(row: Row[Any], named: Mapping[str, Named]) -> Annexed:
    known = named.get(_basis(row.booking))
    ref, what = (known.record, known.what) if known else (row.booking, "")
    return Annexed(0, row.work_date, ref, what, hours(row.seconds), "hour", None)


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
