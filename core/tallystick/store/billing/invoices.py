"""Invoices in the store: numbered without gaps, written once, never edited."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from tallystick.billing.invoice.proposal import Proposal
from tallystick.period import Period
from tallystick.store.billing.details import insert_detail
from tallystick.store.billing.schema import (
    charge,
    invoice,
    invoice_line,
    invoice_tax,
    number_series,
)
from tallystick.store.binding import many

Series = tuple[str, str, str]
"""Client, currency, group: what one sequence of invoices belongs to."""


def next_number(connection: Connection, series: str) -> int:
    """Take the next number of a series; given back when the transaction does not commit."""
    table = number_series
    taken = connection.execute(
        update(table)
        .where(table.c.name == series)
        .values(next=table.c.next + 1)
        .returning(table.c.next)
    ).scalar()
    if taken is None:
        connection.execute(insert(table).values(name=series, next=2))
        return 1
    return int(taken) - 1


def insert_issued(
    connection: Connection,
    number: str,
    row: Row[Any],
    body: Proposal,
    issued_on: date,
    due_on: date,
    parties: dict[str, Any],
    payment_terms_days: int,
) -> None:
    """Write the invoice a proposal row becomes, with its lines, tax and charges. Its parties,
    order, contracts and payment terms are fixed here."""
    connection.execute(
        insert(invoice).values(
            number=number,
            kind=body.kind,
            client=body.client,
            currency=body.currency,
            group=body.group,
            sequence=row.sequence + 1,
            proposal=row.id,
            period_start=body.period.start,
            period_end=body.period.end,
            issued_on=issued_on,
            due_on=due_on,
            net_minor=body.net.minor,
            tax_minor=body.tax.minor,
            gross_minor=body.gross.minor,
            settled_minor=0,
            state="issued",
            parties=parties,
            po_number=body.po_number,
            payment_terms_days=payment_terms_days,
            contracts=body.contracts,
            detailed=body.detail is not None,
        )
    )
    connection.execute(insert(invoice_line), _lines(number, body))
    connection.execute(
        insert(invoice_tax),
        [
            {
                "invoice": number,
                "category": tax.category,
                "percent": tax.percent,
                "net_minor": tax.net.minor,
                "amount_minor": tax.amount.minor,
                "code": tax.code,
                "exemption": tax.exemption,
            }
            for tax in body.taxes
        ],
    )
    connection.execute(insert(charge), _charges(number, body))
    if body.detail is not None:
        insert_detail(connection, number, body.detail)


def _lines(number: str, body: Proposal) -> list[dict[str, Any]]:
    return [
        {
            "invoice": number,
            "position": position,
            "contract": line.contract,
            "line": line.line,
            "text": line.text,
            "service_start": line.service.start,
            "service_end": line.service.end,
            "quantity": line.quantity,
            "unit": line.unit,
            "unit_price": line.unit_price,
            "net_minor": line.net.minor,
            "tax_category": line.tax_category,
            "account": line.account,
            "corrects": line.corrects,
            "tax_percent": line.tax_percent,
        }
        for position, line in enumerate(body.lines, 1)
    ]


def _charges(number: str, body: Proposal) -> list[dict[str, Any]]:
    position_of = {
        index: position for position, line in enumerate(body.lines, 1) for index in line.charges
    }
    return [
        {
            "invoice": number,
            "index": index,
            "position": position_of[index],
            "contract": due.charge.contract,
            "line": due.charge.line,
            "basis": due.charge.basis,
            "service_start": due.charge.service.start,
            "service_end": due.charge.service.end,
            "group": due.charge.group,
            "quantity": due.charge.quantity,
            "unit": due.charge.unit,
            "unit_price": due.charge.unit_price,
            "amount_minor": due.charge.amount.minor,
            "currency": due.charge.amount.currency,
            "account": due.charge.account,
            "tax_category": due.charge.tax_category,
            "tax_percent": due.charge.tax_percent,
            "tax_included": due.charge.tax_included,
            "included_tax_minor": due.included_tax_minor,
            "deferred": due.charge.deferred,
            "due_on": due.charge.due_on,
            "reason": due.charge.reason,
            "corrects": due.corrects,
        }
        for index, due in enumerate(body.dues)
    ]


def nets_by_period(
    connection: Connection, clients: Sequence[str], since: date, until: date
) -> dict[Series, dict[Period, int]]:
    """What `clients` were invoiced net, in minor units, per period between two days."""
    table = invoice
    key = (table.c.client, table.c.currency, table.c.group)
    when = (table.c.period_start, table.c.period_end)
    rows = connection.execute(
        select(*key, *when, func.sum(table.c.net_minor).label("net_minor"))
        .where(table.c.client.in_(clients), table.c.period_start >= since, when[1] <= until)
        .group_by(*key, *when)
    )
    found: dict[Series, dict[Period, int]] = {}
    for row in rows:
        series = found.setdefault((row.client, row.currency, row.group), {})
        series[Period(row.period_start, row.period_end)] = int(row.net_minor)
    return found


def nets_by_contract(connection: Connection, contracts: Sequence[str]) -> list[Row[Any]]:
    """What was invoiced net on `contracts`, per currency and invoice date."""
    key = (charge.c.contract, charge.c.currency, invoice.c.issued_on)
    statement = (
        select(*key, func.sum(charge.c.amount_minor).label("net_minor"))
        .join(invoice, invoice.c.number == charge.c.invoice)
        .where(charge.c.contract.in_(contracts))
        .group_by(*key)
    )
    return list(connection.execute(statement))


def find(connection: Connection, number: str) -> Row[Any] | None:
    return connection.execute(select(invoice).where(invoice.c.number == number)).first()


def last_currency(connection: Connection, client: str) -> str | None:
    """The currency of the last invoice of `client`."""
    mine = select(invoice.c.currency).where(invoice.c.client == client)
    last = mine.order_by(invoice.c.issued_on.desc(), invoice.c.number.desc()).limit(1)
    return connection.execute(last).scalar()


def in_state(connection: Connection, *states: str) -> list[Row[Any]]:
    """Invoices in any of `states`, in the order of their numbers."""
    return list(connection.execute(_IN_STATE, {"states": states}))


def unposted(connection: Connection) -> list[tuple[str, str]]:
    """Number and client of every invoice that accounting does not have yet."""
    rows = connection.execute(_UNPOSTED)
    return [(row.number, row.client) for row in rows]


def clients_of(connection: Connection, numbers: Collection[str]) -> dict[str, str]:
    """The client of each invoice among `numbers`."""
    rows = connection.execute(_CLIENTS_OF, {"numbers": list(numbers)}) if numbers else ()
    return {row.number: row.client for row in rows}


def lines_of(connection: Connection, number: str) -> list[Row[Any]]:
    table = invoice_line
    statement = select(table).where(table.c.invoice == number).order_by(table.c.position)
    return list(connection.execute(statement))


def taxes_of(connection: Connection, number: str) -> list[Row[Any]]:
    table = invoice_tax
    statement = (
        select(table).where(table.c.invoice == number).order_by(table.c.category, table.c.percent)
    )
    return list(connection.execute(statement))


def set_posted(connection: Connection, number: str) -> None:
    """Accounting has an issued invoice; one that went further since stays where it is."""
    issued = (invoice.c.number == number, invoice.c.state == "issued")
    connection.execute(update(invoice).where(*issued).values(state="posted"))


_IN_STATE = select(invoice).where(invoice.c.state.in_(many("states"))).order_by(invoice.c.number)
_UNPOSTED = (
    select(invoice.c.number, invoice.c.client)
    .where(invoice.c.state == "issued")
    .order_by(invoice.c.number)
)


_CLIENTS_OF = select(invoice.c.number, invoice.c.client).where(
    invoice.c.number.in_(many("numbers"))
)
