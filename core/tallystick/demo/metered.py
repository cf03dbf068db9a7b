"""What is counted beside devices: the people, licences and cloud services of some clients."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple


class Person(NamedTuple):
    """At the client from `start` to before `left_on`."""

    id: str
    client: str
    name: str
    email: str
    start: date
    left_on: date | None = None


class Subscription(NamedTuple):
    """`seats` of `product` from `start` to before `end`."""

    id: str
    client: str
    product: str
    seats: int
    start: date
    end: date | None = None


class Reading(NamedTuple):
    """What a cloud service measured and charged the MSP for one day, in EUR."""

    id: str
    client: str
    meter: str
    quantity: Decimal
    used_on: date
    cost: Decimal


LAW_OFFICE, STUDIO = "1001", "1007"
FIRST = ("Ada", "Bela", "Cem", "Dörte", "Emil", "Frauke", "Gesa", "Hauke", "Inga", "Jan",
         "Kaja", "Lars", "Merle", "Nils", "Okka", "Piet", "Rieke")  # fmt: skip
LAST = "Ahrens", "Behn"
JOINED = {29: date(2026, 7, 13), 30: date(2026, 9, 10), 31: date(2026, 9, 10)}
LEFT = {4: date(2026, 8, 18)}


def people() -> Iterator[Person]:
    """28 people at the law office; some come and one goes inside the quarter."""
    for number in range(1, 32):
        first, last = FIRST[number % len(FIRST)], LAST[number % len(LAST)]
        address = f"{first}.{last}@alsterblick.example".lower().replace("ö", "oe")
        start = JOINED.get(number, date(2024, 1, 1))
        yield Person(f"CT-{number:03}", LAW_OFFICE, f"{first} {last}", address, start,
                     LEFT.get(number))  # fmt: skip


SUBSCRIPTIONS = (
    Subscription("LC-01", STUDIO, "Creative Suite", 8, date(2026, 1, 1), date(2026, 8, 21)),
    Subscription("LC-02", STUDIO, "Creative Suite", 11, date(2026, 8, 21)),
)


def readings() -> Iterator[Reading]:
    """Rendering nights and a store that grows; the provider credits one night in September."""
    for month in (7, 8, 9):
        for day in (4, 11, 18, 25):
            on, hours = date(2026, month, day), Decimal(40 + 3 * day - month)
            yield Reading(f"UR-{month}{day:02}", STUDIO, "render-hours", hours, on,
                          hours * Decimal("0.87"))  # fmt: skip
        stored = Decimal(400 + 35 * month)
        yield Reading(f"US-{month}", STUDIO, "storage", stored, date(2026, month, 28),
                      stored * Decimal("0.045"))  # fmt: skip
    credited = Decimal(-12)
    yield Reading("UR-C1", STUDIO, "render-hours", credited, date(2026, 9, 26),
                  credited * Decimal("0.87"))  # fmt: skip
