"""Write down a part of an issued invoice, and void what is open.

Asking for a write-down makes the proposal of its credit note at once, in the period of the
invoice; a second person approves it there.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row

from tallystick.billing.invoice import write_down as giving_up
from tallystick.billing.invoice.proposal import Proposal
from tallystick.cycle.pricing_client import drafts_of_write_downs
from tallystick.cycle.reviewing import reviewed
from tallystick.cycle.terms import BillingTerms
from tallystick.errors import Stop
from tallystick.money import Money
from tallystick.store.billing import charges, invoices, write_downs
from tallystick.store.billing import proposals as stored
from tallystick.store.billing.prepared import prepared
from tallystick.store.billing.proposals import Summary, summary_of
from tallystick.store.database import Database
from tallystick.store.turn import take_turn


def write_down(
    database: Database,
    terms: BillingTerms,
    number: str,
    amount: Decimal,
    position: int | None,
    reason: str,
    asked_by: str,
    now: Callable[[], datetime],
) -> Proposal:
    """Give up `amount` (net, major units) of invoice `number`, or of its line `position`.

    Raises `Stop` when there is no such invoice or line, and when less than `amount` is left.
    """
    with database.write() as connection:
        take_turn(connection, stored.TURN)
        row = invoices.find(connection, number)
        if row is None or row.kind != "invoice":
            raise Stop(
                f"There is no invoice {number!r} to write down.",
                do="`tallystick bill list` names the invoices; a credit note cannot be one.",
            )
        money = Money.exact(amount, row.currency)
        _check(connection, row, money, position, reason)
        write_downs.add(connection, number, position, money, reason, asked_by, now())
        waiting = write_downs.by_client(connection, [row.client])[row.client]
        last = max((one for one in waiting if one.invoice == number), key=lambda one: one.ordinal)
        billed = charges.billed_of(connection, row.client)
        [draft] = drafts_of_write_downs([last], billed, terms)
        [proposal] = reviewed(connection, [draft], terms, last.period)
        stored.insert_proposed(connection, [(prepared(proposal), 0, asked_by)], now())
    return proposal


def _check(
    connection: Connection, row: Row[Any], amount: Money, position: int | None, reason: str
) -> None:
    if not reason.strip():
        raise Stop("A write-down needs a reason.", do="Give --reason 'why'.")
    chosen = [
        Money(line.net_minor, row.currency)
        for line in invoices.lines_of(connection, row.number)
        if line.net_minor > 0 and position in (None, line.position)
    ]
    if not chosen:
        raise Stop(
            f"Invoice {row.number} has no line {position} with an amount to give up.",
            do=f"`tallystick explain invoice {row.number}` shows its lines.",
        )
    before = [
        Money(one.amount_minor, row.currency)
        for one in write_downs.of_invoice(connection, row.number)
        if position is None or one.position in (None, position)
    ]
    left = sum(chosen, Money.zero(row.currency)) - sum(before, Money.zero(row.currency))
    if amount.minor <= 0 or amount > left:
        raise Stop(
            f"{amount} cannot be given up of {row.number}: {left} net is left.",
            do=f"Write an amount from {Money(1, row.currency)} to {left}.",
        )


def void(
    database: Database, client: str | None, proposal_id: int | None, reason: str, by: str
) -> list[Summary]:
    """Make open proposals void, with the reason: those of a client, or the one of an id.

    A write-down among them is dropped. Anything else is proposed again by the next run, as long
    as the facts say so. Raises `Stop` when none of them is open.
    """
    if not reason.strip():
        raise Stop("Making a proposal void needs a reason.", do="Give --reason 'why'.")
    if client is None and proposal_id is None:
        raise Stop("Nothing is named.", do="Name a client, or a proposal with --proposal NUMBER.")
    with database.write() as connection:
        take_turn(connection, stored.TURN)
        found = [
            summary_of(row)
            for row in stored.all_open(connection)
            if client in (None, row.client) and proposal_id in (None, row.id)
        ]
        if not found:
            number = "" if proposal_id is None else f" {proposal_id}"
            raise Stop(
                f"There is no open proposal{number}{f' of {client}' if client else ''}.",
                do="`tallystick bill review PERIOD` shows the open ones. What is issued stays.",
            )
        ids = [one.id for one in found]
        stored.set_state(connection, ids, "void", voided_by=by, voided_why=reason)
        for one in found:
            if one.group.startswith(giving_up.GROUP):
                number, _, ordinal = one.group.removeprefix(giving_up.GROUP).rpartition(":")
                write_downs.drop(connection, number, int(ordinal))
    return found
