"""`[collection]` and `[[dunning]]`: what may be collected, when, and how clients are reminded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from tallystick.billing.windows import Window
from tallystick.config.finding import Finding
from tallystick.config.table import Table
from tallystick.config.values import (
    AboveZero,
    Amount,
    Calendar,
    Currency,
    Percent,
    Since,
    Text,
    Until,
    Weekdays,
    Whole,
)
from tallystick.errors import Stop
from tallystick.money import Money

Steps = tuple[Annotated[Whole, Field(ge=1, le=90)], ...]
Sums = dict[Currency, Amount]


class Collection(Table):
    on: Literal["due", "issue", "never"] = Field(
        default="due", description="The day an invoice is debited by: `due`, `issue` or `never`."
    )
    days: Annotated[Whole, Field(ge=-60, le=60)] = Field(
        default=0, description="So many days after it; before it where negative."
    )
    working_days: Weekdays = Field(
        default="mon-sun", description="Weekdays on which debits are made and letters written."
    )
    calendar: Calendar | None = Field(
        default=None, examples=["DE"], description="Whose public holidays are no working days."
    )
    shift: Literal["after", "before", "none"] = Field(
        default="after", description="Where a debit goes that falls on another day."
    )
    notice_days: Annotated[Whole, Field(ge=0, le=60)] = Field(
        default=0,
        description="A debit is at least so many days after its invoice, which announces it.",
    )
    minimum: Sums = Field(
        default={},
        examples=[{"EUR": Decimal("5.00")}],
        description="A client who owes less than this is not debited until it is more.",
    )
    retry_days: Steps = Field(
        default=(3, 5, 7),
        description="Days from each failure for want of money to the next try.",
    )
    retry_unknown_days: Steps = Field(
        default=(), description="The same where the bank gives no reason."
    )
    set_off: bool = Field(
        default=True,
        description="Open credit notes pay open invoices before anything is collected.",
    )
    max_invoice: Sums = Field(
        default={},
        examples=[{"EUR": Decimal("10000.00")}],
        description="More than this of one invoice is collected only when a person releases it.",
    )
    max_run: Sums = Field(
        default={},
        examples=[{"EUR": Decimal("50000.00")}],
        description="What goes beyond this in one run waits for a person.",
    )
    max_day: Sums = Field(
        default={},
        examples=[{"EUR": Decimal("80000.00")}],
        description="What goes beyond this in one day waits for a person.",
    )
    plan_grace_days: Annotated[Whole, Field(ge=0, le=60)] = Field(
        default=5, description="An instalment unpaid for longer ends its payment plan."
    )
    letters_since: Since = Field(
        default="08:00", description="Reminders go out on working days from this time ..."
    )
    letters_until: Until = Field(default="18:00", description="... to before this one.")
    letters_per: Literal["invoice", "client"] = Field(
        default="client", description="One reminder per invoice, or one per client that lists them."
    )
    interest_percent: Percent | None = Field(
        default=None,
        examples=["11.27"],
        description="Interest a year that reminders claim; none without it.",
    )
    claim_basis: Text | None = Field(
        default=None,
        examples=["Directive 2011/7/EU."],
        description="The law behind fees and interest, in your words; it follows them in letters.",
    )

    @property
    def working(self) -> Window:
        closed: Literal["closed", "same"] = "closed" if self.calendar else "same"
        return Window(days=self.working_days, calendar=self.calendar, on_holidays=closed)

    @property
    def letters(self) -> Window:
        closed: Literal["closed", "same"] = "closed" if self.calendar else "same"
        return Window(
            since=self.letters_since,
            until=self.letters_until,
            days=self.working_days,
            calendar=self.calendar,
            on_holidays=closed,
        )


class Dunning(Table):
    after_days: Annotated[Whole, Field(ge=1, le=365)] = Field(
        description="Days after the due day; each step more than the one before."
    )
    fee: dict[Currency, AboveZero] = Field(
        default={},
        examples=[{"EUR": Decimal("40.00")}],
        description="Claimed once with this step, by currency.",
    )
    subject: Text | None = Field(default=None, description="Your own subject line.")
    text: Text | None = Field(default=None, description="Your own letter.")


def collection_findings(collection: Collection, steps: Sequence[Dunning]) -> Iterator[Finding]:
    """Amounts that no money can be, and steps of dunning that do not follow one another."""
    for key in ("minimum", "max_invoice", "max_run", "max_day"):
        yield from _sums(getattr(collection, key), ("collection", key))
    last = 0
    for i, step in enumerate(steps):
        yield from _sums(step.fee, ("dunning", i, "fee"))
        if step.after_days <= last:
            what = f"Step {i + 1} of dunning comes after {step.after_days} days, not after {last}."
            yield Finding(("dunning", i, "after_days"), what, "Put the steps in their order.")
        if (step.subject is None) != (step.text is None):
            what = "A letter of your own needs a subject and a text."
            yield Finding(("dunning", i), what, "Give both, or neither.")
        last = step.after_days


def _sums(sums: Mapping[str, Decimal], keys: tuple[str | int, ...]) -> Iterator[Finding]:
    for currency, amount in sums.items():
        try:
            Money.exact(amount, currency)
        except Stop as error:
            yield Finding((*keys, currency), error.what, error.do)
