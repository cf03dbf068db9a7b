"""Retainer: an amount per cycle that work is drawn against at the rate card, the rest billed."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Meta

from tallystick.billing.charges import Charge, ChargeModel, LineFacts, Priced
from tallystick.billing.prepaid.balance import Balance, Package
from tallystick.billing.prepaid.earn import earn, sell
from tallystick.billing.prepaid.overage import price_beyond
from tallystick.billing.prepaid.purchases import purchases
from tallystick.billing.prepaid.terms import PrepaidTerms
from tallystick.billing.schedule.slices import CycleTerms


class RetainerTerms(CycleTerms, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`unit_price` per cycle, in full also for a part of one; it buys work of the same amount."""

    unit_price: Decimal
    timing: Literal["advance", "arrears"] = "advance"
    rollover_periods: Annotated[int, Meta(ge=0, le=120)] = 0
    rate_card: str
    work_types: tuple[str, ...] = ("*",)

    def __post_init__(self) -> None:
        CycleTerms.__post_init__(self)
        if self.unit_price <= 0:
            raise ValueError(f"unit_price {self.unit_price} must be more than 0")
        if self.timing == "arrears" and self.rollover_periods:
            raise ValueError(
                "a retainer in arrears is earned when its cycle is over and has nothing to "
                "roll over: bill it in advance"
            )

    @property
    def as_prepaid(self) -> PrepaidTerms:
        """The money balance this retainer is."""
        return PrepaidTerms(
            unit="money",
            quantity=self.unit_price,
            unit_price=self.unit_price,
            cycle=self.cycle,
            every=self.every,
            align=self.align,
            anchor_day=self.anchor_day,
            rollover_periods=self.rollover_periods,
            rate_card=self.rate_card,
            work_types=self.work_types,
        )


def balance(line: LineFacts) -> Balance:
    terms = line.terms.as_prepaid
    return Balance.of(line, terms, purchases(line, terms, "retainer"))


def price(line: LineFacts) -> Iterator[Priced]:
    """In advance as prepaid money, earned as it is drawn; in arrears as a fee, earned by day."""
    drawn: Balance = line.balance
    if line.terms.timing == "advance":
        yield from sell(line, drawn)
        yield from earn(line, drawn, "Income:Retainer")
    else:
        for package in drawn.packages:
            if package.purchase.service.end <= line.span.end:
                yield _in_arrears(line, drawn, package)
    yield from price_beyond(line, drawn)


def _in_arrears(line: LineFacts, drawn: Balance, package: Package) -> Charge:
    bought = package.purchase
    used = package.bought - package.left
    return line.charge(
        basis=bought.basis,
        service=bought.service,
        group=line.line.description,
        quantity=Decimal(1),
        unit="retainer",
        unit_price=bought.price.amount,
        amount=bought.price,
        reason=(f"{drawn.shown(used)} of {bought.price} drawn in {bought.service}",),
        account="Income:Retainer",
    )


MODEL = ChargeModel("retainer", RetainerTerms, "drawn", price, balance)
