"""Hosted pages at a card provider: opened once per key, for a day, and done once at most.

As https://docs.stripe.com/api/checkout/sessions has them: a page that pays makes one payment under
the page's key, which a card that is declined leaves open; one that is over can never be paid.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final, Protocol

from tallystick.connector import Page, PageRequest, PageState
from tallystick.testing.simulate.keys import Keys
from tallystick.testing.simulate.moments import Moments
from tallystick.testing.simulate.wire import Wire

LIVES: Final = timedelta(hours=24)
Told = Callable[[str, str | None, str], None]


class Payers(Protocol):
    """Those who have a page."""

    def opened(self, request: PageRequest) -> None:
        """From now on somebody may pay what a page asks for."""

    def acted(self, request: PageRequest) -> bool:
        """Somebody acts on a page; whether it is done."""

    def over(self, request: PageRequest) -> None:
        """Nobody ever acts on a page that was open."""


@dataclass(slots=True)
class Hosted:
    """One page; `acts_at` is when somebody will next act on it, if they do."""

    request: PageRequest
    ref: str
    expires_at: datetime
    acts_at: datetime | None
    state: PageState = "open"

    @property
    def answer(self) -> Page:
        url = f"https://pay.example/{self.ref}"
        return Page(self.request.key, self.state, url, self.ref, self.expires_at)


class Pages:
    """Every page that was opened."""

    def __init__(self, moments: Moments, wire: Wire, payers: Payers, told: Told) -> None:
        self._moments = moments
        self._wire = wire
        self._payers = payers
        self._told = told
        self._keys = Keys[PageRequest, Page](moments)
        self.opened: list[Hosted] = []

    def open(self, request: PageRequest) -> Page:
        effect = partial(self._keys.once, request.key, request, partial(self._make, request))
        return self._wire.call(f"open page {request.key}", effect)

    def find(self, key: str) -> Page | None:
        return self._wire.call(f"find page {key}", partial(self._answer, key))

    def close(self, key: str) -> Page | None:
        """See to it that nothing can be done on a page any more; what it is then."""
        one = self.of(key)
        if one is not None and one.state == "open":
            self._end(one)
        return self._answer(key)

    def of(self, key: str) -> Hosted | None:
        return next((one for one in self.opened if one.request.key == key), None)

    def time_has_come(self) -> None:
        """Whoever has a page acts on it, or its day is over."""
        at = self._moments.at
        for one in self.opened:
            if one.state == "open" and one.acts_at is not None and one.acts_at <= at:
                one.acts_at = None
                if self._payers.acted(one.request):
                    self._becomes(one, "done", "completed")
                else:
                    one.acts_at = at + self._moments.chance.lasts(timedelta(0), LIVES)
            if one.state == "open" and one.expires_at <= at:
                self._end(one)

    def hours(self) -> Iterator[datetime]:
        for one in self.opened:
            if one.state == "open":
                yield min(one.expires_at, one.acts_at or one.expires_at)

    def _make(self, request: PageRequest) -> Page:
        if self.of(request.key) is not None:
            self._moments.breach(f"page {request.key} was opened twice")
        chance, at = self._moments.chance, self._moments.at
        acts_at = at + chance.lasts(timedelta(minutes=1), LIVES) if chance.happens(700) else None
        one = Hosted(request, f"cs_{len(self.opened) + 1}", at + LIVES, acts_at)
        self.opened.append(one)
        self._payers.opened(request)
        return one.answer

    def _answer(self, key: str) -> Page | None:
        one = self.of(key)
        return one.answer if one is not None else None

    def _end(self, one: Hosted) -> None:
        self._becomes(one, "expired", "expired")
        self._payers.over(one.request)

    def _becomes(self, one: Hosted, state: PageState, word: str) -> None:
        one.state = state
        self._moments.note("cards", f"page {one.request.key}", f"becomes {state}")
        self._told(f"checkout.session.{word}", one.request.key, one.ref)
