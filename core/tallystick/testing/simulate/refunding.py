"""Refunds at a card provider: once per key, never more than was paid, not while it is disputed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from tallystick.connector import Refund, RefundRequest
from tallystick.errors import SkipRecord
from tallystick.testing.simulate.intents import Intent
from tallystick.testing.simulate.keys import Keys
from tallystick.testing.simulate.moments import Moments
from tallystick.testing.simulate.wire import Wire

Told = Callable[[str, str | None, str], None]


@dataclass(slots=True)
class GivenBack:
    """One refund, and when the bank will have taken it."""

    request: RefundRequest
    answer: Refund
    ends_at: datetime


class Refunds:
    """Every refund that was made."""

    def __init__(
        self, moments: Moments, wire: Wire, intent_of: Callable[[str], Intent | None], told: Told
    ) -> None:
        self._moments = moments
        self._wire = wire
        self._intent_of = intent_of
        self._told = told
        self._keys = Keys[RefundRequest, Refund](moments)
        self.made: list[GivenBack] = []

    def refund(self, request: RefundRequest) -> Refund:
        effect = partial(self._keys.once, request.key, request, partial(self._make, request))
        return self._wire.call(f"refund {request.key}", effect)

    def find(self, key: str) -> Refund | None:
        return self._wire.call(f"find refund {key}", partial(self._find, key))

    def _make(self, request: RefundRequest) -> Refund:
        intent = self._intent_of(request.attempt)
        minor = request.amount.minor
        if intent is None or intent.refunded_minor + minor > intent.request.amount.minor:
            self._moments.breach(f"more was to be given back of {request.attempt} than it brought")
            raise SkipRecord("There is less to give back.", do="Ask for less.", ref=request.key)
        if minor > intent.refundable_minor:
            raise SkipRecord("It is disputed.", do="Wait for the verdict.", ref=request.key)
        intent.refunded_minor += minor
        answer = Refund(request.key, "pending", f"re_{len(self.made) + 1}")
        ends_at = self._moments.at + self._moments.chance.lasts(
            timedelta(hours=1), timedelta(days=3)
        )
        self.made.append(GivenBack(request, answer, ends_at))
        self._told("refund.created", request.key, answer.vendor_ref)
        return answer

    def _find(self, key: str) -> Refund | None:
        return next((one.answer for one in self.made if one.request.key == key), None)

    def ended(self) -> Iterator[GivenBack]:
        """Those whose hour has struck, once each."""
        for one in self.made:
            if one.answer.state == "pending" and one.ends_at <= self._moments.at:
                one.answer = replace(one.answer, state="succeeded")
                self._told("refund.updated", one.request.key, one.answer.vendor_ref)
                yield one

    def hours(self) -> Iterator[datetime]:
        yield from (one.ends_at for one in self.made if one.answer.state == "pending")
