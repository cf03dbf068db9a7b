"""Who has an agreement with the sample MSP, some of them from or to a day inside a month."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple


class Agreement(NamedTuple):
    """In force from `start` to before `cancelled_from`."""

    id: str
    client: str
    title: str
    currency: str = "EUR"
    start: date = date(2026, 7, 1)
    cancelled_from: date | None = None
    po_number: str = ""
    po_amount: str = ""

    def in_force(self, day: date) -> bool:
        return self.start <= day < (self.cancelled_from or date.max)


PROJECT = "AG-1002-P"
STARTS_MID_MONTH = "AG-1004"
ENDS_MID_MONTH = "AG-1005"
OVERDRAWN = "AG-1003"

AGREEMENTS = (
    Agreement("AG-1001", "1001", "Kanzlei-Rundumbetreuung"),
    Agreement("AG-1002", "1002", "Betrieb Werk Lübeck"),
    Agreement(PROJECT, "1002", "Projekt Hallennetz", po_number="4500088120", po_amount="9800.00"),
    Agreement(OVERDRAWN, "1003", "Stundenkontingent Spedition"),
    Agreement(STARTS_MID_MONTH, "1004", "Büro sorglos", start=date(2026, 7, 15)),
    Agreement(ENDS_MID_MONTH, "1005", "Praxisbetreuung", cancelled_from=date(2026, 8, 20)),
    Agreement("AG-1006", "1006", "Gerätebetreuung Wien"),
    Agreement("AG-1007", "1007", "Service per ticket"),
    Agreement("AG-1008", "1008", "Forfait trimestriel"),
    Agreement("AG-1009", "1009", "Treuhand-IT", "CHF"),
    Agreement("AG-1010", "1010", "Filialgeräte", "CHF"),
    Agreement("AG-1011", "1011", "Remote support by the hour"),
    Agreement("AG-1012", "1012", "Stundenkontingent Gastronomie"),
    Agreement("AG-1013", "1013", "Stundenkontingent Verwaltung", "CHF"),
)


def agreement_for(client: str, work_type: str) -> Agreement | None:
    """The agreement a technician picks for this kind of work; None for who has none."""
    own = [agreement for agreement in AGREEMENTS if agreement.client == client]
    fitting = [one for one in own if (one.id == PROJECT) == (work_type == "Project Work")]
    return next(iter(fitting or own), None)
