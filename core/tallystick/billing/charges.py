"""What pricing says: charges (money), placements (where each booking went) and earnings.

A charge is one priced fact with its reason. Its `basis` names the fact, so that a later
run finds what was billed for the same fact and proposes only the difference.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct, convert
from msgspec.structs import astuple

from tallystick.billing.facts import Facts, Piece
from tallystick.billing.price_book import PriceBook
from tallystick.billing.windows import Window
from tallystick.errors import SkipRecord
from tallystick.money import Money
from tallystick.period import Period, Unit
from tallystick.records import Contract, ContractLine

if TYPE_CHECKING:
    from tallystick.billing.prepaid.balance import Balance

LARGEST_EXPONENT = 12

Bucket = Literal["covered", "drawn", "billed", "never", "held"]


class Charge(Struct, frozen=True, gc=False, omit_defaults=True):
    """`quantity` `unit`s at `unit_price` (major units), which `reason` turns into `amount`.

    `group` is the text under which charges of one line are joined on the invoice.
    A deferred charge is earned later (what is prepaid), any other over its `service` period.
    `due_on` is the last day that must be over before it is billed; None is the first of its
    service for a deferred charge and the last for any other.
    Whether `amount` contains tax, and at which percentage it is taxed, is settled after pricing
    (`tallystick.billing.tax.taxation`).
    """

    contract: str
    line: str
    basis: str
    service: Period
    group: str
    quantity: Decimal
    unit: str
    unit_price: Decimal
    amount: Money
    account: str
    reason: tuple[str, ...]
    tax_category: str | None = None
    deferred: bool = False
    due_on: date | None = None
    tax_percent: Decimal | None = None
    tax_included: bool = False


class Placement(Struct, frozen=True, gc=False):
    """The one bucket `seconds` of a booking ended in; `counted_seconds` is after rounding."""

    booking: str
    bucket: Bucket
    line: str | None
    seconds: int
    counted_seconds: int
    reason: tuple[str, ...]


class Earning(Struct, frozen=True, gc=False):
    """Deferred money of one purchase that became revenue in the service month `month`."""

    contract: str
    line: str
    basis: str
    month: Period
    amount: Money
    account: str
    reason: str


class Covers(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which work of its work types a line takes; what is not named does not matter.

    `assets` are named by id, as the source spells them. Work outside `hours`, and beyond
    `allowance_hours` in a calendar `allowance_cycle`, goes on to the contract's next line.
    """

    ticket_types: tuple[str, ...] = ("*",)
    priorities: tuple[str, ...] = ("*",)
    assets: tuple[str, ...] = ("*",)
    asset_types: tuple[str, ...] = ("*",)
    locations: tuple[str, ...] = ("*",)
    hours: Window | None = None
    allowance_hours: Decimal | None = None
    allowance_cycle: Unit = "month"

    def __post_init__(self) -> None:
        allowed = self.allowance_hours
        if allowed is not None and not (plausible(allowed) and allowed >= 0):
            raise ValueError(f"allowance_hours {allowed} is not a plausible figure")


class LineTerms(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Terms every charge model has: the work the line takes and its tax category."""

    work_types: tuple[str, ...] = ()
    covers: Covers = Covers()
    tax_category: str | None = None

    def __post_init__(self) -> None:
        """Refuse figures no contract can mean; arithmetic with 1E+999999 would never end."""
        for name, value in zip(self.__struct_fields__, astuple(self), strict=True):
            if isinstance(value, Decimal) and not plausible(value):
                raise ValueError(f"{name} {value} is not a plausible figure")

    def check(self, line: ContractLine, contract: Contract) -> None:
        """Raises `ValueError` where the terms contradict the dates of the line or contract."""


def plausible(value: Decimal) -> bool:
    """Whether a contract can mean this figure."""
    return value.is_finite() and (not value or abs(value.adjusted()) <= LARGEST_EXPONENT)


class LineFacts(Struct, frozen=True):
    """One contract line with what it needs to be priced up to a horizon.

    `span` are its days in force before the horizon.
    `works` is what the line draws or bills with the trail so far, by (work date, reference).
    `others` are the charges of the lines that a line over other lines names, by service period,
    line and basis, and `others_earned` what of them is earned later.
    `balance` is what the `balance` of a drawn line's model made of it, with all draws done.
    """

    line: ContractLine
    terms: Any
    facts: Facts
    span: Period
    works: tuple[Piece, ...]
    book: PriceBook
    others: tuple[Charge, ...] = ()
    others_earned: tuple[Earning, ...] = ()
    balance: Any = None

    @property
    def currency(self) -> str:
        return self.facts.contract.currency

    def charge(
        self,
        basis: str,
        service: Period,
        group: str,
        quantity: Decimal,
        unit: str,
        unit_price: Decimal,
        amount: Decimal | Fraction | Money,
        reason: tuple[str, ...],
        account: str,
        deferred: bool = False,
        due_on: date | None = None,
    ) -> Charge:
        """A charge of this line; an amount in major units is rounded to the minor unit here."""
        money = amount if isinstance(amount, Money) else Money.rounded(amount, self.currency)
        return Charge(
            contract=self.facts.contract.id,
            line=self.line.id,
            basis=basis,
            service=service,
            group=group,
            quantity=quantity,
            unit=unit,
            unit_price=unit_price,
            amount=money,
            account=account,
            reason=reason,
            tax_category=self.terms.tax_category,
            deferred=deferred,
            due_on=due_on,
        )


Priced = Charge | Placement | Earning


@dataclass(frozen=True, slots=True)
class ChargeModel:
    """A way to price a contract line. `takes` says what becomes of bookings the line takes;
    a model that `takes` nothing (`over_lines`) prices the charges of other lines instead, which
    its terms name in `of`.

    A model whose work is `drawn` gives the `balance` of a line: its packages and how work draws
    them. All balances of a contract are drawn as one pool before `price` is asked."""

    name: str
    terms: type[LineTerms]
    takes: Literal["covered", "drawn", "billed", "over_lines"]
    price: Callable[[LineFacts], Iterable[Priced]]
    balance: Callable[[LineFacts], Balance] | None = None

    def __post_init__(self) -> None:
        if (self.takes == "drawn") != (self.balance is not None):
            raise ValueError(f"charge model {self.name} is drawn with a balance, or has none")

    def read_terms(self, line: ContractLine, contract: Contract | None = None) -> LineTerms:
        """The line's terms, typed; raises `SkipRecord` naming the term that does not fit, also
        where it contradicts the dates of `contract`."""
        try:
            terms = convert(line.terms, self.terms, strict=False)
            if contract is not None:
                terms.check(line, contract)
            return terms
        except ValueError as error:
            raise SkipRecord(
                f"The terms of charge model {self.name} do not fit: {self._said(error)}.",
                do="Correct the contract line at its source or its mapping.",
                record="contract_line",
                ref=line.id,
            ) from None

    def _said(self, error: ValueError) -> str:
        """What is wrong with terms; of one that the model does not know, those it knows."""
        unknown = re.fullmatch(r"Object contains unknown field (`\w+`)", str(error))
        if unknown is None:
            return str(error)
        return f"it has no term {unknown[1]}; it has {', '.join(self.terms.__struct_fields__)}"


def takes(terms: LineTerms, work_type: str | None) -> bool:
    """Whether a line with these terms takes bookings of `work_type`."""
    return "*" in terms.work_types or work_type in terms.work_types
