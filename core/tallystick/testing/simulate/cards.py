"""A card provider as Stripe documents itself.

What it does with money stands on a balance of its own, net of its fees, and is paid out to the
bank. Sources: https://docs.stripe.com/payments/payment-intents, https://docs.stripe.com/refunds
and https://docs.stripe.com/disputes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial

from tallystick.connector import (
    Attempt,
    Broken,
    CollectionRequest,
    Cursor,
    Event,
    Page,
    PageRequest,
    Pulled,
    Refund,
    RefundRequest,
    Trail,
)
from tallystick.money import Money
from tallystick.testing.simulate.bank import Account
from tallystick.testing.simulate.by_hand import ByHand
from tallystick.testing.simulate.francs import EURO, in_euro, told_as
from tallystick.testing.simulate.hosted import Pages
from tallystick.testing.simulate.intents import DISPUTE_FEE_MINOR, Intent, Turn, drawn, fee_of
from tallystick.testing.simulate.keys import Keys
from tallystick.testing.simulate.moments import Moments
from tallystick.testing.simulate.obligations import Obligations
from tallystick.testing.simulate.psa import SIGNED, name_of
from tallystick.testing.simulate.refunding import Refunds
from tallystick.testing.simulate.rows import Rows
from tallystick.testing.simulate.webhooks import Webhooks, read
from tallystick.testing.simulate.wire import Wire


class Cards:
    """Its customers, their cards, payments, and the balance."""

    def __init__(self, moments: Moments, obligations: Obligations) -> None:
        self._moments = moments
        self._obligations = obligations
        self._wire = Wire(moments, "cards")
        self._keys = Keys[CollectionRequest, Attempt](moments)
        self.webhooks = Webhooks(moments)
        self.refunds = Refunds(moments, self._wire, self.intent_of, self.webhooks.happened)
        self.pages = Pages(
            moments, self._wire, ByHand(moments, obligations, self), self.webhooks.happened
        )
        self._payouts = 0
        self.balance = Account(moments, "cards")
        self.rows = Rows()
        self.intents: list[Intent] = []

    def give_card(self, client: str, signed_on: date = SIGNED) -> None:
        """A client of that name gives the number of a card, on a page of the provider's."""
        customer = f"cus_{client}"
        self.rows.put("client", customer, {"name": name_of(client)})
        card = {"client": customer, "payer": customer, "scheme": "card", "signed_on": signed_on}
        kept = self.rows.of("mandate")
        ref = f"pm_{client}" if f"pm_{client}" not in kept else f"pm_{client}_{len(kept)}"
        self.rows.put("mandate", ref, {**card, "holder": name_of(client)})

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

    def open_page(self, request: PageRequest) -> Page:
        return self.pages.open(request)

    def find_page(self, key: str) -> Page | None:
        return self.pages.find(key)

    def close_page(self, key: str) -> Page | None:
        return self._wire.call(f"close page {key}", partial(self._close, key))

    def refund(self, request: RefundRequest) -> Refund:
        return self.refunds.refund(request)

    def find_refund(self, key: str) -> Refund | None:
        return self.refunds.find(key)

    def read_events(self, headers: Mapping[str, str], body: bytes) -> Sequence[Event]:
        return read(headers, body)

    def _charge(self, request: CollectionRequest) -> Attempt:
        return self._keys.once(request.key, request, lambda: _answer(self._make(request)))

    def _make(self, request: CollectionRequest) -> Intent:
        ref = f"pi_{len(self.intents) + 1}"
        intent = drawn(ref, request, self._moments.at, self._moments.chance)
        self.intents.append(intent)
        if intent.state != "declined":
            self._obligations.charge(request.invoice, request.amount, request.due_on)
        if intent.state == "succeeded":
            self.paid(intent)
        self.webhooks.happened(f"payment_intent.{intent.state}", request.key, ref)
        return intent

    def intent_of(self, key: str) -> Intent | None:
        """The payment with our key."""
        return next((one for one in reversed(self.intents) if one.request.key == key), None)

    def _find(self, key: str) -> Attempt | None:
        found = self.intent_of(key)
        if found is None:
            return None
        page = self.pages.of(key)
        if page is not None and page.state == "open":
            return Attempt(key, "requires_customer", found.ref, found.reason, page.answer.url)
        return _answer(found)

    def _close(self, key: str) -> Page | None:
        """A page is closed, or else the link of a payment that waits for its payer."""
        page, intent = self.pages.close(key), self.intent_of(key)
        if page is not None or intent is None:
            return page
        if intent.state == "requires_customer":
            intent.turns.clear()
            self._turn(intent, Turn(self._moments.at, "cancelled", "abandoned"))
        return Page(key, "expired" if intent.state == "cancelled" else "done", "", intent.ref)

    # What happens by itself

    def time_has_come(self) -> None:
        self.pages.time_has_come()
        for intent in self.intents:
            while intent.turns and intent.turns[0].at <= self._moments.at:
                self._turn(intent, intent.turns.pop(0))
        for one in self.refunds.ended():
            key = one.request.key
            goes = -one.request.amount
            worth = in_euro(goes, self._moments.chance)
            self.balance.book(worth, self._late(), end_to_end_id=key, **told_as(goes))
            invoice = next(
                intent.request.invoice
                for intent in self.intents
                if intent.request.key == one.request.attempt
            )
            self._obligations.release(invoice, one.request.amount)

    def pay_out(self, bank: Account) -> None:
        """Send the whole balance to the bank, where it arrives days later."""
        minor = self.balance.balance_minor
        if minor <= 0:
            return
        self._payouts += 1
        ref, amount = f"po_00000{self._payouts}", Money(minor, EURO)
        self.balance.book(-amount, self._late(), payout=ref)
        arrives = self._moments.chance.lasts(timedelta(days=1), timedelta(days=4))
        bank.book(amount, arrives, remittance=f"CARDS PAYOUT {ref}", counterparty="Cards Ltd")

    def somebody_tries(self, key: str) -> None:
        """A payment made by hand on the provider's own pages, which says it is for `key` though
        it is not, is declined."""
        self.webhooks.happened("payment_intent.declined", key, "pi_by_hand")

    def hours(self) -> Iterator[datetime]:
        for intent in self.intents:
            yield from (turn.at for turn in intent.turns)
        yield from self.pages.hours()
        yield from self.refunds.hours()
        yield from self.webhooks.hours()

    def _turn(self, intent: Intent, turn: Turn) -> None:
        request = intent.request
        self._moments.note("cards", f"{intent.ref} for {request.key}", f"becomes {turn.becomes}")
        self.webhooks.happened(f"payment_intent.{turn.becomes}", request.key, intent.ref)
        match turn.becomes:
            case "succeeded":
                intent.state, intent.reason = "succeeded", ""
                self.paid(intent)
            case "declined" | "cancelled":
                intent.state, intent.reason = turn.becomes, turn.reason
                self._obligations.release(request.invoice, request.amount)
            case "open" if intent.refunded_minor:
                intent.turns.clear()
            case "open" | "won" | "lost":
                intent.dispute = turn.becomes
                self._contested(intent, turn.reason)

    def paid(self, intent: Intent) -> None:
        """Its money stands on the balance, net of the fee."""
        request = intent.request
        worth = in_euro(request.amount, self._moments.chance)
        fee = fee_of(worth)
        self.balance.book(
            worth - fee,
            self._late(),
            charges=fee.amount,
            end_to_end_id=request.key,
            **told_as(request.amount),
        )

    def _contested(self, intent: Intent, reason: str) -> None:
        request = intent.request
        amount = request.amount
        if intent.dispute == "lost":
            self._obligations.release(request.invoice, amount)
        else:
            opens = intent.dispute == "open"
            moves = -amount if opens else amount
            fee = Money(DISPUTE_FEE_MINOR if opens else 0, EURO)
            self.balance.book(
                in_euro(moves, self._moments.chance) - fee,
                self._late(),
                charges=fee.amount,
                end_to_end_id=request.key,
                returned=True,
                return_reason=reason or intent.dispute,
                **told_as(moves),
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
