"""What is served and done: devices, tickets, time, and what it used up."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from tallystick.records.record import CurrencyCode, Instant, Record, Text

Billable = Literal["billable", "never", "no_charge"]


class Asset(Record, frozen=True, kw_only=True):
    """A device or configuration item; counted from `active_from` to before `retired_on`.
    `last_seen_at` is when the monitoring last heard of it."""

    name: Text
    client: Text | None = None
    type: str | None = None
    group: str | None = None
    tags: tuple[str, ...] = ()
    status: str | None = None
    location: str | None = None
    serial: str | None = None
    mac: str | None = None
    last_seen_at: Instant | None = None
    active_from: date | None = None
    retired_on: date | None = None


class Ticket(Record, frozen=True, kw_only=True):
    title: str = ""
    client: Text | None = None
    contract: Text | None = None
    asset: Text | None = None
    type: str | None = None
    priority: str | None = None
    status: str | None = None
    opened_at: Instant
    resolved_at: Instant | None = None
    closed_at: Instant | None = None
    sla_met: bool | None = None


class Booking(Record, frozen=True, kw_only=True):
    """One piece of a technician's time. `seconds` is what counts; a source that gives only
    `started_at` and `ended_at` gets the true elapsed seconds, across midnight and DST.
    `approved` is false while the service desk still waits for somebody's approval of it. `invoice`
    is the number of one made elsewhere that it stands on: it is not billed again."""

    technician: Text | None = None
    client: Text | None = None
    ticket: Text | None = None
    contract: Text | None = None
    work_type: str | None = None
    billable: Billable = "billable"
    work_date: date | None = None
    started_at: Instant | None = None
    ended_at: Instant | None = None
    seconds: int | None = None
    location: str | None = None
    approved: bool | None = None
    invoice: str | None = None
    note: str = ""


class Usage(Record, frozen=True, kw_only=True):
    """`quantity` of what `meter` measures, used on a local date; `cost` is what all of it cost
    the MSP in major units of `currency`."""

    client: Text
    contract: str | None = None
    meter: Text
    quantity: Decimal
    used_on: date
    cost: Decimal | None = None
    currency: CurrencyCode | None = None
    note: str = ""


class Cost(Record, frozen=True, kw_only=True):
    """What serving a client cost besides time: licences, parts, travel. `amount` is net, in major
    units of `currency`, and negative for money that came back. Spent on one day, or spread by day
    from `starts_on` to before `ends_on`."""

    client: str | None = None
    contract: str | None = None
    ticket: str | None = None
    kind: str | None = None
    amount: Decimal
    currency: CurrencyCode
    spent_on: date | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    note: str = ""

    def __post_init__(self) -> None:
        spread = self.starts_on is not None and self.ends_on is not None
        if (self.spent_on is not None) == spread:
            raise ValueError("a cost has either `spent_on`, or both `starts_on` and `ends_on`")
        if self.starts_on and self.ends_on and self.starts_on >= self.ends_on:
            raise ValueError(f"starts_on {self.starts_on} is not before ends_on {self.ends_on}")
