"""Recognise: money in suspense is applied to what it surely pays, or a person is asked.

Runs after the exact rules. All candidates of all waiting money are found before any is applied:
an invoice that two movements could surely pay is nobody's until a person says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime

from sqlalchemy import Connection, select

from tallystick.cash.recognising.candidates import Bars, Candidate, Open, Waiting, candidates, sure
from tallystick.cash.recognising.payer_book import PayerBook
from tallystick.cash.recognising.spelling import Spellings
from tallystick.cash.settling.booking import TURN, book, parts_from
from tallystick.cash.settling.claims import SCORED, Application, Rule
from tallystick.cash.settling.numbers import Numbers
from tallystick.cash.settling.standing import read_claims
from tallystick.cash.settling.suspense import waiting_of
from tallystick.money import Money
from tallystick.store.billing.schema import invoice
from tallystick.store.cash import reviews, settlements
from tallystick.store.cash.reviews import Decision, Listed
from tallystick.store.cash.settlements import Suspended
from tallystick.store.database import Database
from tallystick.store.turn import take_turn

Found = dict[Suspended, list[Candidate]]


def recognise(
    database: Database,
    numbers: Numbers,
    payers: PayerBook,
    bars: Bars,
    today: date,
    now: Callable[[], datetime],
) -> tuple[list[Application], int]:
    """What was applied, booked on `today`, and how many movements a person is asked about."""
    applied: list[Application] = []
    while True:
        with database.write() as connection:
            take_turn(connection, TURN)
            found = _find(connection, numbers, payers, bars)
            chosen = _uncontested(found, bars)
            for one, candidate in chosen.items():
                applications = settles(candidate.places, "scored")
                apply(connection, one, applications, today, now())
                applied += applications
            reviews.decide(connection, (_decision(*each) for each in chosen.items()), now())
            if not chosen:
                listed = list(_listed(found))
                reviews.replace_queue(connection, listed)
                return applied, len({one.movement for one in listed})


def apply(
    connection: Connection,
    one: Suspended,
    applications: Sequence[Application],
    today: date,
    now: datetime,
) -> None:
    """Take `applications` of `one` out of suspense, booked on `today`."""
    before = settlements.parts_of(connection, [one.movement])[one.movement]
    waits = waiting_of(one, before)
    parts = parts_from(
        one.movement, before[-1].content_hash, waits, today, applications, len(before) + 1
    )
    book(connection, parts, {}, {}, now)


def settles(places: Iterable[tuple[str, Money]], rule: Rule) -> list[Application]:
    """What each invoice of `places` takes; a credit note takes money that is negative."""
    return [
        Application("payment" if amount.minor > 0 else "refund", amount, rule, number)
        for number, amount in places
    ]


def scored_of(connection: Connection) -> list[Suspended]:
    """The money in suspense that candidates are found for."""
    return [
        one
        for one in settlements.suspended(connection)
        if one.rule in SCORED and one.minor > 0 and not one.returned
    ]


def _find(connection: Connection, numbers: Numbers, book_of: PayerBook, bars: Bars) -> Found:
    waiting = scored_of(connection)
    if not waiting:
        return {}
    payers = book_of.of(connection, [(one.account, one.counterparty) for one in waiting])
    rejected = {
        (one.movement, frozenset(number for number, _ in one.places))
        for one in reviews.decisions(connection, ["rejected"])
    }
    found: Found = {}
    for currency in sorted({one.currency for one in waiting}):
        open_ = _open(connection, currency)
        spellings = Spellings(open_.claims.keys())
        for one in (each for each in waiting if each.currency == currency):
            named = numbers.named_in(one.remittance)
            seen = Waiting(
                Money(one.minor, currency),
                payers.told_by(one.account, one.counterparty, one.remittance),
                spellings.near_in(one.remittance, named),
                named,
            )
            found[one] = [
                each
                for each in candidates(seen, open_, bars)
                if (one.movement, each.numbers) not in rejected
            ]
    return found


def _open(connection: Connection, currency: str) -> Open:
    rows = connection.execute(
        select(invoice.c.number).where(
            invoice.c.currency == currency, invoice.c.gross_minor != invoice.c.settled_minor
        )
    )
    claims = read_claims(connection, list(rows.scalars()))
    return Open({number: claim for number, claim in claims.items() if claim.open})


def _uncontested(found: Found, bars: Bars) -> dict[Suspended, Candidate]:
    """What may be applied: the sure ones whose invoices no other money could surely pay."""
    certain = {one: best for one, each in found.items() if (best := sure(each, bars))}
    claimed = Counter(
        number
        for each in found.values()
        for number in {n for one in each if one.score >= bars.apply for n in one.numbers}
    )
    return {
        one: best
        for one, best in certain.items()
        if all(claimed[number] == 1 for number in best.numbers)
    }


def _decision(one: Suspended, candidate: Candidate) -> Decision:
    return Decision(
        one.movement, "applied", candidate.places, candidate.score, candidate.reasons, None
    )


def _listed(found: Found) -> Iterator[Listed]:
    for one, each in found.items():
        for number, candidate in enumerate(each, 1):
            yield Listed(
                one.movement,
                number,
                candidate.client,
                Money(one.minor, one.currency),
                candidate.places,
                candidate.score,
                candidate.reasons,
            )
