"""What the sample MSP sells to whom: every charge model, and dates that fall inside months.

Values are in the words of the PSA's screens, as its exports will show them.
"""

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

    def in_force(self, day: date) -> bool:
        return self.start <= day < (self.cancelled_from or date.max)


class Addition(NamedTuple):
    """One position of an agreement; what its charge model does not ask for is blank."""

    id: str
    agreement: str
    description: str
    model: str
    unit_price: str = ""
    quantity: str = ""
    cycle: str = ""
    proration: str = ""
    asset_types: str = ""
    work_types: str = ""
    rate_card: str = ""
    rollover: str = ""
    ticket_priorities: str = ""
    sla_credit: str = ""
    valid_from: date | None = None


PROJECT = "AG-1002-P"
STARTS_MID_MONTH = "AG-1004"
ENDS_MID_MONTH = "AG-1005"
OVERDRAWN = "AG-1003"

AGREEMENTS = (
    Agreement("AG-1001", "1001", "Kanzlei-Rundumbetreuung"),
    Agreement("AG-1002", "1002", "Betrieb Werk Lübeck"),
    Agreement(PROJECT, "1002", "Projekt Hallennetz"),
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

FEE, DEVICE, HOURLY, TICKET, BLOCK = (
    "Flat Fee",
    "Per Device",
    "Hourly",
    "Per Ticket",
    "Block Hours",
)
REST = "Leistungen nach Aufwand"

ADDITIONS = (
    Addition("AA-1001-1", "AG-1001", "Betreuungspauschale", FEE, "4350.00", cycle="Monthly",
             work_types="remote; maintenance"),
    Addition("AA-1001-2", "AG-1001", "Datensicherung je Arbeitsplatz", FEE, "4.50", "28",
             "Monthly", "Actual Days", valid_from=date(2026, 8, 10)),
    Addition("AA-1001-3", "AG-1001", REST, HOURLY, rate_card="standard", work_types="*"),

    Addition("AA-1002-1", "AG-1002", "Server", DEVICE, "115.00", cycle="Monthly",
             asset_types="server", work_types="maintenance"),
    Addition("AA-1002-2", "AG-1002", "Arbeitsplätze", DEVICE, "42.00", cycle="Monthly",
             asset_types="workstation; laptop"),
    Addition("AA-1002-3", "AG-1002", REST, HOURLY, rate_card="standard", work_types="*"),
    Addition("AA-1002-P1", PROJECT, "Projektstunden", HOURLY, rate_card="standard",
             work_types="*"),

    Addition("AA-1003-1", OVERDRAWN, "Kontingent 40 Stunden", BLOCK, "3520.00", "40", "Monthly",
             rate_card="standard", rollover="1", work_types="*"),

    Addition("AA-1004-1", STARTS_MID_MONTH, "Pauschale Büro", FEE, "2280.00", cycle="Monthly",
             proration="Actual Days", work_types="*"),

    Addition("AA-1005-1", ENDS_MID_MONTH, "Pauschale Praxis", FEE, "1590.00", cycle="Monthly",
             proration="30-Day Month", work_types="remote; maintenance"),
    Addition("AA-1005-2", ENDS_MID_MONTH, REST, HOURLY, rate_card="standard", work_types="*"),

    Addition("AA-1006-1", "AG-1006", "Alle Geräte", DEVICE, "68.00", cycle="Monthly",
             asset_types="*", work_types="remote; maintenance"),
    Addition("AA-1006-2", "AG-1006", REST, HOURLY, rate_card="standard", work_types="*"),

    Addition("AA-1007-1", "AG-1007", "Urgent tickets", TICKET, "245.00",
             ticket_priorities="P1; P2", sla_credit="25", work_types="*"),
    Addition("AA-1007-2", "AG-1007", "Other tickets", TICKET, "118.00",
             ticket_priorities="P3; P4"),

    Addition("AA-1008-1", "AG-1008", "Forfait", FEE, "6900.00", cycle="Quarterly",
             work_types="remote; maintenance"),
    Addition("AA-1008-2", "AG-1008", "Hors forfait", HOURLY, rate_card="standard",
             work_types="*"),

    Addition("AA-1009-1", "AG-1009", "Pauschale", FEE, "3900.00", cycle="Monthly",
             work_types="remote; maintenance"),
    Addition("AA-1009-2", "AG-1009", REST, HOURLY, rate_card="swiss", work_types="*"),

    Addition("AA-1010-1", "AG-1010", "Filialgeräte", DEVICE, "95.00", cycle="Monthly",
             asset_types="workstation; laptop; server", work_types="remote; maintenance"),
    Addition("AA-1010-2", "AG-1010", REST, HOURLY, rate_card="swiss", work_types="*"),

    Addition("AA-1011-1", "AG-1011", "Support by the hour", HOURLY, rate_card="standard",
             work_types="*"),

    Addition("AA-1012-1", "AG-1012", "Kontingent 90 Stunden", BLOCK, "7920.00", "90",
             "Quarterly", rate_card="standard", work_types="*"),

    Addition("AA-1013-1", "AG-1013", "Kontingent 20 Stunden", BLOCK, "2440.00", "20", "Monthly",
             rate_card="swiss", rollover="2", work_types="*"),
)  # fmt: skip


def agreement_for(client: str, work_type: str) -> Agreement | None:
    """The agreement a technician picks for this kind of work; None for who has none."""
    own = [agreement for agreement in AGREEMENTS if agreement.client == client]
    fitting = [one for one in own if (one.id == PROJECT) == (work_type == "Project Work")]
    return next(iter(fitting or own), None)
