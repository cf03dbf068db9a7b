"""What the sample MSP's PSA and RMM export at a month's end: CSV, in their own words.

Every export is whole (everything known by then), so each month's files replace the last.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path

from tallystick.demo.additions import ADDITIONS
from tallystick.demo.agreements import AGREEMENTS
from tallystick.demo.clients import CLIENTS, MANDATES
from tallystick.demo.devices import SITES, Device
from tallystick.demo.generate import sample
from tallystick.demo.metered import SUBSCRIPTIONS, people, readings
from tallystick.demo.people import BERLIN, COST_RATES, TECHNICIANS
from tallystick.demo.work import Ticket
from tallystick.period import Period

Row = tuple[object, ...]


def write_exports(folder: Path, through: Period) -> None:
    """Write `exports/psa` and `exports/rmm` in `folder` as of the end of the month `through`."""
    psa, rmm = folder / "exports" / "psa", folder / "exports" / "rmm"
    until = datetime.combine(through.end, time(), BERLIN)
    tables = {
        psa / "customers.csv": _customers(),
        psa / "technicians.csv": _technicians(),
        psa / "cost_rates.csv": _cost_rates(through.end),
        psa / "agreements.csv": _agreements(through.end),
        psa / "agreement_additions.csv": _additions(through.end),
        psa / "contacts.csv": _contacts(through.end),
        psa / "licences.csv": _licences(through.end),
        psa / "usage.csv": _usage(through.end),
        psa / "mandates.csv": _mandates(through.end),
        psa / "tickets.csv": _tickets(until),
        psa / "time_entries.csv": _time_entries(until),
        rmm / "sites.csv": _sites(),
        rmm / "devices.csv": _devices(through.end),
    }
    for path, rows in tables.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, delimiter=";" if path.parent == rmm else ",").writerows(rows)


LANGUAGES = {"DE": "de-DE", "AT": "de-AT", "CH": "de-CH", "FR": "fr-FR"}


def _customers() -> Iterator[Row]:
    yield ("Customer Id", "Customer Number", "Company Name", "VAT Id", "Web Domain",
           "Invoice E-Mail", "Street", "Postcode", "City", "Country", "Tax Code",
           "Payment Terms (Days)", "Language")  # fmt: skip
    for one in CLIENTS:
        yield (one.id, one.number, one.name, one.vat_id, one.domain, f"rechnung@{one.domain}",
               one.street, one.postcode, one.city, one.country, one.tax_code,
               one.terms_days, LANGUAGES.get(one.country, "en-GB"))  # fmt: skip


def _technicians() -> Iterator[Row]:
    yield "Technician Id", "Name", "Level"
    for one in TECHNICIANS:
        yield one.id, one.name, one.level


def _cost_rates(end: date) -> Iterator[Row]:
    yield "Rate Id", "Technician Id", "Valid From", "Cost per Hour", "Currency"
    for one in COST_RATES:
        if one.valid_from < end:
            yield one.id, one.technician, one.valid_from, one.hourly, "EUR"


def _agreements(end: date) -> Iterator[Row]:
    yield (
        "Agreement Id",
        "Customer Id",
        "Title",
        "Currency",
        "Start",
        "Cancelled From",
        "PO Number",
        "PO Amount",
    )
    for one in AGREEMENTS:
        if one.start < end:
            cancelled = _known(one.cancelled_from, end)
            yield (one.id, one.client, one.title, one.currency, one.start, cancelled,
                   one.po_number, one.po_amount)  # fmt: skip


def _additions(end: date) -> Iterator[Row]:
    yield ("Addition Id", "Agreement Id", "Description", "Model", "Unit Price", "Quantity",
           "Cycle", "Proration", "Asset Types", "Work Types", "Rate Card", "Rollover",
           "Ticket Priorities", "SLA Credit %", "Valid From", "Valid Until", "Timing",
           "Count Of", "Counted", "User Types", "Products", "Meters", "Markup %", "Percent",
           "Minimum", "Applies To", "Balance Unit", "Weights", "Top-up", "Covers", "Tiers",
           "Milestones", "Uplift", "Price Steps")  # fmt: skip
    sold = {one.id for one in AGREEMENTS if one.start < end}
    for one in ADDITIONS:
        if one.agreement in sold and (one.valid_from is None or one.valid_from < end):
            agreed = one.steps_agreed_on and one.steps_agreed_on < end
            row = one if agreed else one._replace(price_steps="")
            yield tuple("" if value is None else value for value in row[:-1])


def _contacts(end: date) -> Iterator[Row]:
    yield "Contact Id", "Customer Id", "Name", "E-Mail", "Start", "Left On"
    for one in people():
        if one.start < end:
            left = _known(one.left_on, end)
            yield one.id, one.client, one.name, one.email, one.start, left


def _licences(end: date) -> Iterator[Row]:
    yield "Licence Id", "Customer Id", "Product", "Seats", "Start Date", "End Date"
    for one in SUBSCRIPTIONS:
        if one.start < end:
            yield one.id, one.client, one.product, one.seats, one.start, _known(one.end, end)


def _usage(end: date) -> Iterator[Row]:
    yield "Record Id", "Customer Id", "Meter", "Quantity", "Date", "Cost", "Currency"
    for one in readings():
        if one.used_on < end:
            yield one.id, one.client, one.meter, one.quantity, one.used_on, one.cost, "EUR"


def _mandates(end: date) -> Iterator[Row]:
    yield ("Mandate Reference", "Customer Id", "IBAN", "BIC", "Account Holder", "Signed On",
           "Revoked On")  # fmt: skip
    for one in MANDATES:
        if one.signed_on < end:
            yield one.id, one.client, one.iban, one.bic, one.holder, one.signed_on, ""


def _tickets(until: datetime) -> Iterator[Row]:
    yield ("Ticket Number", "Subject", "Customer Id", "Agreement Id", "Type", "Priority",
           "Status", "Opened", "Resolved", "Closed", "SLA Met", "Last Updated")  # fmt: skip
    for one in sample().tickets:
        if one.opened < until:
            yield _ticket(one, until)


def _ticket(one: Ticket, until: datetime) -> Row:
    """The ticket as it stood at `until`: what came of it later is not known yet."""
    resolved = one.resolved if one.resolved and one.resolved < until else None
    closed = one.closed if one.closed and one.closed < until else None
    status = "Closed" if closed else "Resolved" if resolved else "Open"
    met = {True: "Yes", False: "No", None: ""}[one.sla_met if resolved else None]
    return (one.id, one.subject, one.client, one.agreement or "", one.type, one.priority,
            status, _instant(one.opened), _instant(resolved), _instant(closed), met,
            _instant(closed or resolved or one.opened))  # fmt: skip


def _time_entries(until: datetime) -> Iterator[Row]:
    yield ("Time Entry Id", "Technician Id", "Customer Id", "Ticket Number", "Agreement Id",
           "Work Type", "Billable Option", "Start", "End", "Entered", "Note")  # fmt: skip
    for one in sample().entries:
        if one.entered < until:
            yield (one.id, one.technician, one.client, one.ticket, one.agreement or "",
                   one.work_type, one.billable, _instant(one.start), _instant(one.end),
                   _instant(one.entered), one.note)  # fmt: skip


def _sites() -> Iterator[Row]:
    yield "Site Id", "Site Name", "Customer Number"
    for one in SITES:
        yield one.id, one.name, one.customer_number or ""


def _devices(end: date) -> Iterator[Row]:
    yield ("Device Id", "Site Id", "Hostname", "Device Class", "Serial Number", "MAC Address",
           "First Seen", "Retired On")  # fmt: skip
    for one in sample().devices:
        if one.first_seen < end:
            yield _device(one, end)


def _device(one: Device, end: date) -> Row:
    retired = _known(one.retired_on, end)
    return (one.id, one.site, one.hostname, one.type, one.serial, one.mac,
            f"{one.first_seen:%d.%m.%Y}", f"{retired:%d.%m.%Y}" if retired else "")  # fmt: skip


def _known(day: date | None, end: date) -> date | None:
    """`day` if it came before `end`; nobody knew of it earlier."""
    return day if day and day < end else None


def _instant(moment: datetime | None) -> str:
    return moment.isoformat(timespec="seconds") if moment else ""
