"""A payment provider in memory that keeps its word: the same key within a day has one effect and
must have the same body; after a day it is a new key. It can fail before or after any effect."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, Literal

import msgspec

from tallystick.cash.collecting.channels import Channel
from tallystick.connector import (
    Attempt,
    CollectionRequest,
    Collects,
    Event,
    Page,
    PageRequest,
    Refund,
    RefundRequest,
    Trail,
)
from tallystick.errors import Retry, SkipRecord
from tallystick.records import BankTransaction

KEPT: Final = timedelta(hours=24)
CARDS: Final = Collects(frozenset({"card"}), key_lifetime=timedelta(hours=20))
Fault = Literal["before", "after"]


@dataclass
class Pay:
    """`faults` is what happens to the coming calls, in order; `says` what payments become instead
    of `processing`; `charges` and `repaid` every effect that really happened."""

    now: Callable[[], datetime]
    faults: list[Fault | None] = field(default_factory=list)
    says: dict[str, Attempt] = field(default_factory=dict)
    charges: list[str] = field(default_factory=list)
    repaid: list[str] = field(default_factory=list)
    payments: dict[str, Attempt] = field(default_factory=dict)
    refunds: dict[str, Refund] = field(default_factory=dict)
    pages: dict[str, Page] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    bodies: list[tuple[str, bytes]] = field(default_factory=list)
    hides: set[str] = field(default_factory=set)
    _keys: dict[str, tuple[datetime, bytes]] = field(default_factory=dict)

    def whoami(self) -> str:
        return "pay"

    def collect(self, requests: Sequence[CollectionRequest], key: str) -> Sequence[Attempt]:
        [request] = requests
        assert request.key == key, "each goes alone, under its own key"
        fault = self._fault()
        if self._is_new(key, msgspec.json.encode(request)):
            self.charges.append(request.invoice)
            self.payments[key] = self.says.get(
                key, Attempt(key, "processing", f"pi_{len(self.charges)}")
            )
        self._lose(fault)
        return [self.payments[key]]

    def find_attempt(self, key: str, trail: Trail | None = None) -> Attempt | None:
        self.asked.append(key)
        self._lose(self._fault())
        return None if key in self.hides else self.payments.get(key)

    def refund(self, request: RefundRequest) -> Refund:
        fault = self._fault()
        if self._is_new(request.key, msgspec.json.encode(request)):
            self.repaid.append(request.attempt)
            self.refunds[request.key] = Refund(request.key, "pending", f"re_{len(self.repaid)}")
        self._lose(fault)
        return self.refunds[request.key]

    def find_refund(self, key: str) -> Refund | None:
        self.asked.append(key)
        self._lose(self._fault())
        return None if key in self.hides else self.refunds.get(key)

    def open_page(self, request: PageRequest) -> Page:
        fault = self._fault()
        if self._is_new(request.key, msgspec.json.encode(request)):
            number = len(self.pages) + 1
            until = self.now() + KEPT
            url = f"https://pay.example/{number}"
            self.pages[request.key] = Page(request.key, "open", url, f"cs_{number}", until)
            if request.amount is not None:
                waits = Attempt(request.key, "requires_customer", f"pi_p{number}", link=url)
                self.payments[request.key] = waits
        self._lose(fault)
        return self.pages[request.key]

    def find_page(self, key: str) -> Page | None:
        self.asked.append(key)
        self._lose(self._fault())
        return self.pages.get(key)

    def close_page(self, key: str) -> Page | None:
        fault = self._fault()
        page = self.pages.get(key)
        waits = self.payments.get(key)
        if page is None and waits is not None and waits.state == "requires_customer":
            self.becomes(key, "cancelled")
            page = Page(key, "expired", waits.link or "", waits.vendor_ref)
        elif page is not None and page.state == "open":
            self.pages[key] = page = replace(page, state="expired")
            if key in self.payments:
                self.payments[key] = replace(self.payments[key], state="cancelled")
        self._lose(fault)
        return page

    def read_event(self, headers: Mapping[str, str], body: bytes) -> Event:
        if headers.get("signature") != "good":
            raise SkipRecord("It is not signed.", do="Check the secret.")
        told = msgspec.json.decode(body)
        return Event(told["id"], told["kind"], self.now(), told.get("key"), told.get("ref"))

    def pays(self, key: str) -> None:
        """The payer pays on the page with this key."""
        page = self.pages[key]
        assert page.state == "open"
        self.pages[key] = replace(page, state="done")
        if key in self.payments:
            self.charges.append(key)
            self.becomes(key, "succeeded")

    def becomes(self, key: str, state: Any, reason: str = "") -> None:
        self.payments[key] = replace(self.payments[key], state=state, reason=reason)

    def channel(self, collects: Collects = CARDS) -> dict[str, Channel]:
        return {"pay": Channel(self, collects, keeps_mandates=True)}

    def _is_new(self, key: str, body: bytes) -> bool:
        """Whether a call under `key` has an effect; other bodies under one key are refused."""
        self.bodies.append((key, body))
        known = self._keys.get(key)
        if known is not None and self.now() - known[0] < KEPT:
            if known[1] != body:
                raise SkipRecord("The key was used for something else.", do="Report it.", ref=key)
            return False
        self._keys[key] = self.now(), body
        return True

    def _fault(self) -> Fault | None:
        """What happens to this call; one that never reaches us ends here."""
        fault = self.faults.pop(0) if self.faults else None
        if fault == "before":
            raise Retry("It did not answer.", do="Try again later.")
        return fault

    @staticmethod
    def _lose(fault: Fault | None) -> None:
        if fault == "after":
            raise Retry("It did not answer.", do="Try again later.")


def moved(ref: str, amount: str, day: str, **more: Any) -> BankTransaction:
    """A movement on the account at the provider, `charges` what it kept."""
    plain: dict[str, Any] = {"account": "acct_1", "currency": "EUR"}
    if "charges" in more:
        more["charges"] = Decimal(more["charges"])
    booked_on = date.fromisoformat(day)
    return BankTransaction(id=ref, amount=Decimal(amount), booked_on=booked_on, **(plain | more))
