"""A bank's direct debits: a batch under one key, money days later, returns weeks later."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tallystick.connector import Attempt, CollectionRequest, Trail
from tallystick.testing.simulate.bank import Account
from tallystick.testing.simulate.moments import Moments
from tallystick.testing.simulate.obligations import Obligations
from tallystick.testing.simulate.wire import Wire

REASONS = ("AM04", "AM04", "AC04", "MD01", "MS03")
RETURNS_WITHIN = timedelta(days=20)


@dataclass(slots=True)
class Debit:
    """One debit: when its money comes, and when it goes back if it does."""

    request: CollectionRequest
    pays_at: datetime
    returns_at: datetime | None
    reason: str
    paid: bool = False
    returned: bool = False


class Debits:
    """What it took, and when money moves; a batch key it knows is not taken again."""

    def __init__(self, moments: Moments, bank: Account, obligations: Obligations) -> None:
        self._moments = moments
        self._bank = bank
        self._obligations = obligations
        self._wire = Wire(moments, "debits")
        self._batches: set[str] = set()
        self.debits: list[Debit] = []

    def whoami(self) -> str:
        return "direct debits"

    def collect(self, requests: Sequence[CollectionRequest], key: str) -> Sequence[Attempt]:
        return self._wire.call(f"collect {key}", lambda: self._take(requests, key))

    def find_attempt(self, key: str, trail: Trail | None = None) -> Attempt | None:
        return self._wire.call(f"find {key}", lambda: self._find(key))

    def _take(self, requests: Sequence[CollectionRequest], key: str) -> Sequence[Attempt]:
        if key not in self._batches:
            self._batches.add(key)
            for request in requests:
                self._debit(request)
        return [Attempt(request.key, "processing", key) for request in requests]

    def _debit(self, request: CollectionRequest) -> None:
        if any(one.request.key == request.key for one in self.debits):
            self._moments.breach(f"{request.key} was debited twice")
        self._obligations.charge(request.invoice, request.amount, request.due_on)
        chance, at = self._moments.chance, self._moments.at
        pays_at = at + chance.lasts(timedelta(hours=8), timedelta(days=4))
        comes_back = chance.happens(250)
        returns_at = pays_at + chance.lasts(timedelta(0), RETURNS_WITHIN) if comes_back else None
        self.debits.append(Debit(request, pays_at, returns_at, chance.one_of(REASONS)))

    def _find(self, key: str) -> Attempt | None:
        if any(one.request.key == key for one in self.debits):
            return Attempt(key, "processing", key)
        return None

    def time_has_come(self) -> None:
        """Move the money of every debit whose hour has struck, and what goes back."""
        chance, at = self._moments.chance, self._moments.at
        for one in self.debits:
            key, amount = one.request.key, one.request.amount
            if not one.paid and one.pays_at <= at:
                one.paid = True
                late = chance.lasts(timedelta(0), timedelta(days=3))
                self._bank.book(amount, late, end_to_end_id=key)
            if one.returns_at is not None and not one.returned and one.returns_at <= at:
                one.returned = True
                self._obligations.release(one.request.invoice, amount)
                late = chance.lasts(timedelta(0), timedelta(days=3))
                more = {"end_to_end_id": key, "returned": True, "return_reason": one.reason}
                self._bank.book(-amount, late, **more)

    def hours(self) -> Iterator[datetime]:
        """When money will move."""
        for one in self.debits:
            if not one.paid:
                yield one.pays_at
            if one.returns_at is not None and not one.returned:
                yield one.returns_at
