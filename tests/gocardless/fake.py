"""A strict GoCardless of our own over real HTTP, with faults on demand.

It honours idempotency keys as GoCardless does: a repeated key is refused with the id of what was
made. Each request must be an operation of the official clients' fixtures with fields that these
know, each answer has the fixture's fields and types; what does not fit is kept in `violations`. A
fault is used up by the next request:

    lost     it is done, and the line goes dead before the answer
    unseen   the line goes dead before anything is done
    fails    GoCardless fails (500) before it is done
    busy     429, with Retry-After
    cut      it is done, and half of the answer arrives
    page     a sign-in page, with 200
    again    the list leads to its first page once more
"""

from __future__ import annotations

import json
import re
import threading
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from tests.transport.vendor import Answer, Asked

from .spec import error, example, fixtures

TOKEN = "sandbox_CANARYtokenCANARY"
WRITE_ONLY = {
    # developer.gocardless.com/api-reference, "Create a refund"
    "refunds": {"total_amount_confirmation"},
}
PREFIXES = {
    "customers": "CU",
    "payments": "PM",
    "refunds": "RF",
    "billing_requests": "BRQ",
    "billing_request_flows": "BRF",
}

UNKEYED = {"billing_request_flows"}
"""What may be made twice: a flow is only a link to its billing request."""


@dataclass
class World:
    """What GoCardless holds, by envelope and id, oldest first."""

    page_max: int = 500
    objects: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    keys: dict[tuple[str, str], str] = field(default_factory=dict)
    items: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    faults: deque[str] = field(default_factory=deque)
    asked: list[tuple[str, str, Any]] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    earliest: str = "2026-07-06"
    """The first day a mandate can be charged."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, envelope: str, **values: Any) -> dict[str, Any]:
        """One more object: the fixture's fields, empty but for `values`."""
        held = self.objects.setdefault(envelope, {})
        blank = dict.fromkeys(example(envelope)) | {"links": {}, "metadata": {}}
        made = {
            **{name: value for name, value in blank.items() if name in example(envelope)},
            "id": f"{PREFIXES.get(envelope, 'XX')}{len(held) + 1:03}",
            "created_at": f"2026-07-01T10:{len(held):02}:00.000Z",
            **values,
        }
        held[made["id"]] = made
        return made

    def counted(self, envelope: str) -> int:
        return len(self.objects.get(envelope, {}))

    # HTTP

    def __call__(self, asked: Asked) -> Answer:
        with self.lock:
            body = json.loads(asked.body) if asked.body else None
            self.asked.append((asked.method, asked.path, body))
            fault = self.faults.popleft() if self.faults else ""
            if fault == "unseen":
                return Answer(body=b"{}", hangs_up_after=0)
            if fault == "fails":
                return _json(500, error("gocardless_error"))
            if fault == "busy":
                return _json(429, error("rate_limit_exceeded"), {"Retry-After": "0"})
            if fault == "page":
                return Answer(body=b"<html>Please sign in</html>")
            self._check(asked, body)
            answer = self._answer(asked, body, again=fault == "again")
            if fault == "lost":
                return answer._replace(hangs_up_after=0)
            return (
                answer._replace(hangs_up_after=len(answer.body) // 2) if fault == "cut" else answer
            )

    def _check(self, asked: Asked, body: Any) -> None:
        headers = (asked.headers.get("gocardless-version"), asked.headers.get("authorization"))
        if headers != ("2015-07-06", f"Bearer {TOKEN}"):
            self.violations.append(f"headers {headers}")
        envelope = asked.path.split("/")[1]
        shape = re.sub(r"(?<=/)[A-Z]+\d+", ":identity", asked.path)
        known = {(one["method"], one["path_template"]) for one in fixtures(envelope).values()}
        if (asked.method, shape) not in known:
            self.violations.append(f"no such operation: {asked.method} {shape}")
        if body:
            more = WRITE_ONLY.get(envelope, set())
            self._fields(body[envelope], example(envelope), envelope, more)
        makes = asked.method == "POST" and "actions" not in shape and envelope not in UNKEYED
        key = asked.headers.get("idempotency-key", "")
        if makes and not re.fullmatch(r"[A-Za-z0-9-]{1,128}", key):
            self.violations.append(f"POST {shape} without a key")

    def _fields(self, value: Any, fixture: Any, where: str, more: set[str]) -> None:
        if not isinstance(value, dict) or not isinstance(fixture, dict):
            if value is not None and fixture is not None and type(value) is not type(fixture):
                self.violations.append(f"{where} is {value!r}, not like {fixture!r}")
            return
        for name, one in value.items():
            if where.endswith("metadata"):
                if not isinstance(one, str) or len(one) > 500 or len(value) > 3:
                    self.violations.append(f"{where}.{name} is {one!r}")
            elif name in fixture:
                self._fields(one, fixture[name], f"{where}.{name}", set())
            elif name not in more:
                self.violations.append(f"{where} has no {name}")

    def _answer(self, asked: Asked, body: Any, again: bool) -> Answer:
        _, envelope, *rest = asked.path.split("/")
        if asked.method == "GET":
            return self._one(envelope, rest[0]) if rest else self._list(envelope, asked, again)
        if asked.method == "PUT":
            held = self.objects[envelope][rest[0]]
            held.update(body[envelope])
            return self._told(200, envelope, held)
        if rest:
            return self._act(envelope, rest[0], rest[2])
        key = (envelope, asked.headers.get("idempotency-key", ""))
        if key[1] and key in self.keys:
            conflict = error("idempotent_creation_conflict_error")
            conflict["error"]["errors"][0]["links"] = {"conflicting_resource_id": self.keys[key]}
            return _json(409, conflict)
        refusal = getattr(self, f"_refuse_{envelope}", lambda _: None)(body[envelope])
        if refusal:
            return _json(422, refusal)
        made = self._make(envelope, body[envelope])
        self.keys[key] = made["id"]
        return self._told(201, envelope, made)

    def _told(self, status: int, envelope: str, held: Any) -> Answer:
        for one in held if isinstance(held, list) else [held]:
            self._fields(one, example(envelope), envelope, {"fx"})
        return _json(status, {envelope: held})

    def _one(self, envelope: str, id_: str) -> Answer:
        held = self.objects.get(envelope, {}).get(id_)
        if held is None:
            return _json(404, error("invalid_api_usage_error", code=404, errors=[]))
        return self._told(200, envelope, held)

    def _list(self, envelope: str, asked: Asked, again: bool) -> Answer:
        query = dict(asked.query)
        limit = min(int(query.pop("limit", 50)), self.page_max)
        after = query.pop("after", None)
        if envelope == "payout_items":
            held = self.items.get(query["payout"], [])
        else:
            held = [
                one for one in self.objects.get(envelope, {}).values() if self._fits(one, query)
            ][::-1]
        start = 0 if after is None else int(after)
        page = held[start : start + limit]
        more = str(start + limit) if start + limit < len(held) else None
        for one in page:
            self._fields(one, example(envelope), envelope, set())
        meta = {"cursors": {"before": None, "after": "0" if again else more}, "limit": limit}
        return _json(200, {envelope: page, "meta": meta})

    def _fits(self, one: dict[str, Any], query: dict[str, str]) -> bool:
        links = dict(one.get("links") or {})
        if "mandate" in links and "customer" not in links:
            links["customer"] = self.objects["mandates"][links["mandate"]]["links"]["customer"]
        for name, wanted in query.items():
            has = one.get(name) if name in one else links.get(name)
            if one["created_at"] <= wanted if name == "created_at[gt]" else has != wanted:
                return False
        return True

    def _act(self, envelope: str, id_: str, action: str) -> Answer:
        held = self.objects[envelope][id_]
        if action == "cancel" and held["status"] not in ("pending", "ready_to_fulfil"):
            return _json(422, error("invalid_state_error"))
        held["status"] = "cancelled"
        return self._told(200, envelope, held)

    def _make(self, envelope: str, wanted: dict[str, Any]) -> dict[str, Any]:
        if envelope == "payments":
            charged = wanted.get("charge_date") or self.earliest
            return self.add(
                envelope, status="pending_submission", **{**wanted, "charge_date": charged}
            )
        if envelope == "refunds":
            kept = {
                name: value for name, value in wanted.items() if name != "total_amount_confirmation"
            }
            payment = self.objects["payments"][wanted["links"]["payment"]]
            return self.add(
                envelope, **kept, currency=payment["currency"], status="pending_submission"
            )
        if envelope == "billing_requests":
            return self.add(envelope, status="pending", **wanted)
        made = self.add(envelope, **wanted)
        if envelope == "billing_request_flows":
            made["authorisation_url"] = f"https://pay.example/{made['id']}"
            made["expires_at"] = "2026-07-08T10:00:00.000Z"
        return made

    def _refuse_payments(self, wanted: dict[str, Any]) -> dict[str, Any] | None:
        mandate = self.objects["mandates"][wanted["links"]["mandate"]]
        if mandate["status"] in ("cancelled", "failed", "expired"):
            told = [{"message": "Mandate is inactive", "reason": "mandate_is_inactive"}]
            return error("invalid_state_error", errors=told, message="Mandate is inactive")
        if wanted.get("charge_date", self.earliest) < self.earliest:
            reason = "charge_date_before_next_possible_charge_date"
            told = [{"field": "charge_date", "message": "is too early", "reason": reason}]
            return error("invalid_state_error", type="validation_failed", errors=told)
        return None

    def _refuse_refunds(self, wanted: dict[str, Any]) -> dict[str, Any] | None:
        payment = wanted["links"]["payment"]
        before = [
            one["amount"]
            for one in self.objects.get("refunds", {}).values()
            if one["links"]["payment"] == payment
        ]
        if sum(before) + wanted["amount"] != wanted["total_amount_confirmation"]:
            told = [{"message": "does not add up", "reason": "total_amount_confirmation_invalid"}]
            return error("invalid_state_error", errors=told, message="Total does not add up")
        return None


def _json(status: int, body: Any, headers: dict[str, str] | None = None) -> Answer:
    return Answer(status, json.dumps(body).encode(), headers or {})
