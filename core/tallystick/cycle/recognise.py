"""Recognise: what clients used of what was billed in advance becomes revenue of its month.

A client whose facts cannot be priced, and a contract that cannot be read, stay as they were
recognised; `propose` tells what is wrong with them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from sqlalchemy import Connection, select

from tallystick.books import recognition
from tallystick.cycle.pricing_client import price_client
from tallystick.cycle.terms import BillingTerms
from tallystick.errors import TallystickError
from tallystick.money import Money
from tallystick.period import Period
from tallystick.store.billing import charges, write_downs
from tallystick.store.billing.schema import charge, invoice
from tallystick.store.books import journal
from tallystick.store.database import Database
from tallystick.store.facts.by_client import client_facts
from tallystick.store.turn import take_turn

TURN = "recognise"


def recognise(
    database: Database,
    terms: BillingTerms,
    period: Period,
    today: date,
    now: Callable[[], datetime],
) -> int:
    """Post recognition entries of the months over by the end of `period`; returns how many were
    new."""
    with database.read() as connection:
        clients = _with_deferred(connection)
    count = 0
    for client in clients:
        with database.write() as connection:
            take_turn(connection, TURN)
            count += _recognise_client(connection, client, terms, period, today, now())
    return count


def _with_deferred(connection: Connection) -> list[str]:
    """Clients who were invoiced something that is earned later."""
    statement = (
        select(invoice.c.client)
        .join(charge, charge.c.invoice == invoice.c.number)
        .where(charge.c.deferred)
        .distinct()
        .order_by(invoice.c.client)
    )
    return list(connection.execute(statement).scalars())


def _recognise_client(
    connection: Connection,
    client: str,
    terms: BillingTerms,
    period: Period,
    today: date,
    now: datetime,
) -> int:
    billed: dict[recognition.Purchase, Money] = {}
    for one in charges.billed_of(connection, client):
        if one.deferred:
            billed[one.key] = billed.get(one.key, Money.zero(one.net.currency)) + one.net
    downs = list(write_downs.of_deferred(connection, client))
    for facts in client_facts(connection, terms.homes, period.end, terms.zone, client):
        try:
            priced = price_client(facts, terms, period.end)
        except TallystickError:
            return 0
        prices = {(one.contract, one.line, one.basis): one.amount for one in priced.charges}
        invoiced = recognition.as_invoiced(priced.earnings, prices, billed)
        earned = recognition.less_given_up(invoiced, billed, downs)
        unreadable = priced.assembled.unreadable
        before = {
            key: one
            for key, one in journal.recognised(connection, client).items()
            if key[0] not in unreadable
        }
        due = recognition.due(earned, before, client, period.end)
        return journal.record(connection, [recognition.recognise(one, today) for one in due], now)
    return 0
