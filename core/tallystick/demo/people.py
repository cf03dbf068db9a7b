"""The technicians of the sample MSP and what an hour of theirs costs it."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")
AUCKLAND = ZoneInfo("Pacific/Auckland")


class Technician(NamedTuple):
    """`level` is in the PSA's words; work hours are in `zone`."""

    id: str
    name: str
    level: str
    zone: ZoneInfo = BERLIN


class CostRate(NamedTuple):
    """EUR per hour from `valid_from` on."""

    id: str
    technician: str
    valid_from: date
    hourly: str


TECHNICIANS = (
    Technician("T01", "Jana Petersen", "Senior Engineer"),
    Technician("T02", "Malte Brügge", "Senior Engineer"),
    Technician("T03", "Selin Özkan", "Engineer"),
    Technician("T04", "Tobias Lenz", "Engineer"),
    Technician("T05", "Franka Ohlsen", "Junior Technician"),
    Technician("T06", "Idris Kaya", "Junior Technician"),
    Technician("T07", "Aroha Ngata", "Engineer", AUCKLAND),
)

COST_RATES = (
    CostRate("CR-01", "T01", date(2025, 1, 1), "68.50"),
    CostRate("CR-02", "T02", date(2025, 1, 1), "71.00"),
    CostRate("CR-03", "T03", date(2025, 4, 1), "54.00"),
    CostRate("CR-04", "T04", date(2025, 1, 1), "52.50"),
    CostRate("CR-05", "T05", date(2025, 9, 1), "36.00"),
    CostRate("CR-06", "T06", date(2026, 2, 1), "34.80"),
    CostRate("CR-07", "T07", date(2026, 1, 1), "58.00"),
    # Raises in the middle of the quarter, one of them in the middle of a month.
    CostRate("CR-08", "T02", date(2026, 8, 16), "74.50"),
    CostRate("CR-09", "T05", date(2026, 9, 1), "39.50"),
)
