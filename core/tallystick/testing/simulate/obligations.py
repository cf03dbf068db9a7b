"""What payers were charged for each invoice, whoever charged them: the sum no vendor sees alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple, Protocol

from tallystick.money import Money
from tallystick.testing.simulate.moments import Moments


class Agreed(NamedTuple):
    """A payment plan: when it was agreed on, and what is due by when, in minor units."""

    at: datetime
    parts: Sequence[tuple[date, int]]


class Ledger(Protocol):
    """What is known of invoices where they are issued."""

    def gross_minor(self, number: str) -> int:
        """What an invoice comes to, 0 for one nobody issued."""

    def plan_of(self, number: str) -> Agreed | None:
        """The plan that stands for it."""


@dataclass(slots=True)
class Charge:
    minor: int
    at: datetime
    released_at: datetime | None = None


class Obligations:
    """Charges that stand: paid, on their way, or waiting for the payer to act."""

    def __init__(self, moments: Moments, ledger: Ledger) -> None:
        self._moments = moments
        self._ledger = ledger
        self._charges: dict[str, list[Charge]] = {}

    def charge(self, invoice: str, amount: Money, due_on: date | None) -> None:
        """A payer is charged on a day, or may pay by hand; a breach where that is more than the
        invoice comes to, or is charged and more than is due of its instalments."""
        charges = self._charges.setdefault(invoice, [])
        charges.append(Charge(amount.minor, self._moments.at))
        standing = sum(one.minor for one in charges if one.released_at is None)
        if standing > self._ledger.gross_minor(invoice):
            self._moments.breach(f"{invoice} was charged beyond what it comes to")
        plan = self._ledger.plan_of(invoice)
        if plan is not None and due_on is not None:
            due = sum(minor for day, minor in plan.parts if day <= due_on)
            if standing - _standing_at(plan.at, charges) > due:
                self._moments.breach(f"of {invoice} more was charged than its instalments due")

    def release(self, invoice: str, amount: Money) -> None:
        """A charge failed, or its money went back for good."""
        charges = [one for one in self._charges[invoice] if one.released_at is None]
        same = [one for one in charges if one.minor == amount.minor]
        self._end(invoice, same[0] if same else charges[0], amount.minor)

    def _end(self, invoice: str, one: Charge, minor: int) -> None:
        """What is given back in part leaves a charge of the rest."""
        if minor < one.minor:
            self._charges[invoice].append(Charge(one.minor - minor, one.at))
        one.released_at = self._moments.at


def _standing_at(at: datetime, charges: Sequence[Charge]) -> int:
    return sum(
        one.minor
        for one in charges
        if one.at < at and (one.released_at is None or one.released_at > at)
    )
