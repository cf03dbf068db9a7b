"""The proposal: one client's invoice or credit note as it would go out, with its objections.

A proposal is a value: the same dues make the same `content_hash`, and an approval names
that hash, so any change to what would be billed voids the approval.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

import msgspec
from msgspec.structs import replace

from tallystick.billing.charges import Charge
from tallystick.billing.difference import Due
from tallystick.billing.tax import TaxLine, TaxRate, tax_lines
from tallystick.money import Money, total
from tallystick.period import Period

Severity = Literal["hold", "note"]


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a proposal may not go out unseen (`hold`), or what to know about it (`note`)."""

    code: str
    severity: Severity
    what: str
    do: str


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """Charges of one contract line, text and price, joined; `charges` index the proposal's dues.

    `unit_price` is in major units; `net` is the sum of the rounded charges.
    """

    contract: str
    line: str
    text: str
    service: Period
    quantity: Decimal
    unit: str
    unit_price: Decimal
    net: Money
    tax_category: str
    account: str
    corrects: tuple[str, ...]
    charges: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Agreed:
    """A contract as its invoice names it."""

    contract: str
    name: str
    po_number: str | None = None
    payment_terms_days: int | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """What one client should be invoiced in one currency for a period, and nothing yet issued.

    `group` tells invoices of one client and currency apart (`billing/grouping.py`); `contracts`
    are those whose charges are on it.
    """

    client: str
    currency: str
    period: Period
    lines: tuple[InvoiceLine, ...]
    dues: tuple[Due, ...]
    taxes: tuple[TaxLine, ...]
    objections: tuple[Objection, ...] = ()
    group: str = ""
    contracts: tuple[Agreed, ...] = ()

    @property
    def net(self) -> Money:
        return total((line.net for line in self.lines), self.currency)

    @property
    def tax(self) -> Money:
        return total((tax.amount for tax in self.taxes), self.currency)

    @property
    def gross(self) -> Money:
        return self.net + self.tax

    @property
    def po_number(self) -> str | None:
        """The order all its contracts name; None when they name none, or not the same."""
        orders = {one.po_number for one in self.contracts}
        return next(iter(orders)) if len(orders) == 1 else None

    @property
    def payment_terms_days(self) -> int | None:
        """The shortest its contracts agree on, None where they say nothing."""
        agreed = [one.payment_terms_days for one in self.contracts]
        return min((days for days in agreed if days is not None), default=None)

    @property
    def kind(self) -> Literal["invoice", "credit_note"]:
        return "credit_note" if self.gross.minor < 0 else "invoice"

    @property
    def content_hash(self) -> str:
        """SHA-256 of what would be billed: dues, lines, tax, and the contracts' names, orders and
        payment terms; not the objections."""
        content = (
            (self.client, self.currency, self.group, self.period, self.contracts),
            (self.lines, self.dues, self.taxes),
        )
        return hashlib.sha256(msgspec.json.encode(content)).hexdigest()

    def reviewed(self, objections: Sequence[Objection]) -> Proposal:
        """The same content with these objections."""
        return dataclasses.replace(self, objections=tuple(objections))

    @property
    def holds(self) -> tuple[Objection, ...]:
        return tuple(one for one in self.objections if one.severity == "hold")


def compose(
    client: str,
    currency: str,
    period: Period,
    dues: Sequence[Due],
    tax_category: str,
    taxes: Sequence[TaxRate],
    group: str = "",
    contracts: Sequence[Agreed] = (),
) -> Proposal:
    """Join dues to invoice lines and add tax.

    A due without a tax category takes `tax_category` here and keeps it, so that a correction
    goes back to the category that was billed. Raises `SkipRecord` when the table has no rate
    for a category.
    """
    settled = tuple(_in_category(due, due.charge.tax_category or tax_category) for due in dues)
    lines = invoice_lines(settled, tax_category)
    nets = [(line.tax_category, line.net) for line in lines]
    tax = tax_lines(nets, currency, period.last_day, taxes)
    return Proposal(
        client, currency, period, lines, settled, tax, group=group, contracts=tuple(contracts)
    )


def _in_category(due: Due, tax_category: str) -> Due:
    return replace(due, charge=replace(due.charge, tax_category=tax_category))


def invoice_lines(dues: Sequence[Due], tax_category: str) -> tuple[InvoiceLine, ...]:
    """Dues joined where contract, line, text, price, account, tax and correction agree."""
    joined: dict[tuple[object, ...], list[int]] = {}
    for index, due in enumerate(dues):
        charge = due.charge
        price = None if due.corrects else charge.unit_price
        recurring = None if charge.service.days == 1 else charge.service
        joined.setdefault(
            (
                charge.contract,
                charge.line,
                charge.group,
                price,
                recurring,
                charge.account,
                charge.tax_category,
                due.corrects,
            ),
            [],
        ).append(index)
    return tuple(_line(dues, indices, tax_category) for indices in joined.values())


def _line(dues: Sequence[Due], indices: Sequence[int], tax_category: str) -> InvoiceLine:
    charges: list[Charge] = [dues[index].charge for index in indices]
    first = charges[0]
    net = total((charge.amount for charge in charges), first.amount.currency)
    corrects = dues[indices[0]].corrects
    one_price = not corrects
    return InvoiceLine(
        contract=first.contract,
        line=first.line,
        text=first.group,
        service=Period(
            min(charge.service.start for charge in charges),
            max(charge.service.end for charge in charges),
        ),
        quantity=_quantity(charges) if one_price else Decimal(1),
        unit=first.unit,
        unit_price=first.unit_price if one_price else net.amount,
        net=net,
        tax_category=first.tax_category or tax_category,
        account=first.account,
        corrects=corrects,
        charges=tuple(indices),
    )


def _quantity(charges: Sequence[Charge]) -> Decimal:
    """The sum of the quantities; to four places, so that three times 20 minutes make 1 hour."""
    if len(charges) == 1:
        return charges[0].quantity
    summed = sum((charge.quantity for charge in charges), Decimal(0))
    return summed.quantize(Decimal("0.0001")).normalize() + 0
