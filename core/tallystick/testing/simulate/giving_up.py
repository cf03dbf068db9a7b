"""What is credited on purpose: a part of an invoice given up, and the money of it given back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, func, select

from tallystick.billing.invoice.write_down import GROUP
from tallystick.cash.repaying import refunds
from tallystick.cycle import approve as approving
from tallystick.cycle.write_down import write_down
from tallystick.engine import billing
from tallystick.money import Money
from tallystick.period import Period
from tallystick.store.billing.schema import invoice, proposal
from tallystick.store.billing.schema import write_down as given_up
from tallystick.testing.simulate.quiet import Unwatched

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tallystick.testing.simulate.world import World

_INVOICES = select(invoice).where(invoice.c.kind == "invoice").order_by(invoice.c.number)
_CREDITS = (
    select(invoice)
    .where(invoice.c.kind == "credit_note", invoice.c.gross_minor < invoice.c.settled_minor)
    .order_by(invoice.c.number)
)
_WAITING = select(proposal.c.period_start, proposal.c.period_end).where(
    proposal.c.state.in_(("proposed", "approved"))
)


def give_up(world: World) -> object:
    """A part of an invoice, or all of it, is given up; a second person lets the credit note go."""
    found = _rows(world, _INVOICES)
    if not found:
        return "nothing is issued"
    row = world.moments.chance.one_of(found)
    net = Money(row.net_minor // world.moments.chance.one_of((1, 2, 4)), row.currency)
    one = world.installation
    given = (one.database, one.terms, row.number, net.amount, None, "goodwill", "anna")
    write_down(*given, world.moments.now)
    finish(world)
    paid_out = pay_out(world) if world.moments.chance.happens(600) else "set off"
    return f"{net} net of {row.number} is given up: {paid_out}"


def finish(world: World) -> None:
    """Whatever waits to be approved or issued is; an approval that lapsed is given again."""
    one = world.installation
    for _ in range(2):
        for row in sorted({(row.period_start, row.period_end) for row in _rows(world, _WAITING)}):
            period = Period(*row)
            approving.approve(one.database, period, "ben", "seen", frozenset(), world.moments.now)
            billing.issue(one, period, one.today, Unwatched())


def pay_out(world: World) -> object:
    """What a credit note leaves is to go back to the card that paid an invoice of its client."""
    chance = world.moments.chance
    paid = [one for one in world.cards.intents if one.state == "succeeded"]
    for row in _rows(world, _CREDITS):
        theirs = [one for one in paid if world.client_of(one.request.invoice) == row.client]
        if not theirs:
            continue
        request = chance.one_of(theirs).request
        left = min(row.settled_minor - row.gross_minor, request.amount.minor)
        amount = Money(left, row.currency)
        given = (world.installation.database, request.invoice, amount.amount, "credit", "anna")
        return refunds.ask(*given, ["cards"], world.moments.now, row.number)
    return "nothing is left to pay out"


def credited(_: World, connection: Connection) -> Iterator[str]:
    """Whatever was given up stands on one credit note, of that amount."""
    notes: dict[str, list[int]] = {}
    for row in connection.execute(select(invoice).where(invoice.c.group.startswith(GROUP))):
        notes.setdefault(row.group.removeprefix(GROUP), []).append(-row.net_minor)
    for row in connection.execute(select(given_up).where(~given_up.c.dropped)):
        found = notes.pop(f"{row.invoice}:{row.ordinal}", [])
        if found != [row.amount_minor]:
            yield f"{row.amount_minor} of {row.invoice} were given up, and {found} credited"
    for key in notes:
        yield f"{key} was credited, and nobody gave it up"


def given_up_of(connection: Connection) -> dict[str, int]:
    """Net in minor units of all that was given up of each client's invoices, and is credited."""
    rows = connection.execute(
        select(invoice.c.client, func.sum(invoice.c.net_minor))
        .where(invoice.c.group.startswith(GROUP))
        .group_by(invoice.c.client)
    )
    return {client: -int(minor) for client, minor in rows}


def _rows(world: World, statement: Any) -> list[Any]:
    with world.database.read() as connection:
        return list(connection.execute(statement))


RULES = (credited,)
