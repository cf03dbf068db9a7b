"""What the sample MSP sells: every charge model, and terms of many kinds.

Values are in the words of the PSA's screens, as its exports will show them. What is more than
one value stands in one text field, as docs/billing writes it.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from tallystick.demo.agreements import ENDS_MID_MONTH, OVERDRAWN, PROJECT, STARTS_MID_MONTH


class Addition(NamedTuple):
    """One position of an agreement; what its charge model does not ask for is blank.

    `price_steps` are agreed, and stand in the PSA, from `steps_agreed_on`.
    """

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
    valid_until: date | None = None
    timing: str = ""
    count_of: str = ""
    counted: str = ""
    user_types: str = ""
    products: str = ""
    meters: str = ""
    markup: str = ""
    percent: str = ""
    minimum: str = ""
    applies_to: str = ""
    balance_unit: str = ""
    weights: str = ""
    top_up: str = ""
    includes: str = ""
    tiers: str = ""
    milestones: str = ""
    uplift: str = ""
    price_steps: str = ""
    steps_agreed_on: date | None = None


FEE, DEVICE, SEAT, METER = "Flat Fee", "Per Device", "Per Seat", "Metered"
HOURLY, TICKET, BLOCK, RETAINER = "Hourly", "Per Ticket", "Block Hours", "Retainer"
ONE_OFF, DISCOUNT, SURCHARGE, MINIMUM = "One-off", "Discount", "Surcharge", "Commitment"
REST = "Leistungen nach Aufwand"
SIX_HOURS_A_MONTH = "{ allowance_hours = 6 }"
FEWER_FOR_MORE = (
    "{ mode = 'graduated', steps = [{ up_to = 10, unit_price = '6.00' }, "
    "{ up_to = 20, unit_price = '5.00' }, { unit_price = '4.00' }] }"
)
MILESTONES = (
    "[{ name = 'Verkabelung Halle 3', amount = '4800.00', ticket = 'TK-90001' }, "
    "{ name = 'Abnahme', amount = '1400.00', on = 2026-09-25 }]"
)

ADDITIONS = (
    Addition("AA-1001-1", "AG-1001", "Betreuungspauschale", FEE, "4350.00", cycle="Monthly",
             work_types="remote; maintenance"),
    Addition("AA-1001-2", "AG-1001", "Datensicherung je Arbeitsplatz", FEE, "4.50", "28",
             "Monthly", "Actual Days", valid_from=date(2026, 8, 10)),
    Addition("AA-1001-3", "AG-1001", REST, HOURLY, rate_card="standard", work_types="*"),
    Addition("AA-1001-4", "AG-1001", "Kanzleisoftware, jährlich im Voraus", FEE, "96.00", "28",
             "Yearly", "Actual Days", timing="In Advance", steps_agreed_on=date(2026, 9, 8),
             price_steps="[{ since = 2026-09-10, quantity = 34 }]"),
    Addition("AA-1001-5", "AG-1001", "Microsoft 365, tageweise gezählt", SEAT, "12.40",
             cycle="Monthly", count_of="Users", counted="Daily", user_types="*"),
    Addition("AA-1001-6", "AG-1001", "Vor-Ort-Service, 6 Stunden im Monat", FEE, "480.00",
             cycle="Monthly", work_types="onsite", includes=SIX_HOURS_A_MONTH),

    Addition("AA-1002-1", "AG-1002", "Server", DEVICE, "115.00", cycle="Monthly",
             asset_types="server", work_types="maintenance"),
    Addition("AA-1002-2", "AG-1002", "Arbeitsplätze", DEVICE, "42.00", cycle="Monthly",
             asset_types="workstation; laptop"),
    Addition("AA-1002-3", "AG-1002", REST, HOURLY, rate_card="standard", work_types="*"),
    Addition("AA-1002-4", "AG-1002", "Endgeräteschutz, gestaffelt", DEVICE, cycle="Monthly",
             asset_types="workstation; laptop", tiers=FEWER_FOR_MORE),
    Addition("AA-1002-P1", PROJECT, "Projektstunden", HOURLY, rate_card="standard",
             work_types="*"),
    Addition("AA-1002-P2", PROJECT, "Hallennetz", ONE_OFF, milestones=MILESTONES),

    Addition("AA-1003-1", OVERDRAWN, "Kontingent 40 Stunden", BLOCK, "3520.00", "40", "Monthly",
             rate_card="standard", rollover="1", work_types="*"),

    Addition("AA-1004-1", STARTS_MID_MONTH, "Pauschale Büro", FEE, "2280.00", cycle="Monthly",
             proration="Actual Days", work_types="*"),
    Addition("AA-1004-2", STARTS_MID_MONTH, "Neukundenrabatt bis Ende August", DISCOUNT,
             percent="10", applies_to="AA-1004-1", valid_until=date(2026, 9, 1)),

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
    Addition("AA-1007-3", "AG-1007", "Render cloud at cost plus 15 %", METER, cycle="Monthly",
             meters="render-hours; storage", markup="15"),
    Addition("AA-1007-4", "AG-1007", "Creative licences", SEAT, "58.00", cycle="Monthly",
             count_of="Licences", counted="Average", products="Creative Suite"),

    Addition("AA-1008-1", "AG-1008", "Forfait", FEE, "6900.00", cycle="Quarterly",
             work_types="remote; maintenance"),
    Addition("AA-1008-2", "AG-1008", "Hors forfait", HOURLY, rate_card="hotel",
             work_types="*"),

    Addition("AA-1009-1", "AG-1009", "Pauschale", FEE, "3900.00", cycle="Monthly",
             work_types="remote; maintenance"),
    Addition("AA-1009-2", "AG-1009", REST, HOURLY, rate_card="swiss", work_types="*"),
    Addition("AA-1009-3", "AG-1009", "Projektbudget", RETAINER, "1000.00", cycle="Monthly",
             rate_card="swiss", rollover="1", work_types="project"),
    Addition("AA-1009-4", "AG-1009", "Auslagen, 3 % der Leistungen", SURCHARGE, cycle="Monthly",
             percent="3", minimum="20.00", applies_to="AA-1009-2"),

    Addition("AA-1010-1", "AG-1010", "Filialgeräte", DEVICE, "95.00", cycle="Monthly",
             asset_types="workstation; laptop; server", work_types="remote; maintenance",
             uplift="{ since = 2026-09-01, percent = '2.5' }"),
    Addition("AA-1010-2", "AG-1010", REST, HOURLY, rate_card="swiss", work_types="*"),
    Addition("AA-1010-3", "AG-1010", "Mindestumsatz Leistungen", MINIMUM, cycle="Monthly",
             minimum="1200.00", applies_to="AA-1010-2"),

    Addition("AA-1011-1", "AG-1011", "Support by the hour", HOURLY, rate_card="standard",
             work_types="*"),

    Addition("AA-1012-1", "AG-1012", "Kontingent 90 Stunden", BLOCK, "7920.00", "90",
             "Quarterly", rate_card="standard", work_types="*"),

    Addition("AA-1013-1", "AG-1013", "Kontingent 20 Stunden", BLOCK, "2440.00", "20", "Monthly",
             rate_card="swiss", rollover="2", work_types="remote; maintenance; project"),
    Addition("AA-1013-2", "AG-1013", "Wertmarken für Einsätze vor Ort", BLOCK, "280.00", "4",
             "Monthly", rate_card="swiss", rollover="3", work_types="onsite; travel",
             balance_unit="tokens", weights="{ onsite = 2, travel = 1 }",
             top_up="{ below = 1, quantity = 5, unit_price = '350.00' }"),
)  # fmt: skip
