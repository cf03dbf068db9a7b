"""A card provider as Stripe documents itself: a key is kept for a day, with its first answer.

What it does with money stands on a balance of its own, net of its fees, and is paid out to the
bank. Sources: https://docs.stripe.com/api/idempotent_requests (the first answer is kept, errors
of the server too, and told again for 24 hours; other parameters under the same key are refused)
and https://docs.stripe.com/disputes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from tallystick.connector import Attempt, Broken, CollectionRequest, Cursor, Pulled, Trail
from tallystick.errors import Retry, SkipRecord
from tallystick.money import Money
from tallystick.testing.simulate.bank import Account
from tallystick.testing.simulate.intents import DISPUTE_FEE_MINOR, Intent, Turn, drawn
from tallystick.testing.simulate.moments import Moments
from tallystick.testing.simulate.obligations import Obligations
from tallystick.testing.simulate.psa import SIGNED, name_of
from tallystick.testing.simulate.rows import Rows
from tallystick.testing.simulate.wire import Wire

KEY_KEPT: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Kept:
    """The first answer to a key, None for an error of the server; told again for a day."""

    at: datetime
    request: CollectionRequest
    answer: Attempt | None


class Cards:
    """Its customers, their cards, payments, and the balance."""

    def __init__(self, moments: Moments, obligations: Obligations) -> None:
        self._moments = moments
        self._obligations = obligations
        self._wire = Wire(moments, "cards")
        self._kept: dict[str, Kept] = {}
        self.balance = Account(moments, "cards")
        self.rows = Rows()
        self.intents: list[Intent] = []

    def give_card(self, client: str) -> None:
        """A client of that name gives the number of a card, on a page of the provider's."""
        customer = f"cus_{client}"
        self.rows.put("client", customer, {"name": name_of(client)})
        card = {"client": customer, "payer": customer, "scheme": "card", "signed_on": SIGNED}
        self.rows.put("mandate", f"pm_{client}", {**card, "holder": name_of(client)})

    # What the line sees of it

    def whoami(self) -> str:
        return "the card provider"

    def pull(self, record: str, since: str | None) -> Iterator[Pulled | Broken | Cursor]:
        if record == "bank_transaction":
            return self.balance.pull(record, since)
        return self.rows.pages(self._moments, self._wire, record, since)

    def collect(self, requests: Sequence[CollectionRequest], key: str) -> Sequence[Attempt]:
        return [
            self._wire.call(f"charge {one.key}", partial(self._charge, one)) for one in requests
        ]

    def find_attempt(self, key: str, trail: Trail | None = None) -> Attempt | None:
        return self._wire.call(f"find {key}", partial(self._find, key))

    def _charge(self, request: CollectionRequest) -> Attempt:
        at, chance, key = self._moments.at, self._moments.chance, request.key
        kept = self._kept.get(key)
        if kept is not None and at - kept.at < KEY_KEPT:
            return self._told_again(kept, request)
        fails = chance.happens(self._moments.weather.failing)
        answer = None
        if not fails or chance.happens(500):
            answer = _answer(self._make(request))
        if kept is not None:
            self._moments.breach(f"{key} was sent again after a day, when nobody knows it any more")
        self._kept[key] = Kept(at, request, None if fails else answer)
        if fails or answer is None:
            raise Retry("It answered with 500, and keeps that for the key.", do="Ask later.")
        return answer

    def _told_again(self, kept: Kept, request: CollectionRequest) -> Attempt:
        if kept.request != request:
            self._moments.breach(f"{request.key} was used again for something else")
            raise SkipRecord("Keys stand for one request.", do="Use another.", ref=request.key)
        if kept.answer is None:
            raise Retry("It answered with 500 before, and does again.", do="Ask later.")
        return kept.answer

    def _make(self, request: CollectionRequest) -> Intent:
        ref = f"pi_{len(self.intents) + 1}"
        intent = drawn(ref, request, self._moments.at, self._moments.chance)
        self.intents.append(intent)
        if intent.state != "declined":
            self._obligations.charge(request.invoice, request.amount)
        if intent.state == "succeeded":
            self._paid(intent)
        return intent

    def _find(self, key: str) -> Attempt | None:
        found = [one for one in self.intents if one.request.key == key]
        return _answer(found[-1]) if found else None

    # What happens by itself

    def time_has_come(self) -> None:
        for intent in self.intents:
            while intent.turns and intent.turns[0].at <= self._moments.at:
                self._turn(intent, intent.turns.pop(0))

    def hours(self) -> Iterator[datetime]:
        for intent in self.intents:
            yield from (turn.at for turn in intent.turns)

    def _turn(self, intent: Intent, turn: Turn) -> None:
        request = intent.request
        self._moments.note("cards", f"{intent.ref} for {request.key}", f"becomes {turn.becomes}")
        match turn.becomes:
            case "succeeded":
                intent.state, intent.reason = "succeeded", ""
                self._paid(intent)
            case "declined" | "cancelled":
                intent.state, intent.reason = turn.becomes, turn.reason
                self._obligations.release(request.invoice, request.amount)
            case "open" | "won" | "lost":
                intent.dispute = turn.becomes
                self._contested(intent, turn.reason)

    def _paid(self, intent: Intent) -> None:
        request = intent.request
        fee = intent.fee
        self.balance.book(
            request.amount - fee, self._late(), charges=fee.amount, end_to_end_id=request.key
        )

    def _contested(self, intent: Intent, reason: str) -> None:
        request = intent.request
        amount = request.amount
        if intent.dispute == "lost":
            self._obligations.release(request.invoice, amount)
        else:
            opens = intent.dispute == "open"
            fee = Money(DISPUTE_FEE_MINOR if opens else 0, amount.currency)
            self.balance.book(
                (-amount if opens else amount) - fee,
                self._late(),
                charges=fee.amount,
                end_to_end_id=request.key,
                returned=True,
                return_reason=reason or intent.dispute,
            )
        told = {"attempt": request.key, "amount": amount.amount, "currency": amount.currency}
        told |= {"state": intent.dispute, "opened_on": self._moments.at.date()}
        self.rows.put("dispute", f"dp_{intent.ref}", told)

    def _late(self) -> timedelta:
        return self._moments.chance.lasts(timedelta(0), timedelta(hours=6))


def _answer(intent: Intent) -> Attempt:
    waits = intent.state == "requires_customer"
    link = f"https://pay.example/{intent.ref}" if waits else None
    return Attempt(intent.request.key, intent.state, intent.ref, intent.reason, link)
