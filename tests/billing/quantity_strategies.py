"""What can be counted and metered: random devices, users, licences, and lines that count them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tallystick.billing.facts import Incident
from tallystick.records import Asset, Contact, Licence, Usage

from .schedule_strategies import days, steps, uplift

Terms = dict[str, Any]

prices = st.decimals("0", "60", places=2)
some_tags = st.lists(st.sampled_from(["backup", "patch", "vip"]), max_size=2).map(tuple)


@st.composite
def tiers(draw: st.DrawFn) -> Terms:
    mode = draw(st.sampled_from(["graduated", "volume", "stairstep", "package"]))
    if mode == "package":
        size = draw(st.decimals("0.5", "4", places=1))
        return {"mode": mode, "package_size": size, "package_price": draw(prices)}
    edges: list[int | None] = [*sorted(draw(st.sets(st.integers(1, 6), max_size=3))), None]
    found = []
    for edge in edges:
        step: Terms = {} if edge is None else {"up_to": edge}
        if mode != "stairstep":
            step["unit_price"] = draw(prices)
        if mode == "stairstep" or draw(st.booleans()):
            step["flat_fee"] = draw(prices)
        found.append(step)
    return {"mode": mode, "steps": found}


def tiered_or_not(terms: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Terms]:
    """Terms with a `unit_price` that may change, or with tiers in place of it."""
    others = {name: one for name, one in terms.items() if name != "unit_price"}
    named = [name for name in ("unit_price", "quantity") if name in terms]
    changing = {**terms, "steps": steps(*named), "uplift": uplift}
    if "quantity" in terms:
        others["steps"] = steps("quantity")
    return st.fixed_dictionaries(changing) | st.fixed_dictionaries({**others, "tiers": tiers()})


def both(*parts: st.SearchStrategy[Terms]) -> st.SearchStrategy[Terms]:
    return st.tuples(*parts).map(lambda found: {name: one[name] for one in found for name in one})


rules: st.SearchStrategy[Terms] = st.sampled_from(
    [
        {"asset_types": ["*"]},
        {"asset_types": ["server"], "statuses": ["in use"]},
        {"groups": ["clinic"], "tags": ["backup", "patch"]},
        {"count_of": "users", "user_types": ["staff"]},
        {"count_of": "users", "groups": ["clinic"]},
        {"count_of": "licences", "products": ["office"]},
        {"count_of": "literal", "quantity": "2.5"},
    ]
)
counting: st.SearchStrategy[Terms] = st.fixed_dictionaries(
    {"counted": st.sampled_from(["period_end", "peak", "average", "daily"])},
    optional={
        "minimum_quantity": st.integers(0, 3),
        "included_quantity": st.decimals("0", "2", places=1),
    },
)


def per_unit(recurring: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Terms]:
    return both(tiered_or_not(recurring), rules, counting)


lasting = {"active_from": st.none() | days, "retired_on": st.none() | days}
described = {
    "group": st.sampled_from([None, "clinic", "office"]),
    "tags": some_tags,
    "status": st.sampled_from([None, "in use", "spare"]),
}


def assets(ref: str) -> st.SearchStrategy[Asset]:
    kinds = st.sampled_from(["server", "laptop"])
    return st.builds(
        Asset, id=st.just(ref), name=st.just(f"pc-{ref}"), type=kinds, **lasting, **described
    )


def users(ref: str) -> st.SearchStrategy[Contact]:
    kinds = st.sampled_from([None, "staff", "guest"])
    who = {"id": st.just(ref), "client": st.just("K"), "name": st.just(f"user {ref}")}
    return st.builds(Contact, **who, type=kinds, **lasting, **described)


def licences(ref: str) -> st.SearchStrategy[Licence]:
    return st.builds(
        Licence,
        id=st.just(ref),
        client=st.just("K"),
        product=st.sampled_from(["office", "mail"]),
        quantity=st.decimals("0", "5", places=1),
        **lasting,
    )


METERS = ("backup", "traffic")
of_meters = st.sampled_from([["*"], ["backup"]])


def usage(recurring: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Terms]:
    """At a price or by tiers, or at cost plus markup; in arrears, and without proration."""
    common = {name: one for name, one in recurring.items() if name != "proration"}
    common["timing"] = st.just("arrears")
    at_cost = {name: one for name, one in common.items() if name != "unit_price"}
    at_a_price = st.fixed_dictionaries(
        {"meters": of_meters, "aggregate": st.sampled_from(["sum", "max", "last"])},
        optional={
            "minimum_quantity": st.integers(0, 3),
            "included_quantity": st.decimals("0", "2", places=1),
        },
    )
    markup = st.decimals("0", "80", places=1)
    plus = st.fixed_dictionaries({**at_cost, "meters": of_meters, "markup_percent": markup})
    return both(tiered_or_not(common), at_a_price) | plus


@st.composite
def usages(draw: st.DrawFn, ref: str, currency: str) -> Usage:
    return Usage(
        id=ref,
        client="K",
        meter=draw(st.sampled_from(METERS)),
        quantity=draw(st.decimals("-4", "12", places=2)),
        used_on=draw(days),
        cost=draw(st.decimals("-3", "40", places=3)),
        currency=currency,
    )


some_types = st.sampled_from([None, "fault", "request"])
priorities = st.sampled_from(["P1", "P2"])


def per_incident(takes: st.SearchStrategy[list[str]]) -> st.SearchStrategy[Terms]:
    table = st.fixed_dictionaries({"fault": prices, "both": prices})
    common = st.fixed_dictionaries(
        {
            "priorities": st.sampled_from([["*"], ["P1"]]),
            "sla_credit_percent": st.sampled_from(["0", "12.5", "100"]),
            "work_types": takes,
        },
        optional={"included": st.integers(0, 2), "cycle": st.sampled_from(["month", "quarter"])},
    )
    tabled = table.map(
        lambda found: {
            "prices": [
                {"types": ["fault"], "unit_price": found["fault"]},
                {"types": ["fault"], "priorities": ["P1"], "unit_price": found["both"]},
            ]
        }
    )
    plain = st.fixed_dictionaries({"unit_price": prices})
    return both(common, plain | tabled | both(plain, tabled))


@st.composite
def incidents(draw: st.DrawFn, ref: str) -> Incident:
    met = draw(st.sampled_from([None, True, False]))
    return Incident(
        ref=ref, closed_on=draw(days), type=draw(some_types), priority=draw(priorities), sla_met=met
    )
