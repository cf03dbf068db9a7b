"""Post payments: tell the accounting system of every settlement, exactly once.

Money for an invoice goes as a `payment` once that invoice is there; beside it, as an `entry`, goes
what the bank moved where that is another amount. What is in suspense goes as an `entry`; money
taken out of it is a payment whose account is suspense.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import partial

from tallystick.books.accounts import OURS, Chart
from tallystick.books.entries import FEES, RECEIVABLE, SUSPENSE, Moved, conversions_account
from tallystick.cash.settling.booking import moved_by
from tallystick.cash.settling.standing import POSTED
from tallystick.connector import Raw, Sink
from tallystick.delivery import Delivery, deliver
from tallystick.errors import Problem
from tallystick.money import Money
from tallystick.store.cash import settlements, undelivered
from tallystick.store.cash.settlements import Part
from tallystick.store.database import Database

UNANSWERED_MAX = 3
"""After this many pushes in a row without an answer, the rest waits for the next run."""


@dataclass(slots=True)
class PostPaymentsReport:
    """`confirmed` counts settlements that are there now; `waiting` those whose invoice is not
    there yet; `problems` are the others, with what stands in the way."""

    confirmed: int = 0
    waiting: int = 0
    problems: list[Problem] = field(default_factory=list)


def post_payments(
    database: Database,
    sink: Sink,
    target: str,
    now: Callable[[], datetime],
    progress: Callable[[int], None],
    chart: Chart = OURS,
) -> PostPaymentsReport:
    """Push what the connection `target` has not confirmed yet to its `sink`."""
    report = PostPaymentsReport()
    with database.read() as connection:
        parts = undelivered.to_deliver(connection, target)
    unanswered = 0
    for part, client, state in parts:
        if part.invoice is not None and state not in POSTED:
            report.waiting += 1
            continue
        for record, key, delivery in post_part(database, sink, target, part, client, now, chart):
            if delivery.state == "confirmed":
                report.confirmed += 1
            else:
                report.problems.append(_problem(target, record, key, delivery))
            unanswered = unanswered + 1 if delivery.state == "unknown" else 0
        progress(1)
        if unanswered >= UNANSWERED_MAX:
            break
    return report


def post_part(
    database: Database,
    sink: Sink,
    target: str,
    part: Part,
    client: str | None,
    now: Callable[[], datetime],
    chart: Chart = OURS,
) -> Iterator[tuple[str, str, Delivery]]:
    """Push the documents of one part; kind, key and what became of each."""
    for record, key, raw in documents(part, client, chart):
        verify = partial(_payment_differs if record == "payment" else _entry_differs, raw)
        yield record, key, deliver(database, sink, target, record, key, raw, now, verify)


def documents(
    part: Part, client: str | None, chart: Chart = OURS
) -> Iterator[tuple[str, str, Raw]]:
    """Kind, key and canonical record of what a part is to accounting; amounts in major units.

    A payment is told in its invoice's currency and without the bank's fee. Where the bank moved
    another amount, a second document tells that: so each is of one currency.
    """
    source = settlements.source_of(part)
    moved = moved_by(part)
    if part.against is not None:
        yield from _transfer(source, part, moved, chart)
        return
    if part.invoice is None:
        narration = f"Not yet placed: {part.rule.replace('_', ' ')}"
        sides = [(part.account, moved.amount), (FEES, moved.fee), (SUSPENSE, -moved.worth)]
        yield "entry", source, _entry(source, part, narration, sides, chart)
        return
    settled = Money(part.amount_minor, part.currency)
    account = part.account
    if settled.currency != moved.worth.currency:
        account = conversions_account(settled.currency, moved.worth.currency)
    yield (
        "payment",
        source,
        {
            "id": source,
            "client": client,
            "invoice": part.invoice,
            "paid_on": part.booked_on,
            "amount": settled.amount,
            "currency": settled.currency,
            "account": chart(account),
            "receivable": chart(RECEIVABLE),
        },
    )
    if account != part.account or moved.fee:
        sides = [(account, -moved.worth), (part.account, moved.amount), (FEES, moved.fee)]
        if account == part.account:
            sides = [(account, -moved.fee), (FEES, moved.fee)]
        key = source + undelivered.OTHER_SIDE
        yield "entry", key, _entry(key, part, f"Received for {part.invoice}", sides, chart)


def _transfer(
    source: str, part: Part, moved: Moved, chart: Chart
) -> Iterator[tuple[str, str, Raw]]:
    """Half a payout as one entry, or in another currency than its account's as two."""
    amount = Money(part.amount_minor, part.currency)
    narration = f"Payout {part.bank_transaction}"
    came = [(part.account, moved.amount), (FEES, moved.fee)]
    goes = [(str(part.against), -amount)]
    if amount.currency == moved.worth.currency:
        yield "entry", source, _entry(source, part, narration, [*came, *goes], chart)
        return
    between = conversions_account(amount.currency, moved.worth.currency)
    sides = [*goes, (between, amount)]
    yield "entry", source, _entry(source, part, narration, sides, chart)
    key = source + undelivered.OTHER_SIDE
    yield "entry", key, _entry(key, part, narration, [*came, (between, -moved.worth)], chart)


def _entry(
    key: str, part: Part, narration: str, sides: Iterable[tuple[str, Money]], chart: Chart
) -> Raw:
    return {
        "id": key,
        "on": part.booked_on,
        "narration": narration,
        "postings": [
            {
                "account": chart(account),
                "amount": amount.amount,
                "currency": amount.currency,
                "client": None,
                "contract": None,
            }
            for account, amount in sides
            if amount
        ],
    }


def _payment_differs(ours: Raw, theirs: Raw) -> str | None:
    said = (theirs.get("amount"), theirs.get("currency"))
    if said == (ours["amount"], ours["currency"]):
        return None
    return f"It says {said[0]} {said[1]} where we say {ours['amount']} {ours['currency']}."


def _entry_differs(ours: Raw, theirs: Raw) -> str | None:
    return None if _amounts(ours) == _amounts(theirs) else "Its amounts are not ours."


def _amounts(entry: Raw) -> list[tuple[str, Decimal]]:
    return sorted((leg["currency"], leg["amount"]) for leg in entry.get("postings", ()))


def _problem(target: str, record: str, key: str, delivery: Delivery) -> Problem:
    do = {
        "unknown": "It is looked up and, if it is not there, sent again at the next run.",
        "refused": "Correct what it names; it is sent again at the next run.",
        "differs": "Correct it there; it is compared again at the next run.",
        "busy": "Whoever is sending it tells what becomes of it.",
    }
    return Problem(f"{record} {key} in {target}", delivery.reason, do[delivery.state])
