"""The records behind charges, by what an annex calls them: ticket and note, or ticket and title.

They are named when an invoice with an annex is issued, and stay named so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Table, insert, select

from tallystick.store.billing.detail_schema import invoice_record
from tallystick.store.facts.refs import rows_of
from tallystick.store.facts.schema import FACTS

booking, ticket = FACTS["booking"], FACTS["ticket"]
TICKETS = ("ticket", "sla")
"""What a basis that names a ticket begins with."""
NTH = re.compile(r":\d+$")
"""The further pieces of a booking that was cut are numbered behind its ref."""


class Named(NamedTuple):
    """`record` is the id of a ticket (`on_ticket`), or of a booking that is on none."""

    record: str
    what: str
    on_ticket: bool


def named_now(connection: Connection, bases: Iterable[str]) -> dict[str, Named]:
    """What there is behind `bases`, as the records say it now."""
    parted = [(basis, *basis.partition(":")[::2]) for basis in bases]
    worked = _by_ref(connection, booking, (ref for _, kind, ref in parted if kind == "booking"))
    known = _by_ref(connection, ticket, (ref for _, kind, ref in parted if kind in TICKETS))
    found = {}
    for basis, kind, ref in parted:
        if kind == "booking" and (row := worked.get(ref) or worked.get(NTH.sub("", ref))):
            what = row.note or row.work_type or ""
            found[basis] = Named(row.ticket or row.id, what, bool(row.ticket))
        elif kind in TICKETS and (row := known.get(ref)):
            found[basis] = Named(row.id, row.title, on_ticket=True)
    return found


def insert_named(connection: Connection, number: str, named: dict[str, Named]) -> None:
    rows = [{"invoice": number, "basis": basis, **one._asdict()} for basis, one in named.items()]
    if rows:
        connection.execute(insert(invoice_record), rows)


def named_at_issue(connection: Connection, number: str) -> dict[str, Named]:
    table = invoice_record
    rows = connection.execute(select(table).where(table.c.invoice == number))
    return {row.basis: Named(row.record, row.what, row.on_ticket) for row in rows}


def _by_ref(connection: Connection, table: Table, refs: Iterable[str]) -> dict[str, Row[Any]]:
    asked = set(refs)
    return dict(rows_of(connection, table, asked | {NTH.sub("", ref) for ref in asked}))
