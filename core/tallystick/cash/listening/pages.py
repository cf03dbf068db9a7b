"""Hosted pages: where a client gives a mandate, or pays one invoice by hand.

The page of an invoice is the invoice's open attempt, under one key, so the database itself keeps a
page and a collection without the payer from being live together. The intent is committed before
the provider is asked; nothing of a card or account ever reaches us.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from tallystick.cash.collecting.attempts import OPEN, SENDING_TAKES, attempt_key
from tallystick.cash.settling.booking import TURN
from tallystick.cash.settling.standing import POSTED, read_claims, refresh_invoices, state_of
from tallystick.connector import CollectionRequest, Collects, PageRequest
from tallystick.errors import Stop
from tallystick.money import Money
from tallystick.records import Client
from tallystick.store.books import control
from tallystick.store.cash import attempts, pages
from tallystick.store.database import Database
from tallystick.store.turn import take_turn


def intend_set_up(
    database: Database,
    source: str,
    collects: Collects,
    client: str,
    known: Client,
    currency: str,
    payer_id: str | None,
    by: str,
    now: Callable[[], datetime],
) -> str:
    """Note a page of connection `source` on which `client` gives a mandate; its key. A live one
    is taken again. Whoever calls this opens it next, with `page_life.refresh_page`."""
    with database.write() as connection:
        take_turn(connection, TURN)
        if (before := pages.live(connection, client, None)) is not None:
            return str(before.key)
        number = pages.count_of(connection, client) + 1
        request = PageRequest(
            key=attempt_key(f"SETUP-{client}", number),
            client=client,
            name=known.name,
            email=known.email,
            schemes=_schemes(collects),
            currency=currency,
            payer_id=payer_id,
        )
        _add(connection, source, request, by, now())
    return request.key


def intend_payment(
    database: Database,
    source: str,
    collects: Collects,
    number: str,
    known: Client,
    payer_id: str | None,
    by: str,
    now: Callable[[], datetime],
) -> str:
    """Note a page of connection `source` on which all that is open of invoice `number` is paid;
    its key. A live one of the same amount is taken again.

    Raises `Stop` when nothing is open of it, or while it is being collected in another way.
    """
    with database.write() as connection:
        take_turn(connection, TURN)
        claim = read_claims(connection, [number]).get(number)
        if claim is None or claim.open.minor <= 0:
            raise Stop(f"Nothing is open of {number}.", do="`tallystick bill list` shows what is.")
        if held := control.held_among(connection, number, claim.client):
            raise Stop(f"{held.subject} is held by {held.by}: {held.reason}", do="Lift that first.")
        before = pages.live(connection, claim.client, number)
        if before is not None and pages.request_of(before).amount == claim.open:
            return str(before.key)
        if before is not None:
            raise Stop(
                f"Another amount of {number} can be paid on {before.url or 'a page'} already.",
                do=f"Close that first: `tallystick cash page --close {before.key}`.",
            )
        if attempts.another_is_open(connection, number, "", OPEN):
            raise Stop(f"{number} is being collected.", do="Wait for what comes of that.")
        if state_of(connection, number) not in POSTED:
            raise Stop(f"{number} is not in accounting yet.", do="Post it first.")
        mine = attempts.of_invoice(connection, number)
        ordinal = mine[0].ordinal + 1 if mine else 1
        request = PageRequest(
            key=attempt_key(number, ordinal),
            client=claim.client,
            name=known.name,
            email=known.email,
            schemes=_schemes(collects),
            currency=claim.open.currency,
            amount=claim.open,
            invoice=number,
            payer_id=payer_id,
        )
        _stand_in(connection, source, request, ordinal, claim.open, now())
        _add(connection, source, request, by, now())
        refresh_invoices(connection, {number})
    return request.key


def _schemes(collects: Collects) -> tuple[Any, ...]:
    return tuple(sorted(collects.schemes))


def _add(connection: Connection, source: str, request: PageRequest, by: str, now: datetime) -> None:
    pages.add(
        connection,
        source,
        request,
        state="intended",
        reason="",
        opened_by=by,
        intended_at=now,
        ask_at=now + SENDING_TAKES,
        asks=0,
        changed_at=now,
    )


def _stand_in(
    connection: Connection,
    source: str,
    request: PageRequest,
    ordinal: int,
    amount: Money,
    now: datetime,
) -> None:
    """The attempt that a payment page is: it waits for its payer, and no mandate is used."""
    day = now.date()
    body = CollectionRequest(
        key=request.key,
        amount=amount,
        due_on=day,
        invoice=str(request.invoice),
        payer=request.name,
        mandate="",
        iban=None,
        bic=None,
        signed_on=day,
        first=False,
        remittance=str(request.invoice),
        scheme="card",
        payer_id=request.payer_id,
    )
    attempts.intend(connection, source, request.key, [(ordinal, body)], now, now + SENDING_TAKES)
    waits = {"state": "requires_customer", "ask_at": None}
    attempts.change(connection, request.key, {"intended"}, now, **waits)
