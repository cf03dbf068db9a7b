"""Invoice lines: dues of one contract line, text, price and tax joined, net of tax."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from msgspec import Struct

from tallystick.billing.charges import Charge
from tallystick.billing.invoice.difference import Due
from tallystick.money import Money, total
from tallystick.period import Period


class InvoiceLine(Struct, frozen=True, gc=False):
    """Charges of one contract line, text and price, joined; `charges` index the proposal's dues.

    `unit_price` is in major units; `net` is the sum of the rounded charges, both without tax also
    where the agreed price contains it. `tax_percent` is open where a plugin decides the tax.
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
    tax_percent: Decimal | None = None


def joined(dues: Sequence[Due]) -> list[list[int]]:
    """Dues joined where contract, line, text, price, account, tax and correction agree."""
    found: dict[tuple[object, ...], list[int]] = {}
    before: tuple[object, ...] = ()
    for index, due in enumerate(dues):
        joins = _joins(due)
        if joins != before:  # comparing neighbours spares hashing decimals for every booking
            before = joins
            own = found.setdefault(joins, [])
        own.append(index)
    return list(found.values())


def _joins(due: Due) -> tuple[object, ...]:
    """What dues that share a line agree in."""
    charge = due.charge
    return (
        charge.contract,
        charge.line,
        charge.group,
        None if due.corrects else charge.unit_price,
        None if charge.service.days == 1 else charge.service,
        charge.account,
        charge.tax_category,
        charge.tax_percent,
        charge.tax_included,
        due.corrects,
    )


def as_line(dues: Sequence[Due], indices: Sequence[int]) -> InvoiceLine:
    """The line that the dues at `indices`, which belong together, make."""
    charges: list[Charge] = [dues[index].charge for index in indices]
    first = charges[0]
    net = total([dues[index].net for index in indices], first.amount.currency)
    corrects = dues[indices[0]].corrects
    one_price = not corrects
    return InvoiceLine(
        contract=first.contract,
        line=first.line,
        text=_text(charges),
        service=Period(
            min([charge.service.start for charge in charges]),
            max([charge.service.end for charge in charges]),
        ),
        quantity=_quantity(charges) if one_price else Decimal(1),
        unit=first.unit,
        unit_price=_net_price(first) if one_price else net.amount,
        net=net,
        tax_category=first.tax_category or "",
        account=first.account,
        corrects=corrects,
        charges=tuple(indices),
        tax_percent=first.tax_percent,
    )


def _text(charges: Sequence[Charge]) -> str:
    first = charges[0]
    if not first.tax_included:
        return first.group
    gross = total((charge.amount for charge in charges), first.amount.currency)
    return f"{first.group} ({gross} with tax)"


def _net_price(charge: Charge) -> Decimal:
    """The price without tax; to four places where the agreed one contains it."""
    if not charge.tax_included or charge.tax_percent is None:
        return charge.unit_price
    net = charge.unit_price * 100 / (100 + charge.tax_percent)
    return net.quantize(Decimal("0.0001"))


def _quantity(charges: Sequence[Charge]) -> Decimal:
    """The sum of the quantities; to four places, so that three times 20 minutes make 1 hour."""
    if len(charges) == 1:
        return charges[0].quantity
    summed = sum([charge.quantity for charge in charges], Decimal(0))
    return summed.quantize(Decimal("0.0001")).normalize() + 0
