"""Idempotency keys as Stripe documents them: the first answer is kept for a day, errors too.

Source: https://docs.stripe.com/api/idempotent_requests. Other parameters under the same key are
refused; a request that was refused before it was done is not kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar

from tallystick.errors import Retry, SkipRecord
from tallystick.testing.simulate.moments import Moments

KEPT: Final = timedelta(hours=24)
Q = TypeVar("Q")
A = TypeVar("A")


@dataclass(frozen=True, slots=True)
class Kept(Generic[Q, A]):
    """The first answer to a key, None for an error of the server."""

    at: datetime
    request: Q
    answer: A | None


class Keys(Generic[Q, A]):
    """The keys of one kind of request."""

    def __init__(self, moments: Moments) -> None:
        self._moments = moments
        self._kept: dict[str, Kept[Q, A]] = {}

    def once(self, key: str, request: Q, effect: Callable[[], A]) -> A:
        """What `effect` answers the first time, and again for a day; at times an error of the
        server, with the effect or without it, and then that for a day."""
        moments = self._moments
        kept = self._kept.get(key)
        if kept is not None and moments.at - kept.at < KEPT:
            return self._again(key, kept, request)
        if kept is not None:
            moments.breach(f"{key} was sent again after a day, when nobody knows it any more")
        fails = moments.chance.happens(moments.weather.failing)
        answer = None if fails and moments.chance.happens(500) else effect()
        self._kept[key] = Kept(moments.at, request, None if fails else answer)
        if fails or answer is None:
            raise Retry("It answered with 500, and keeps that for the key.", do="Ask later.")
        return answer

    def _again(self, key: str, kept: Kept[Q, A], request: Q) -> A:
        if kept.request != request:
            self._moments.breach(f"{key} was used again for something else")
            raise SkipRecord("Keys stand for one request.", do="Use another.", ref=key)
        if kept.answer is None:
            raise Retry("It answered with 500 before, and does again.", do="Ask later.")
        return kept.answer
