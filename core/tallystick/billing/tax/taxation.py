"""Taxing a document: which rate each charge gets, and how its tax is rounded.

The rate is the one in force when the service was completed, its last day (Directive 2006/112/EC,
articles 63 and 64), whenever it is invoiced. Tax is rounded half away from zero, once per category
and percentage of a document (EN 16931, BR-CO-17), or once per line where the config says so.

Prices that contain the tax: the tax is taken out of the gross sum, and the nets are what is left,
shared over the charges by largest remainder, so that nets and tax make the agreed gross exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from msgspec import Struct
from msgspec.structs import replace

from tallystick.billing.charges import Charge
from tallystick.billing.invoice.difference import Due
from tallystick.billing.tax.rates import EXEMPTIONS, Taxing, TaxLine
from tallystick.money import Money, total


class Taxable(Struct, frozen=True, gc=False):
    """An invoice line as tax sees it; `included` is the tax its price already contained."""

    category: str
    percent: Decimal
    net: Money
    included: Money | None = None


def settled(charge: Charge, taxing: Taxing) -> Charge:
    """`charge` with its category and the percentage in force on the last day of its service.

    What a correction takes back keeps the percentage it was billed at; without a rate in the
    table the percentage stays open.
    """
    if charge.tax_percent is not None:
        return charge
    category = charge.tax_category or taxing.category
    rate = taxing.rate(category, charge.service.last_day)
    if rate is None:
        return replace(charge, tax_category=category)
    return replace(
        charge, tax_category=category, tax_percent=rate.percent, tax_included=rate.included
    )


def take_out(dues: Sequence[Due], joined: Sequence[Sequence[int]], taxing: Taxing) -> list[Due]:
    """`dues` with the tax that prices contain told apart; `joined` are those of each line."""
    groups: dict[object, list[int]] = {}
    for number, indices in enumerate(joined):
        charge = dues[indices[0]].charge
        if charge.tax_included:
            by_line = number if taxing.rounding == "line" else None
            key = (charge.tax_category, charge.tax_percent, by_line)
            groups.setdefault(key, []).extend(indices)
    result = list(dues)
    for indices in groups.values():
        percent = result[indices[0]].charge.tax_percent or Decimal(0)
        grosses = [result[index].charge.amount for index in indices]
        for index, gross, net in zip(indices, grosses, nets_of(grosses, percent), strict=True):
            result[index] = replace(result[index], included_tax_minor=gross.minor - net.minor)
    return result


def nets_of(grosses: Sequence[Money], percent: Decimal) -> list[Money]:
    """What is left of each of `grosses` when tax is taken out of their sum, rounded once.

    Largest remainder on minor units, the earlier on a tie; signs may differ.
    """
    currency = grosses[0].currency
    gross = total(grosses, currency)
    share = Fraction(percent) / (100 + Fraction(percent))
    net = gross - Money.rounded(Fraction(gross.amount) * share, currency)
    quotas = [one.minor * (1 - share) for one in grosses]
    parts = [quota.__floor__() for quota in quotas]
    by_remainder = sorted(range(len(parts)), key=lambda i: parts[i] - quotas[i])
    for i in by_remainder[: net.minor - sum(parts)]:
        parts[i] += 1
    return [Money(part, currency) for part in parts]


def tax_lines(items: Iterable[Taxable], currency: str, taxing: Taxing) -> tuple[TaxLine, ...]:
    """One tax line per category and percentage, in their order; empty for no items."""
    groups: dict[tuple[str, Decimal], list[Taxable]] = {}
    for item in items:
        groups.setdefault((item.category, item.percent), []).append(item)
    lines = []
    for (category, percent), group in sorted(groups.items()):
        kind = taxing.kind(category, percent)
        lines.append(
            TaxLine(
                category=category,
                percent=percent,
                net=total([one.net for one in group], currency),
                amount=_tax(group, percent, currency, taxing),
                code=kind.code,
                exemption=kind.exemption or EXEMPTIONS.get(kind.code, ""),
            )
        )
    return tuple(lines)


def _tax(group: Sequence[Taxable], percent: Decimal, currency: str, taxing: Taxing) -> Money:
    contained = total([one.included for one in group if one.included is not None], currency)
    nets = [one.net for one in group if one.included is None]
    if taxing.rounding == "document":
        nets = [total(nets, currency)]
    return contained + total([net.percent(percent) for net in nets], currency)


def refused(nets: Mapping[str, Money], contained: Mapping[str, Money], lines: object) -> str:
    """Why `lines` cannot be the tax of a document with `nets` by category, empty if they can.

    `contained` is the tax that prices of a category already contain, which stands.
    """
    if not isinstance(lines, tuple) or not all(isinstance(one, TaxLine) for one in lines):
        return "the answer is no sequence of TaxLine"
    for category in sorted(nets.keys() | {one.category for one in lines}):
        if category not in nets:
            return f"the proposal has nothing in category {category!r}"
        own = [one for one in lines if one.category == category]
        if len({one.percent for one in own}) < len(own):
            return f"category {category!r} has one percentage twice"
        currency = nets[category].currency
        if any({one.net.currency, one.amount.currency} != {currency} for one in own):
            return f"category {category!r} is taxed in another currency than {currency}"
        net = total((one.net for one in own), currency)
        if net != nets[category]:
            return f"category {category!r} is taxed on {net} and comes to {nets[category]}"
        tax = total((one.amount for one in own), currency)
        if category in contained and tax != contained[category]:
            return f"prices of category {category!r} contain {contained[category]}, not {tax}"
    return ""
