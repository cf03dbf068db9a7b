"""What goes back and what goes out, of the money that `Payments` brought in."""

from __future__ import annotations

from . import objects
from .objects import Object
from .payments import Payments, invalid


class World(Payments):
    """The whole account."""

    def refund(self, sent: Object) -> Object:
        intent = self.get("payment_intent", sent["payment_intent"])
        if intent["status"] != "succeeded":
            raise invalid("charge_not_refundable", "This PaymentIntent has no charge to refund.")
        charge = self.get("charge", intent["latest_charge"])
        amount = int(sent.get("amount", charge["amount"]))
        if charge["disputed"]:
            raise invalid("charge_disputed", "The charge is disputed.")
        if charge["amount_refunded"] + amount > charge["amount"]:
            raise invalid("charge_already_refunded", "Refund amount is greater than what is left.")
        charge["amount_refunded"] += amount
        charge["refunded"] = charge["amount_refunded"] == charge["amount"]
        delayed = charge["id"].startswith("py_")
        status = "pending" if delayed else "succeeded"
        metadata = sent.get("metadata", {})
        made = self.add(
            "refund",
            "re",
            lambda id_: objects.refund(id_, self.now(), charge, amount, status, metadata),
        )
        self._moves("payment_refund" if delayed else "refund", "refund", made, -amount, 0)
        self.tell("refund.created", made)
        return made

    def fail_refund(self, refund: Object) -> None:
        refund.update(status="failed", failure_reason="lost_or_stolen_card")
        self._moves("refund_failure", "refund_failure", refund, refund["amount"], 0)
        self.tell("refund.failed", refund)

    def dispute(self, intent: Object, reason: str = "fraudulent") -> Object:
        charge = self.get("charge", intent["latest_charge"])
        charge["disputed"] = True
        made = self.add(
            "dispute", "dp", lambda id_: objects.dispute(id_, self.now(), charge, reason)
        )
        taken = self._moves("adjustment", "dispute", made, -made["amount"], 2000)
        made["balance_transactions"].append(taken)
        self.tell("charge.dispute.created", made)
        return made

    def win(self, dispute: Object) -> None:
        dispute["status"] = "won"
        back = self._moves("adjustment", "dispute_reversal", dispute, dispute["amount"], -2000)
        dispute["balance_transactions"].append(back)
        self.tell("charge.dispute.closed", dispute)

    def pay_out(self) -> Object:
        moves = self.store.get("balance_transaction", {}).values()
        amount = sum(move["net"] for move in moves)
        currency = self.balance_currency
        made = self.add(
            "payout", "po", lambda id_: objects.payout(id_, self.now(), amount, currency)
        )
        self._moves("payout", "payout", made, -amount, 0)
        self.tell("payout.created", made)
        return made

    def bill_fee(self, amount: int) -> None:
        """What Stripe charges beside payments."""
        source = {"id": None, "currency": self.balance_currency, "description": "Billing usage"}
        self._moves("stripe_fee", "fee", source, -amount, 0)
