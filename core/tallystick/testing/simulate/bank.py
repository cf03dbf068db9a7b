"""A bank: what moved on the MSP's account, told days later."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from tallystick.connector import Broken, Cursor, Pulled
from tallystick.money import Money
from tallystick.testing.simulate.moments import Moments
from tallystick.testing.simulate.wire import Wire

PAGE = 5
ACCOUNT = "DE89370400440532013000"


@dataclass(frozen=True, slots=True)
class Movement:
    """One line of the account, seen by others from `told_at` on."""

    ref: str
    booked_on: date
    amount: Money
    told_at: datetime
    more: dict[str, Any]

    @property
    def row(self) -> dict[str, Any]:
        """As a canonical `bank_transaction`."""
        return {
            "id": self.ref,
            "account": ACCOUNT,
            "booked_on": self.booked_on,
            "amount": self.amount.amount,
            "currency": self.amount.currency,
            **self.more,
        }


class Account:
    """An account whose movements are read by page: of a bank, or of a payment provider."""

    def __init__(self, moments: Moments, name: str) -> None:
        self._moments = moments
        self._wire = Wire(moments, name)
        self.name = name
        self.movements: list[Movement] = []

    def book(self, amount: Money, late: timedelta, **more: Any) -> Movement:
        """Money moves now and is told after `late`; in the order of telling from then on."""
        at = self._moments.at
        ref = f"{self.name}-{len(self.movements) + 1}"
        moved = Movement(ref, at.date(), amount, at + late, more)
        self._moments.note(self.name, f"moves {amount}", {"told in": str(late), **more})
        self.movements.append(moved)
        return moved

    @property
    def balance_minor(self) -> int:
        return sum(one.amount.minor for one in self.movements)

    def whoami(self) -> str:
        return f"account {self.name}"

    def pull(self, record: str, since: str | None) -> Iterator[Pulled | Broken | Cursor]:
        told = self._told()
        at = int(since or 0)
        while True:
            page = self._wire.call(f"list {record} after {at}", partial(_page, told, at))
            yield from (Pulled(one.row, f"line {one.ref}") for one in page)
            if not page:
                return
            at += len(page)
            yield Cursor(str(at))

    def _told(self) -> list[Movement]:
        """What the account shows by now, later tellings last: a place in it stays that place."""
        seen = [one for one in self.movements if one.told_at <= self._moments.at]
        return sorted(seen, key=lambda one: one.told_at)


def _page(told: list[Movement], after: int) -> list[Movement]:
    return told[after : after + PAGE]
