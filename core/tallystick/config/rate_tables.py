"""The rate cards of `tallystick.toml`: their rates, and the hours these are for."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from tallystick.billing.rates.cards import Per
from tallystick.billing.windows import OnHolidays
from tallystick.config.table import Table
from tallystick.config.values import (
    Amount,
    Calendar,
    Currency,
    Day,
    Names,
    Since,
    Text,
    Until,
    Weekdays,
    Whole,
    Zone,
)

UP_TO_A_DAY = Field(ge=0, le=24 * 60)


class Hours(Table):
    since: Since = Field(default="00:00", description="From this time of day, as the clock shows.")
    until: Until = Field(
        default="24:00",
        description="To before this time; over midnight where it is not later than `since`.",
    )
    days: Weekdays = Field(
        default="mon-sun",
        description="Weekdays on which it begins: mon-fri, or a list such as tue,sat.",
    )
    on_holidays: OnHolidays = Field(
        default="same",
        description="On public holidays: same, closed (not on them), only (on no other day).",
    )
    calendar: Calendar | None = Field(
        default=None, description="Whose holidays, in place of the card's calendar."
    )
    zone: Zone | None = Field(default=None, description="Whose clock, in place of the card's zone.")


def _listed(value: Any) -> Any:
    """One table is a list of one."""
    return (value,) if isinstance(value, dict) else value


class Rate(Table):
    """Exactly one of `hourly`, `multiplier` and `call_out`."""

    hourly: Amount | None = Field(
        default=None, description="Price of an hour, in the card's currency."
    )
    multiplier: Amount | None = Field(
        default=None, description="In place of a price: times the price that applies."
    )
    call_out: Amount | None = Field(
        default=None, description="In place of a price: a fee per booking, beside its hours."
    )
    contract: Names = Field(default=(), description="Only under this contract, by its id.")
    client: Names = Field(default=(), description="Only for this client, by its id.")
    hours: Annotated[tuple[Hours, ...], BeforeValidator(_listed)] = Field(
        default=(), description="Only at these hours; a booking is split where they end."
    )
    technician: Names = Field(default=(), description="Only for this technician, by the id.")
    work_type: Names = Field(
        default=(), examples=["remote"], description="Only for this work type; any without it."
    )
    role: Names = Field(
        default=(), examples=["senior"], description="Only for technicians of this role."
    )
    ticket_type: Names = Field(default=(), description="Only on tickets of this type.")
    priority: Names = Field(default=(), description="Only on tickets of this priority.")
    asset_type: Names = Field(default=(), description="Only on assets of this type.")
    location: Names = Field(default=(), description="Only at this location.")
    valid_from: Day = Field(
        default=date.min,
        examples=[date(2026, 1, 1)],
        description="First day of this price; always without it.",
    )
    valid_until: Day | None = Field(
        default=None, description="First day it is no longer in force; for ever without it."
    )


class RateCard(Table):
    name: Text = Field(description="What contract lines call it.")
    currency: Currency = Field(description="ISO 4217 code of its prices.")
    minimum_minutes: Annotated[Whole, UP_TO_A_DAY] = Field(
        default=0, description="Shorter bookings count as this many minutes."
    )
    increment_minutes: Annotated[Whole, Field(ge=1, le=24 * 60)] = Field(
        default=1, description="Each started block of this many minutes counts whole."
    )
    rounding_per: Per = Field(
        default="booking",
        description="What is rounded as one: each booking, ticket, or ticket_day.",
    )
    calendar: Calendar | None = Field(
        default=None, description="Whose public holidays its hours know: DE, or DE-HH for a part."
    )
    zone: Zone | None = Field(
        default=None, description="Whose clock its hours mean; that of `[msp]` without it."
    )
    rate: tuple[Rate, ...] = Field(
        min_length=1, description="Its prices; the one with most conditions met applies."
    )
