"""Whose a row is: statements that give every row the ref of the client it belongs to.

An entity ref is `connection:id` of a record's home connection. A reference in a row names
a record of its own connection; where that connection only holds a copy, the link says which
home record it is. A contract's client comes before the one a booking or ticket names itself.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Table,
    Text,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    null,
    or_,
    select,
)

from tallystick.store.facts.schema import FACTS, link

booking, ticket, contract = FACTS["booking"], FACTS["ticket"], FACTS["contract"]
contract_line, technician = FACTS["contract_line"], FACTS["technician"]


def own_ref(table: Table) -> ColumnElement[str]:
    """The ref of a row itself, `connection:id`."""
    return _at(table.c.connection, table.c.id)


def _at(connection: ColumnElement[Any], column: ColumnElement[Any]) -> ColumnElement[str]:
    """The ref of what a row names by `column`, null where it names nothing."""
    ref: ColumnElement[str] = connection + literal(":") + column
    return ref


def _told(table: Table) -> list[ColumnElement[Any]]:
    """What the connection says, without what the store notes beside it."""
    return [one for one in table.c if one.name not in ("content_hash", "stored_at")]


def _of_client(column: ColumnElement[Any], owner: Any) -> ColumnElement[str]:
    """The ref of the client a row names by `column`, through its link when it has one."""
    home = link.c.home_connection + literal(":") + link.c.home_id
    return func.coalesce(home, owner.c.connection + literal(":") + column)


def _client_link(owner: Any, column: ColumnElement[Any]) -> ColumnElement[bool]:
    return and_(
        link.c.kind == "client", link.c.connection == owner.c.connection, link.c.id == column
    )


def contracts() -> Select[Any]:
    ref = _of_client(contract.c.client, contract).label("client_ref")
    source = contract.join(link, _client_link(contract, contract.c.client), isouter=True)
    return select(*_told(contract), own_ref(contract).label("ref"), ref).select_from(source)


def contract_lines() -> Select[Any]:
    ref = _of_client(contract.c.client, contract).label("client_ref")
    of = and_(
        contract.c.connection == contract_line.c.connection,
        contract.c.id == contract_line.c.contract,
    )
    source = contract_line.join(contract, of).join(
        link, _client_link(contract, contract.c.client), isouter=True
    )
    return select(*_told(contract_line), ref).select_from(source)


def tickets() -> Select[Any]:
    owner = func.coalesce(contract.c.client, ticket.c.client)
    of = and_(contract.c.connection == ticket.c.connection, contract.c.id == ticket.c.contract)
    source = ticket.join(contract, of, isouter=True).join(
        link, _client_link(ticket, owner), isouter=True
    )
    return select(*_told(ticket), _of_client(owner, ticket).label("client_ref")).select_from(source)


def _of_bookings() -> tuple[FromClause, ColumnElement[str]]:
    """Bookings with ticket and contract, and the ref of the client each belongs to."""
    named = func.coalesce(booking.c.contract, ticket.c.contract)
    owner = func.coalesce(contract.c.client, booking.c.client, ticket.c.client)
    same = booking.c.connection
    source = (
        booking.join(
            ticket, and_(ticket.c.connection == same, ticket.c.id == booking.c.ticket), isouter=True
        )
        .join(contract, and_(contract.c.connection == same, contract.c.id == named), isouter=True)
        .join(link, _client_link(booking, owner), isouter=True)
    )
    return source, _of_client(owner, booking).label("client_ref")


def works() -> Select[Any]:
    """Bookings: what `tallystick.billing.facts.Work` is made of in the order of its fields, with
    `client_ref` for the client; the asset still as its ticket names it, its type still unknown."""
    source, client_ref = _of_bookings()
    same = booking.c.connection
    of = and_(technician.c.connection == same, technician.c.id == booking.c.technician)
    columns = [
        own_ref(booking).label("ref"),
        booking.c.work_date,
        booking.c.seconds,
        booking.c.work_type,
        _at(same, booking.c.technician).label("technician"),
        technician.c.role,
        client_ref,
        _at(same, booking.c.contract).label("contract"),
        _at(same, booking.c.ticket).label("ticket"),
        booking.c.billable,
        booking.c.note,
        booking.c.started_at,
        ticket.c.type.label("ticket_type"),
        ticket.c.priority,
        _at(same, ticket.c.asset).label("asset"),
        null().label("asset_type"),
        booking.c.location,
        booking.c.approved,
        booking.c.invoice,
    ]
    return select(*columns).select_from(source.join(technician, of, isouter=True))


def efforts(*, ticket_counts: bool) -> Select[Any]:
    """Bookings as their cost and contract depend on them, under the names that `effort` has for it:
    the asset by its home ref, `named` the contract the booking names itself, and the one its ticket
    names where there is that contract, or the ticket is of the same client; none where no
    `ticket_counts`."""
    source, client_ref = _of_bookings()
    same, copy = booking.c.connection, link.alias()
    of_asset = and_(copy.c.kind == "asset", copy.c.connection == same, copy.c.id == ticket.c.asset)
    asset = func.coalesce(_at(copy.c.home_connection, copy.c.home_id), _at(same, ticket.c.asset))
    own = ticket.c.client == func.coalesce(booking.c.client, ticket.c.client)
    named = case((or_(contract.c.id.is_not(None), own), _at(same, ticket.c.contract)))
    return select(
        own_ref(booking).label("booking"),
        client_ref.label("client"),
        booking.c.work_date,
        booking.c.work_type,
        ticket.c.type.label("ticket_type"),
        ticket.c.priority,
        booking.c.billable,
        _at(same, booking.c.contract).label("named"),
        (named if ticket_counts else cast(null(), Text)).label("ticket_contract"),
        _at(same, booking.c.technician).label("technician"),
        _at(same, booking.c.ticket).label("ticket"),
        asset.label("asset"),
        booking.c.seconds,
        booking.c.approved,
    ).select_from(source.join(copy, of_asset, isouter=True))


def spending(kind: str) -> Select[Any]:
    """Costs, or usages that have a cost: `client_ref`, `ref`, what it names and when it was."""
    table = FACTS[kind]
    own = FACTS["ticket"].alias()
    named = func.coalesce(table.c.contract, own.c.contract)
    owner = func.coalesce(contract.c.client, table.c.client, own.c.client)
    same = table.c.connection
    is_cost = kind == "cost"
    of_ticket = and_(own.c.connection == same, own.c.id == table.c.ticket) if is_cost else false()
    source = (
        table.join(own, of_ticket, isouter=True)
        .join(contract, and_(contract.c.connection == same, contract.c.id == named), isouter=True)
        .join(link, _client_link(table, owner), isouter=True)
    )
    statement = select(
        _of_client(owner, table).label("client_ref"),
        own_ref(table).label("ref"),
        _at(same, table.c.contract).label("contract"),
        _at(same, own.c.contract).label("ticket_contract"),
        (_at(same, table.c.ticket) if is_cost else null()).label("ticket"),
        (table.c.kind if is_cost else table.c.meter).label("kind"),
        (table.c.amount if is_cost else table.c.cost).label("amount"),
        table.c.currency,
        (table.c.spent_on if is_cost else table.c.used_on).label("spent_on"),
        (table.c.starts_on if is_cost else null()).label("starts_on"),
        (table.c.ends_on if is_cost else null()).label("ends_on"),
    ).select_from(source)
    return statement if is_cost else statement.where(table.c.cost.is_not(None))


def named_by_client(table: Table) -> Select[Any]:
    """The rows of a kind that name their client themselves, such as assets and usage."""
    source = table.join(link, _client_link(table, table.c.client), isouter=True)
    ref = _of_client(table.c.client, table).label("client_ref")
    return select(*_told(table), ref).select_from(source).where(table.c.client.is_not(None))
