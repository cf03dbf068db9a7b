"""What the log says by itself: plain csv and fractions, nothing of Tallystick."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

from agreement import MONTHLY_FEE, NULL, PRICE, SLA_CREDIT_PERCENT

STAMP = "%d/%m/%Y %H:%M"
MONTHS_BILLED = 13


@dataclass(frozen=True, slots=True)
class Expected:
    """Counts of incidents in their last version, and money in USD cents."""

    events: int
    incidents: int
    unknown_states: int
    without_location: int
    without_resolution: int
    by_priority: dict[str, int]
    sla_share: str
    clients: int
    incident_revenue: dict[str, int]
    sla_credit: int
    fees: int

    @property
    def revenue(self) -> int:
        return sum(self.incident_revenue.values()) - self.sla_credit + self.fees


@dataclass(frozen=True, slots=True)
class Tie:
    """One figure computed twice."""

    what: str
    expected: object
    found: object

    @property
    def holds(self) -> bool:
        return self.expected == self.found

    def __str__(self) -> str:
        verdict = "ok  " if self.holds else "OFF "
        beside = "" if self.holds else f" but found {self.found}"
        return f"{verdict} {self.what}: {self.expected}{beside}"


def expect(log: Path) -> Expected:
    """Every figure from the rows of `log`; of an incident the highest version counts."""
    last: dict[str, tuple[tuple[int, datetime], dict[str, str]]] = {}
    events = unknown = 0
    locations = set()
    with log.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            events += 1
            locations.add(row["location"])
            if row["incident_state"] == "-100":
                unknown += 1
                continue
            updated = datetime.strptime(row["sys_updated_at"], STAMP).replace(tzinfo=UTC)
            age = (int(row["sys_mod_count"]), updated)
            if row["number"] not in last or age >= last[row["number"]][0]:
                last[row["number"]] = (age, row)
    incidents = [row for _, row in last.values()]
    billed = [row for row in incidents if row["location"] != NULL]
    clients = len(locations - {NULL})
    counts = Counter(row["priority"] for row in billed)
    missed = Counter(row["priority"] for row in billed if row["made_sla"] == "false")
    return Expected(
        events=events,
        incidents=len(incidents),
        unknown_states=unknown,
        without_location=len(incidents) - len(billed),
        without_resolution=sum(row["resolved_at"] == NULL for row in incidents),
        by_priority=dict(Counter(row["priority"] for row in incidents)),
        sla_share=str(
            Fraction(sum(row["made_sla"] == "true" for row in incidents), len(incidents))
        ),
        clients=clients,
        incident_revenue={one: cents(PRICE[one]) * count for one, count in counts.items()},
        sla_credit=sum(credit(PRICE[one]) * count for one, count in missed.items()),
        fees=cents(MONTHLY_FEE) * MONTHS_BILLED * clients,
    )


def cents(price: str) -> int:
    return int(Fraction(price) * 100)


def credit(price: str) -> int:
    """The share given back per incident, in cents, half away from zero."""
    exact = Fraction(price) * Fraction(SLA_CREDIT_PERCENT)
    return int(exact + Fraction(1, 2))
