"""Write-downs: a part of an issued invoice given up, with a reason, by a credit note of its own.

A write-down is a fact of its own (`write_down:INV-2026-0007:1:2`, the first one of that invoice,
on its second line). It stands beside what the other facts say: no later run takes it back, and
no run bills again what it gave up.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from tallystick.billing.charges import Charge
from tallystick.billing.invoice.difference import Billed, Due
from tallystick.billing.invoice.proposal import (
    Agreed,
    Decide,
    Objection,
    Proposal,
    compose,
    leave_it,
)
from tallystick.billing.tax.rates import Taxing
from tallystick.money import Money, split
from tallystick.period import Period

BASIS = "write_down:"
GROUP = "write-down "
ACCOUNT = "Income:WriteDown"
"""Contra revenue: what was earned and given up stays visible beside what was billed."""
DEFERRED = "Liabilities:Deferred"
"""What was billed ahead is given up there first: less of it becomes revenue."""


@dataclass(frozen=True, slots=True)
class InvoicedLine:
    """A line of the invoice that bears a share of the write-down."""

    position: int
    contract: str
    line: str
    text: str
    service: Period
    net: Money
    tax_category: str
    tax_percent: Decimal | None = None
    account: str = ""


@dataclass(frozen=True, slots=True)
class WriteDown:
    """`amount` (net, positive) given up of `invoice`, whose period and contracts it has too."""

    invoice: str
    ordinal: int
    client: str
    amount: Money
    reason: str
    asked_by: str
    period: Period
    contracts: tuple[Agreed, ...]
    lines: tuple[InvoicedLine, ...]

    @property
    def basis(self) -> str:
        """What the bases of its charges begin with."""
        return f"{BASIS}{self.invoice}:{self.ordinal}:"

    @property
    def group(self) -> str:
        """A credit note of its own."""
        return f"{GROUP}{self.invoice}:{self.ordinal}"


def without(billed: Iterable[Billed]) -> list[Billed]:
    """What was billed for facts of work and contracts: the difference compares only those."""
    return [one for one in billed if not one.basis.startswith(BASIS)]


def charges_of(one: WriteDown) -> list[Charge]:
    """The amount over the lines in proportion to their nets, losing nothing."""
    shares = split(one.amount, [line.net.minor for line in one.lines])
    return [
        Charge(
            contract=line.contract,
            line=line.line,
            basis=f"{one.basis}{line.position}",
            service=line.service,
            group=f"Write-down: {line.text}",
            quantity=Decimal(1),
            unit="write-down",
            unit_price=-share.amount,
            amount=-share,
            account=DEFERRED if line.account == DEFERRED else ACCOUNT,
            reason=(f"{one.asked_by} gives up {one.amount} of {one.invoice}: {one.reason}",),
            tax_category=line.tax_category,
            tax_percent=line.tax_percent,
            deferred=line.account == DEFERRED,
        )
        for line, share in zip(one.lines, shares, strict=True)
        if share
    ]


def propose(one: WriteDown, taxing: Taxing, decide: Decide = leave_it) -> Proposal:
    """The credit note, with the tax of the invoice it goes back to."""
    dues = [Due(charge, (one.invoice,)) for charge in charges_of(one)]
    return compose(
        one.client,
        one.amount.currency,
        one.period,
        dues,
        taxing,
        decide,
        group=one.group,
        contracts=one.contracts,
    )


def asked(one: WriteDown) -> Objection:
    """Why no policy may let it go out."""
    return Objection(
        "write_down",
        "note",
        f"{one.asked_by} gives up {one.amount} net of {one.invoice}: {one.reason}.",
        "A second person approves it, or `tallystick bill void` drops it.",
    )
