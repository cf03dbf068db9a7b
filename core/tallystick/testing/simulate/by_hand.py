"""What payers do on the card provider's pages: pay, be declined and try again, or give a card."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from tallystick.connector import CollectionRequest, PageRequest
from tallystick.money import Money
from tallystick.testing.simulate.intents import drawn_on_a_page
from tallystick.testing.simulate.moments import Moments
from tallystick.testing.simulate.obligations import Obligations

if TYPE_CHECKING:
    from tallystick.testing.simulate.cards import Cards


class ByHand:
    """As long as a page is open somebody may pay what it asks for: that counts as charged."""

    def __init__(self, moments: Moments, obligations: Obligations, cards: Cards) -> None:
        self._moments = moments
        self._obligations = obligations
        self._cards = cards

    def opened(self, request: PageRequest) -> None:
        if request.amount is not None:
            self._obligations.charge(str(request.invoice), request.amount, None)

    def acted(self, request: PageRequest) -> bool:
        cards, moments = self._cards, self._moments
        if request.amount is None:
            cards.give_card(request.client.removeprefix("psa:"), moments.at.date())
            return True
        intent = cards.intent_of(request.key)
        if intent is None:
            body = _typed(request, request.amount, moments.at.date())
            ref = f"pi_{len(cards.intents) + 1}"
            intent = drawn_on_a_page(ref, body, moments.at, moments.chance)
            cards.intents.append(intent)
        else:
            intent.state, intent.reason = "succeeded", ""
        cards.webhooks.happened(f"payment_intent.{intent.state}", request.key, intent.ref)
        if intent.state == "succeeded":
            cards.paid(intent)
        return intent.state == "succeeded"

    def over(self, request: PageRequest) -> None:
        intent = self._cards.intent_of(request.key)
        if intent is not None:
            intent.state, intent.reason = "cancelled", "abandoned"
        if request.amount is not None:
            self._obligations.release(str(request.invoice), request.amount)


def _typed(request: PageRequest, amount: Money, day: date) -> CollectionRequest:
    """A payment by hand, as if it had been asked for."""
    return CollectionRequest(
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
    )
