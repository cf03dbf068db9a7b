"""The part of Stripe's API that is used here, over a `World`: keys, parameters, lists.

Idempotency as docs.stripe.com/api/idempotent_requests has it: the answer of a request whose
endpoint began is kept under its key for at least 24 hours, errors of the server included, and told
again for the same request; another request under the key is an error. What failed before - a
parameter, a limit - is not kept.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tallystick_stripe.settings import API_VERSION

from . import objects
from .objects import Object
from .payments import Refused, invalid
from .world import World

KEPT_SECONDS = 24 * 3600
LISTS = {
    "payment_intents": ("payment_intent", {"customer"}),
    "customers": ("customer", {"email"}),
    "refunds": ("refund", {"payment_intent", "charge"}),
    "disputes": ("dispute", {"payment_intent", "charge"}),
    "balance_transactions": ("balance_transaction", {"type", "currency"}),
    "events": ("event", {"type"}),
    "payouts": ("payout", {"status"}),
    "checkout": ("checkout.session", {"customer", "status", "payment_intent"}),
}


class Answer(NamedTuple):
    status: int
    body: Any
    replayed: bool = False


@dataclass
class Kept:
    request: str
    answer: Answer
    at: int


@dataclass
class Api:
    """`breaks` is asked before and after an endpoint ran; what it raises is stored under the
    request's key, as a failure within Stripe is."""

    world: World
    key: str
    account: str = "acct_1NordlichtIT"
    kept: dict[str, Kept] = field(default_factory=dict)
    breaks: Callable[[str], None] = lambda when: None

    def answer(self, method: str, path: str, headers: Mapping[str, str], sent: Object) -> Answer:
        try:
            if headers.get("authorization") != f"Bearer {self.key}":
                raise Refused(401, "invalid_request_error", "", "Invalid API Key provided: sk_****")
            if headers.get("stripe-version") != API_VERSION:
                raise invalid("", f"Invalid Stripe API version: {headers.get('stripe-version')}")
            key = headers.get("idempotency-key")
            if method == "post" and key:
                return self._once(key, method, path, sent)
            return Answer(200, self._run(method, path, sent))
        except Refused as refused:
            return Answer(refused.status, refused.body)

    def _once(self, key: str, method: str, path: str, sent: Object) -> Answer:
        request = json.dumps([method, path, sent], sort_keys=True)
        kept = self.kept.get(key)
        if kept is not None and self.world.now() - kept.at < KEPT_SECONDS:
            if kept.request != request:
                told = "Keys for idempotent requests can only be used with the same parameters."
                raise Refused(400, "idempotency_error", "", told)
            return kept.answer._replace(replayed=True)
        try:
            self.breaks("before")
            answer = Answer(200, self._run(method, path, sent))
            self.breaks("after")
        except Refused as refused:
            answer = Answer(refused.status, refused.body)
            if not refused.stored:
                return answer
        answer = Answer(answer.status, json.loads(json.dumps(answer.body)))
        self.kept[key] = Kept(request, answer, self.world.now())
        return answer

    def _run(self, method: str, path: str, sent: Object) -> Any:
        steps = path.removeprefix("/v1/").split("/")
        sent = dict(sent)
        sent.pop("expand", None) if method == "post" else None
        if steps == ["account"]:
            return {"id": self.account, "object": "account"}
        if steps[:2] == ["checkout", "sessions"]:
            steps = ["checkout", *steps[2:]]
        if method == "get" and len(steps) == 1:
            return self._list(path, steps[0], sent)
        if method == "get" and steps[2:] == ["payment_methods"]:
            return self._methods(path, steps[1], sent)
        if method == "get":
            names = {"payment_methods": "payment_method", **{n: k for n, (k, _) in LISTS.items()}}
            return self.world.get(names[steps[0]], steps[1])
        return getattr(self, "_".join(["do", steps[0], *steps[2:]]))(*steps[1:2], sent)

    def _list(self, path: str, name: str, sent: Object) -> Object:
        kind, filters = LISTS[name]
        if "customer" in sent:
            self.world.get("customer", sent["customer"])
        found = list(reversed(self.world.store.get(kind, {}).values()))
        for field_ in filters & sent.keys():
            found = [one for one in found if one.get(field_) == sent[field_]]
        if "types" in sent:
            found = [one for one in found if one["type"] in sent["types"]]
        for bound, value in sent.get("created", {}).items():
            assert bound == "gte", "the fake knows no other bound"
            found = [one for one in found if one["created"] >= int(value)]
        page = self._page(path, found, sent)
        if "data.source" in sent.get("expand", []):
            page["data"] = [self._expanded(one) for one in page["data"]]
        return page

    def _page(self, path: str, found: list[Object], sent: Object) -> Object:
        limit = int(sent.get("limit", 10))
        if not 1 <= limit <= 100:
            raise invalid("parameter_invalid_integer", "Limit must be between 1 and 100.")
        ids = [one["id"] for one in found]
        start = ids.index(sent["starting_after"]) + 1 if "starting_after" in sent else 0
        page = found[start : start + limit]
        return objects.listed(path, page, has_more=start + limit < len(found))

    def _expanded(self, move: Object) -> Object:
        kinds = {
            "ch": "charge",
            "py": "charge",
            "re": "refund",
            "pyr": "refund",
            "dp": "dispute",
            "po": "payout",
        }
        source = move["source"]
        if source is None:
            return move
        return {**move, "source": self.world.get(kinds[source.partition("_")[0]], source)}

    def _methods(self, path: str, customer: str, sent: Object) -> Object:
        self.world.get("customer", customer)
        methods = self.world.store.get("payment_method", {}).values()
        found = [one for one in reversed(methods) if one["customer"] == customer]
        return self._page(path, found, sent)

    # POST, named after the path: payment_intents/{id}/confirm

    def do_payment_intents(self, *rest: Any) -> Object:
        sent = rest[-1]
        customer = self.world.get("customer", sent["customer"]) if "customer" in sent else None
        method = self.world.get("payment_method", sent["payment_method"])
        if customer is None or method["customer"] != customer["id"]:
            told = "The provided PaymentMethod is not attached to the customer."
            raise invalid("payment_method_unexpected_state", told)
        if method["type"] not in sent["allowed_payment_method_types"]:
            raise invalid("payment_intent_incompatible_payment_method", "Not an allowed type.")
        if int(sent["amount"]) < 1 or "payment_method_types" in sent:
            raise invalid("parameter_invalid", "Invalid parameter.")
        kinds = sent["allowed_payment_method_types"]
        intent = self.world.add(
            "payment_intent", "pi", lambda id_: objects.intent(id_, self.world.now(), sent, kinds)
        )
        if sent.get("confirm") == "true":
            self.world.confirm(intent, sent.get("off_session") != "true", sent.get("return_url"))
        return intent

    def do_payment_intents_confirm(self, id_: str, sent: Object) -> Object:
        intent = self.world.get("payment_intent", id_)
        if intent["status"] not in ("requires_payment_method", "requires_confirmation"):
            raise invalid("payment_intent_unexpected_state", f"It is {intent['status']}.")
        intent["payment_method"] = sent["payment_method"]
        self.world.confirm(intent, on_session=True, return_url=sent.get("return_url"))
        return intent

    def do_payment_intents_cancel(self, id_: str, sent: Object) -> Object:
        intent = self.world.get("payment_intent", id_)
        if intent["status"] in ("succeeded", "canceled", "processing"):
            raise invalid("payment_intent_unexpected_state", f"It is {intent['status']}.")
        reason = sent.get("cancellation_reason")
        intent.update(status="canceled", next_action=None, cancellation_reason=reason)
        self.world.tell("payment_intent.canceled", intent)
        return intent

    def do_refunds(self, sent: Object) -> Object:
        return self.world.refund(sent)

    def do_customers(self, *rest: Any) -> Object:
        if len(rest) == 1:
            return self.world.customer(**rest[0])
        customer = self.world.get("customer", rest[0])
        metadata = {**customer["metadata"], **rest[1].pop("metadata", {})}
        customer.update(rest[1], metadata=metadata)
        self.world.tell("customer.updated", customer, {})
        return customer

    def do_checkout(self, sent: Object) -> Object:
        return self.world.add(
            "checkout.session", "cs", lambda id_: objects.session(id_, self.world.now(), sent)
        )

    def do_checkout_expire(self, id_: str, sent: Object) -> Object:
        page = self.world.get("checkout.session", id_)
        if page["status"] != "open":
            raise invalid("", "Only Checkout Sessions with a status of open can be expired.")
        page.update(status="expired", url=None)
        return page
