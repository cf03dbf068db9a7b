"""Ageing: what clients owe, by how long it has been due.

    due on 2026-10-01     on 2026-09-30  current
                          on 2026-10-31  1-30         (30 days after it was due)
                          on 2026-11-01  31-60

What we owe clients, an open credit note or more paid than invoiced, does not age: it stands in
a column of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from tallystick.money import Money, total

BUCKETS = ("current", "1-30", "31-60", "61-90", "90+", "credit")
_DAYS_EACH = 30


@dataclass(frozen=True, slots=True)
class OpenInvoice:
    """What is open of one invoice or credit note (negative) on a day."""

    number: str
    client: str
    due_on: date
    open: Money


@dataclass(frozen=True, slots=True)
class AgeingRow:
    """One client in one currency; `buckets` in the order of `BUCKETS`."""

    client: str
    buckets: tuple[Money, ...]

    @property
    def total(self) -> Money:
        return total(self.buckets, self.buckets[0].currency)


def bucket(one: OpenInvoice, on: date) -> str:
    """The name of the bucket it is in at the end of the day `on`."""
    if one.open.minor < 0:
        return "credit"
    late = (on - one.due_on).days
    if late <= 0:
        return BUCKETS[0]
    return BUCKETS[min(1 + (late - 1) // _DAYS_EACH, len(BUCKETS) - 2)]


def ageing(found: Iterable[OpenInvoice], on: date) -> list[AgeingRow]:
    """A row per client and currency that has anything open, by currency and client."""
    sums: dict[tuple[str, str], dict[str, Money]] = {}
    for one in found:
        if not one.open:
            continue
        currency = one.open.currency
        own = sums.setdefault((currency, one.client), dict.fromkeys(BUCKETS, Money(0, currency)))
        name = bucket(one, on)
        own[name] = own[name] + one.open
    return [AgeingRow(client, tuple(own.values())) for (_, client), own in sorted(sums.items())]


def totals(rows: Iterable[AgeingRow]) -> list[AgeingRow]:
    """One row per currency that sums the others."""
    sums: dict[str, list[Money]] = {}
    for row in rows:
        currency = row.total.currency
        before = sums.setdefault(currency, [Money(0, currency)] * len(BUCKETS))
        sums[currency] = [a + b for a, b in zip(before, row.buckets, strict=True)]
    return [AgeingRow("", tuple(sums[currency])) for currency in sorted(sums)]
