"""The agreement every location gets: a monthly fee, a price per incident by priority, and a
share of it back when the incident missed its service level. Prices are ours, in USD."""

from __future__ import annotations

import csv
from pathlib import Path

STARTS_ON = "2016-02-01"
MONTHLY_FEE = "250.00"
PRICE = {
    "1 - Critical": "180.00",
    "2 - High": "120.00",
    "3 - Moderate": "65.00",
    "4 - Low": "29.95",
}
SLA_CREDIT_PERCENT = "15"
NULL = "?"


def write_agreements(log: Path, folder: Path) -> int:
    """Write locations.csv, contracts.csv and contract_lines.csv; returns how many clients."""
    with log.open(encoding="utf-8", newline="") as stream:
        locations = {row["location"] for row in csv.DictReader(stream)} - {NULL}
    ordered = sorted(locations)
    _write(folder / "locations.csv", ["location"], [[one] for one in ordered])
    _write(
        folder / "contracts.csv",
        ["contract", "location", "name", "currency", "starts_on"],
        [[f"C {one}", one, f"Service desk {one}", "USD", STARTS_ON] for one in ordered],
    )
    _write(
        folder / "contract_lines.csv",
        [
            "line",
            "contract",
            "description",
            "model",
            "unit_price",
            "priority",
            "sla_credit_percent",
        ],
        [line for one in ordered for line in _lines(one)],
    )
    return len(ordered)


def _lines(location: str) -> list[list[str]]:
    contract = f"C {location}"
    fee = [f"{contract} fee", contract, "Service desk", "fixed", MONTHLY_FEE, "", ""]
    return [fee] + [
        [
            f"{contract} P{priority[0]}",
            contract,
            f"Incident {priority}",
            "per_incident",
            price,
            priority,
            SLA_CREDIT_PERCENT,
        ]
        for priority, price in PRICE.items()
    ]


def _write(path: Path, header: list[str], rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(header)
        writer.writerows(rows)
