"""Per unit: a price for each device, user or licence in force, counted by a rule.

    devices       2     |      3      |   2
    period_end                            2    the count of the last day
    peak                       3               the highest of any day
    average                   2.5              by days, priced once
    daily         2     |      3      |   2    each day priced by its own count

Every count is that of the days charged: the price is prorated where the line covers a part
of its cycle, and the count is taken within that part.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from tallystick.billing.charges import ChargeModel, LineFacts, Priced
from tallystick.billing.quantities.counting import (
    RUNS_SHOWN,
    Census,
    Counted,
    How,
    Of,
    Rule,
    Run,
    What,
    charged,
    charged_in_words,
    count,
    first,
    things_of,
    weighted,
)
from tallystick.billing.quantities.tiers import Tiered, price_of, shown
from tallystick.billing.schedule.slices import RecurringTerms, Slice, bill_slice, slices, unit_of

RULES = {
    "assets": ("asset_types", "groups", "tags", "statuses"),
    "users": ("user_types", "groups", "tags", "statuses"),
    "licences": ("products",),
    "literal": ("quantity",),
}
NOUNS = {"assets": "device", "users": "user", "licences": "licence", "literal": "unit"}


class PerUnitTerms(RecurringTerms, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is counted, when, and how many are charged of it."""

    count_of: Of = "assets"
    asset_types: tuple[str, ...] = ()
    user_types: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    quantity: Decimal = Decimal(0)
    counted: How = "period_end"
    minimum_quantity: Decimal = Decimal(0)
    included_quantity: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        RecurringTerms.__post_init__(self)
        own = RULES[self.count_of]
        for name in sorted({name for names in RULES.values() for name in names}):
            if getattr(self, name) and name not in own:
                raise ValueError(f"{name} does not choose among {self.count_of}, which it counts")
        if not any(getattr(self, name) for name in own):
            raise ValueError(f"it counts {self.count_of}, but not which: give {' or '.join(own)}")
        if self.count_of != "literal" and any(step.quantity is not None for step in self.steps):
            raise ValueError(f"steps set a quantity, and {self.count_of} are counted")
        if self.minimum_quantity < 0 or self.included_quantity < 0:
            raise ValueError("minimum_quantity and included_quantity must be at least 0")

    @property
    def rule(self) -> Rule:
        types = self.asset_types if self.count_of == "assets" else self.user_types
        return Rule(types=types, groups=self.groups, tags=self.tags, statuses=self.statuses)

    @property
    def what(self) -> What:
        """What is counted, in the words of a charge's reason."""
        which = [
            f"{said} {', '.join(allowed)}"
            for said, allowed in (
                ("of type", self.rule.types),
                ("in group", self.groups),
                ("tagged", self.tags),
                ("in status", self.statuses),
                ("of", self.products),
            )
            if allowed
        ]
        return What(NOUNS[self.count_of], " ".join(which))


def price(line: LineFacts) -> Iterator[Priced]:
    terms: PerUnitTerms = line.terms
    census = Census(things_of(line.facts, terms.count_of, terms.rule, terms.products))
    for one in slices(line):
        counted = _counted(one, census, terms)
        least, free = terms.minimum_quantity, terms.included_quantity
        runs = tuple(Run(run.days, charged(run.units, least, free)) for run in counted.runs)
        quantity = weighted(runs)
        priced = _priced(runs, one, terms)
        yield from bill_slice(
            line,
            one,
            kind="units",
            quantity=shown(quantity),
            unit=NOUNS[terms.count_of],
            unit_price=priced.unit_price(quantity),
            amount=one.share * priced.amount,
            reason=(
                counted.reason,
                *charged_in_words(min(run.units for run in counted.runs), least, free),
                *(f"{why} per {unit_of(terms)}" for why in priced.reason),
            ),
            account="Income:PerUnit",
        )


def _counted(one: Slice, census: Census, terms: PerUnitTerms) -> Counted:
    if terms.count_of == "literal":
        agreed = Fraction(one.quantity)
        return Counted((Run(one.part, agreed),), f"{terms.what.some(agreed)} as agreed")
    return count(census, terms.counted, one.part, terms.what)


def _priced(runs: tuple[Run, ...], one: Slice, terms: PerUnitTerms) -> Tiered:
    """The price of a whole cycle: by tiers each day's count for itself, weighted by the days."""
    if terms.tiers is None or len(runs) == 1:
        return price_of(weighted(runs), one.unit_price, terms.tiers)
    days_of: dict[Fraction, int] = {}
    for run in runs:
        days_of[run.units] = days_of.get(run.units, 0) + run.days.days
    days = sum(days_of.values())
    amount, reason = Fraction(0), []
    for units, some in days_of.items():
        priced = price_of(units, one.unit_price, terms.tiers)
        amount += priced.amount * some / days
        reason.append(f"{some}/{days} of {'; '.join(priced.reason)}")
    return Tiered(amount, (first(reason[:RUNS_SHOWN], len(reason), "; "),))


MODEL = ChargeModel("per_unit", PerUnitTerms, "covered", price)
