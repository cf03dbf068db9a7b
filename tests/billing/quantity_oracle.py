"""Quantities and what they cost, reckoned another way than billing does: day by day, and for
tiers by how much lies above each edge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from tallystick.billing.facts import Facts, Incident
from tallystick.records import Asset, Contact, Licence


def cost(units: Fraction, terms: Mapping[str, Any]) -> Fraction:
    """What `units` cost in major units, by the tiers of the terms or their price per unit."""
    if "tiers" in terms:
        return tiered(units, terms["tiers"])
    return units * Fraction(terms["unit_price"])


def tiered(units: Fraction, of: Mapping[str, Any]) -> Fraction:
    if units < 0:
        return -tiered(-units, of)
    if of["mode"] == "package":
        size = Fraction(of["package_size"])
        started = int(units / size) + (units % size > 0)
        return started * Fraction(of["package_price"])
    lower = [Fraction(0), *(Fraction(step["up_to"]) for step in of["steps"][:-1])]
    reached = [
        (edge, Fraction(step.get("unit_price", 0)), Fraction(step.get("flat_fee", 0)))
        for edge, step in zip(lower, of["steps"], strict=True)
        if edge < units
    ]
    if not reached:
        return Fraction(0)
    if of["mode"] == "graduated":
        # Everything above an edge changes from the price below the edge to the one above it.
        before = [Fraction(0), *(price for _, price, _ in reached)]
        return Fraction(0) + sum(
            (units - edge) * (price - was) + fee
            for (edge, price, fee), was in zip(reached, before, strict=False)
        )
    _, price, fee = reached[-1]
    return fee + (units * price if of["mode"] == "volume" else 0)


def cost_of_counted(of: Facts, terms: Mapping[str, Any], part: Sequence[date]) -> Fraction:
    """What a line that counts costs for a whole cycle, by the days of it that are charged."""
    each = [counted_on(of, terms, day) for day in part]
    how = terms["counted"]
    if how == "daily":
        return sum((cost(charged(one, terms), terms) for one in each), Fraction(0)) / len(each)
    found = {"period_end": each[-1], "peak": max(each), "average": sum(each) / Fraction(len(each))}
    return cost(charged(found[how], terms), terms)


def charged(units: Fraction, terms: Mapping[str, Any]) -> Fraction:
    least = max(units, Fraction(terms.get("minimum_quantity", 0)))
    return max(Fraction(0), least - Fraction(terms.get("included_quantity", 0)))


def counted_on(of: Facts, terms: Mapping[str, Any], day: date) -> Fraction:
    kind = terms.get("count_of", "assets")
    if kind == "literal":
        return Fraction(terms["quantity"])
    if kind == "licences":
        seats = [one for one in of.licences if one.product in terms["products"]]
        return sum((Fraction(one.quantity) for one in seats if there(one, day)), Fraction(0))
    things: Sequence[Asset | Contact] = of.assets if kind == "assets" else of.users
    return Fraction(sum(there(one, day) and chosen(one, terms) for one in things))


def there(one: Asset | Contact | Licence, day: date) -> bool:
    return not (one.active_from and day < one.active_from) and not (
        one.retired_on and day >= one.retired_on
    )


def chosen(one: Asset | Contact, terms: Mapping[str, Any]) -> bool:
    for term, values in (
        ("asset_types", {one.type}),
        ("user_types", {one.type}),
        ("groups", {one.group}),
        ("statuses", {one.status}),
        ("tags", set(one.tags)),
    ):
        allowed = terms.get(term)
        if allowed and allowed != ["*"] and not values & set(allowed):
            return False
    return True


def cost_of_used(of: Facts, terms: Mapping[str, Any], part: Sequence[date]) -> Fraction:
    """What the usage of some days comes to."""
    used: dict[str, list[tuple[date, str, Fraction]]] = {}
    bought = Fraction(0)
    for one in of.usages:
        if one.used_on in part and (terms["meters"] == ["*"] or one.meter in terms["meters"]):
            row = (one.used_on, one.id, Fraction(one.quantity))
            used.setdefault(one.meter, []).append(row)
            bought += Fraction(one.cost or 0)
    if "markup_percent" in terms:
        return bought * (1 + Fraction(terms["markup_percent"]) / 100)
    units = Fraction(0)
    for rows in used.values():
        figures = [figure for _, _, figure in sorted(rows)]
        units += {"sum": sum(figures), "max": max(figures), "last": figures[-1]}[terms["aggregate"]]
    least = terms.get("minimum_quantity", 0)
    if not least and units < 0:
        return cost(units, terms)
    return cost(charged(units, terms), terms)


def price_of_incident(one: Incident, terms: Mapping[str, Any]) -> Fraction | None:
    """The price of a ticket, None where the line does not count it."""
    if terms["priorities"] != ["*"] and one.priority not in terms["priorities"]:
        return None
    if "prices" in terms and one.type == "fault":
        every, urgent = (Fraction(row["unit_price"]) for row in terms["prices"])
        return urgent if one.priority == "P1" else every
    return Fraction(terms["unit_price"]) if "unit_price" in terms else None
