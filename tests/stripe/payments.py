"""What Stripe does with money, as strictly as it documents it: one account, in memory.

Payment methods behave as their `fate` says: `ok`, `needs_action`, or the decline code they meet
(docs.stripe.com/testing). Cards answer at once; bank debits are `processing` until the test
settles them or lets them fail (docs.stripe.com/payments/sepa-debit).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from . import objects
from .objects import Object

DELAYED = ("sepa_debit", "bacs_debit", "us_bank_account")


class Refused(Exception):
    """Stripe's answer other than 200. What fails before the endpoint began is not `stored`."""

    def __init__(self, status: int, kind: str, code: str, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.stored = bool(more.pop("stored", False))
        error = {"type": kind, "code": code, "message": message, **more}
        self.body = {"error": {key: value for key, value in error.items() if value is not None}}


def missing(what: str, id_: str) -> Refused:
    return Refused(404, "invalid_request_error", "resource_missing", f"No such {what}: '{id_}'")


def invalid(code: str, message: str) -> Refused:
    return Refused(400, "invalid_request_error", code, message)


@dataclass
class Payments:
    now: Callable[[], int]
    balance_currency: str = "eur"
    rate: float = 1.05
    store: dict[str, dict[str, Object]] = field(default_factory=dict)
    fates: dict[str, str] = field(default_factory=dict)
    on_event: list[Callable[[Object], None]] = field(default_factory=list)

    def add(self, kind: str, prefix: str, make: Callable[[str], Object]) -> Object:
        kept = self.store.setdefault(kind, {})
        made = make(f"{prefix}_{len(kept) + 1:014d}")
        kept[made["id"]] = made
        return made

    def get(self, kind: str, id_: str) -> Object:
        if id_ not in self.store.get(kind, {}):
            raise missing(kind, id_)
        return self.store[kind][id_]

    def tell(self, kind: str, about: Object, before: Object | None = None) -> None:
        told = self.add(
            "event", "evt", lambda id_: objects.event(id_, self.now(), kind, about, before)
        )
        for listener in self.on_event:
            listener(told)

    # who pays

    def customer(self, **sent: Any) -> Object:
        made = self.add("customer", "cus", lambda id_: objects.customer(id_, self.now(), sent))
        self.tell("customer.created", made)
        return made

    def method(self, owner: str, fate: str = "ok", kind: str = "card", name: str = "Ada") -> Object:
        made = self.add(
            "payment_method",
            "pm",
            lambda id_: objects.payment_method(id_, self.now(), kind, owner, name),
        )
        self.fates[made["id"]] = fate
        self.tell("payment_method.attached", made)
        return made

    def detach(self, method: Object) -> None:
        before = {"customer": method["customer"]}
        method["customer"] = None
        self.tell("payment_method.detached", method, before)

    # what is paid

    def confirm(self, intent: Object, on_session: bool, return_url: str | None) -> None:
        method = self.get("payment_method", intent["payment_method"])
        fate = self.fates[method["id"]]
        intent["last_payment_error"] = intent["next_action"] = None
        if fate == "mandate_invalid":  # made, and then refused for what it asks
            told = "The mandate is inactive."
            raise Refused(
                400,
                "invalid_request_error",
                "payment_intent_mandate_invalid",
                told,
                stored=True,
                payment_intent={**intent, "status": "requires_payment_method"},
            )
        if fate == "needs_action" and on_session:
            url = f"https://hooks.stripe.com/redirect/authenticate/{intent['id']}"
            action = {"return_url": return_url, "url": url}
            intent["next_action"] = {"type": "redirect_to_url", "redirect_to_url": action}
            intent["status"] = "requires_action"
            self.tell("payment_intent.requires_action", intent)
        elif fate == "needs_action":
            self._refuse(intent, method, "authentication_required", "authentication_required")
        elif fate != "ok":
            self._refuse(intent, method, "card_declined", fate)
        else:
            self._charge(intent, method)

    def complete(self, page: Object, kind: str = "card", fate: str = "ok") -> None:
        """The client does on Stripe's page what it asks for. Who is declined may try again."""
        method = self.method(page["customer"], fate, kind)
        if page["mode"] == "payment":
            price = page["line_items"][0]["price_data"]
            sent = {
                **page["payment_intent_data"],
                "amount": price["unit_amount"],
                "currency": price["currency"],
                "customer": page["customer"],
                "payment_method": method["id"],
            }
            intent = self.add(
                "payment_intent", "pi", lambda id_: objects.intent(id_, self.now(), sent, [kind])
            )
            page["payment_intent"] = intent["id"]
            self.confirm(intent, on_session=True, return_url=page["success_url"])
        page.update(status="complete", url=None)
        self.tell("checkout.session.completed", page)

    def authenticate(self, intent: Object) -> None:
        intent["next_action"] = None
        self._charge(intent, self.get("payment_method", intent["payment_method"]))

    def settle(self, intent: Object) -> None:
        """A bank debit came through."""
        charge = self.get("charge", intent["latest_charge"])
        charge.update(status="succeeded", paid=True)
        intent.update(status="succeeded", amount_received=intent["amount"])
        self.tell("payment_intent.succeeded", intent)

    def fail(self, intent: Object, code: str = "insufficient_funds") -> None:
        """A bank debit came back: its money is taken out of the balance again."""
        charge = self.get("charge", intent["latest_charge"])
        charge.update(status="failed", paid=False, failure_code=code)
        back = self.add(
            "refund",
            "pyr",
            lambda id_: objects.refund(id_, self.now(), charge, charge["amount"], "succeeded", {}),
        )
        error = {"type": "card_error", "code": code, "message": "The debit failed."}
        intent.update(status="requires_payment_method", last_payment_error=error)
        self._moves("payment_failure_refund", "charge_failure", back, -charge["amount"], 0)
        self.tell("payment_intent.payment_failed", intent)

    def _refuse(self, intent: Object, method: Object, code: str, decline_code: str) -> None:
        charge = self.add(
            "charge",
            "ch",
            lambda id_: objects.charge(id_, self.now(), intent, "failed", "Ada"),
        )
        charge["failure_code"] = code
        error: Object = {
            "kind": "card_error",
            "code": code,
            "decline_code": decline_code,
            "message": "Your card was declined.",
            "charge": charge["id"],
        }
        intent.update(
            status="requires_payment_method",
            latest_charge=charge["id"],
            last_payment_error={**error, "type": error["kind"], "payment_method": method},
        )
        self.tell("payment_intent.payment_failed", intent)
        raise Refused(402, stored=True, payment_intent=dict(intent), **error)

    def _charge(self, intent: Object, method: Object) -> None:
        delayed = method["type"] in DELAYED
        status = "pending" if delayed else "succeeded"
        name = method["billing_details"]["name"]
        prefix = "py" if delayed else "ch"
        charge = self.add(
            "charge", prefix, lambda id_: objects.charge(id_, self.now(), intent, status, name)
        )
        intent["latest_charge"] = charge["id"]
        kind = "payment" if delayed else "charge"
        fee = 35 if delayed else intent["amount"] * 15 // 1000 + 25
        self._moves(kind, "charge", charge, charge["amount"], fee)
        if delayed:
            intent["status"] = "processing"
            self.tell("payment_intent.processing", intent)
        else:
            intent.update(status="succeeded", amount_received=intent["amount"])
            self.tell("payment_intent.succeeded", intent)

    def _moves(self, kind: str, category: str, source: Object, amount: int, fee: int) -> Object:
        """The balance moves; money in another currency is converted first."""
        foreign = source["currency"] != self.balance_currency
        moved = round(amount * self.rate) if foreign else amount
        made = self.add(
            "balance_transaction",
            "txn",
            lambda id_: objects.balance_transaction(
                id_,
                self.now(),
                kind,
                category,
                moved,
                fee,
                self.balance_currency,
                source["id"],
                str(source.get("description") or kind),
                self.rate if foreign else None,
            ),
        )
        source["balance_transaction"] = made["id"]
        return made
