"""Random terms of what recurs, drawn from a seeded `random.Random`: cycles, spans of days, price
steps and uplifts, tiers, what is counted, which work is covered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

Terms = dict[str, Any]

WORK_TYPES = ("remote", "onsite", "project")
CATEGORIES = (None, None, None, "reduced", "abroad", "school")
METERS = ("backup", "traffic")


def figure(chance: Random, least: int, most: int, places: int = 2) -> Decimal:
    """A figure from `least` to `most`, with `places` decimals."""
    return Decimal(chance.randint(least * 10**places, most * 10**places)).scaleb(-places)


def price(chance: Random) -> Decimal:
    return figure(chance, 0, 500) + Decimal("0.01")


def rarely(chance: Random, one_in: int) -> bool:
    return chance.randrange(one_in) == 0


def scheduled(chance: Random, start: date) -> Terms:
    cycle = chance.choice(["month", "month", "month", "quarter", "year", "week"])
    terms: Terms = {
        "cycle": cycle,
        "every": chance.choice([1, 1, 2]),
        "align": chance.choice(["calendar", "contract", "line"]),
        "timing": chance.choice(["arrears", "advance"]),
        "proration": chance.choice(["actual_days", "thirty_day_month", "none", "full"]),
    }
    if cycle != "week" and rarely(chance, 3):
        terms["anchor_day"] = chance.choice([15, 31])
    if rarely(chance, 6):
        terms["trial_days"] = chance.choice([5, 17, 40])
    if rarely(chance, 6):
        terms["free"] = spans(chance, start + timedelta(days=terms.get("trial_days", 0)))
    if rarely(chance, 6):
        terms["pauses"] = spans(chance, start)
    return terms


def spans(chance: Random, start: date) -> list[Terms]:
    """One or two spans of days after `start`, the last one sometimes open."""
    edges = sorted(chance.sample(range(1, 150), chance.choice([1, 2, 2, 3, 4])))
    days = [start + timedelta(days=one) for one in edges]
    pairs = [days[index : index + 2] for index in range(0, len(days), 2)]
    return [dict(zip(("since", "until"), pair, strict=False)) for pair in pairs]


def takes(chance: Random, *ways: list[str]) -> Terms:
    """The work a line takes, and what narrows it."""
    terms: Terms = {"work_types": chance.choice([*ways, ["remote"], ["onsite", "project"], ["*"]])}
    if terms["work_types"] and rarely(chance, 3):
        terms["covers"] = covers(chance)
    return terms


def covers(chance: Random, *, allowances: bool = True) -> Terms:
    found = chance.sample(
        [
            ("ticket_types", ["fault"]),
            ("priorities", ["P1"]),
            ("assets", ["a0", "rmm:a1"]),
            ("asset_types", ["server", "laptop"]),
            ("locations", ["Berlin"]),
            ("hours", chance.choice(WINDOWS)),
            ("hours", chance.choice(WINDOWS)),
        ],
        chance.choice([1, 1, 2]),
    )
    terms = dict(found)
    if allowances and rarely(chance, 2):
        terms["allowance_hours"] = figure(chance, 0, 9, 1)
        terms["allowance_cycle"] = chance.choice(["week", "month", "quarter", "year"])
    return terms


WINDOWS = (
    {"since": "08:00", "until": "18:00", "days": "mon,tue,wed,thu,fri"},
    {"since": "22:00", "until": "06:00", "days": "fri,sat,sun"},
    {"since": "12:00", "until": "24:00"},
)


def priced(chance: Random, start: date, *names: str) -> Terms:
    """A price per unit that may change, or tiers; `names` are the terms that steps change."""
    if rarely(chance, 3):
        return {"tiers": tiers(chance)}
    terms: Terms = {"unit_price": price(chance)}
    if rarely(chance, 3):
        terms["steps"] = steps(chance, start, *names)
    if rarely(chance, 4):
        terms["uplift"] = uplift(chance, start)
    return terms


def tiers(chance: Random) -> Terms:
    mode = chance.choice(["graduated", "volume", "stairstep", "package"])
    if mode == "package":
        size = figure(chance, 1, 4, 1)
        return {"mode": mode, "package_size": size, "package_price": price(chance)}
    edges = [*sorted(chance.sample(range(1, 9), chance.randint(0, 3))), None]
    found = []
    for edge in edges:
        step: Terms = {} if edge is None else {"up_to": edge}
        if mode != "stairstep":
            step["unit_price"] = price(chance)
        if mode == "stairstep" or rarely(chance, 2):
            step["flat_fee"] = price(chance)
        found.append(step)
    return {"mode": mode, "steps": found}


def steps(chance: Random, start: date, *names: str) -> list[Terms]:
    figures = {"unit_price": price, "quantity": lambda chance: figure(chance, 1, 9, 1)}
    days = sorted(chance.sample(range(1, 200), chance.randint(1, 3)))
    return [
        {"since": start + timedelta(days=day), name: figures[name](chance)}
        for day in days
        for name in [chance.choice(names)]
    ]


def uplift(chance: Random, start: date) -> Terms:
    since = start + timedelta(days=chance.randint(10, 200))
    if rarely(chance, 2):
        return {"since": since, "percent": chance.choice(["3", "-2.5", "7.25"])}
    return {
        "since": since,
        "index": "cpi",
        "base": chance.choice(["2025-06", "2024-11"]),
        "lag_months": chance.randint(0, 3),
        "floor_percent": chance.choice([None, "0", "0.4"]),
        "cap_percent": chance.choice([None, "0.6", "2"]),
    }


def allowing(chance: Random) -> Terms:
    terms: Terms = {}
    if rarely(chance, 3):
        terms["minimum_quantity"] = chance.randint(0, 4)
    if rarely(chance, 3):
        terms["included_quantity"] = figure(chance, 0, 2, 1)
    return terms


def fixed(chance: Random, start: date) -> Terms:
    quantity = {"quantity": figure(chance, 1, 9, 1)}
    recurring = {**scheduled(chance, start), **priced(chance, start, "unit_price", "quantity")}
    return {**recurring, **quantity, **takes(chance, [], [], [])}


COUNTED: Sequence[Terms] = (
    {"asset_types": ["*"]},
    {"asset_types": ["server"], "statuses": ["in use"]},
    {"groups": ["clinic"], "tags": ["backup", "patch"]},
    {"count_of": "users", "user_types": ["staff"]},
    {"count_of": "users", "groups": ["clinic"]},
    {"count_of": "licences", "products": ["office"]},
    {"count_of": "literal", "quantity": "2.5"},
)


def per_unit(chance: Random, start: date) -> Terms:
    counted = {"counted": chance.choice(["period_end", "peak", "average", "daily"])}
    recurring = {**scheduled(chance, start), **priced(chance, start, "unit_price")}
    return {
        **recurring,
        **chance.choice(COUNTED),
        **counted,
        **allowing(chance),
        **takes(chance, [], [], []),
    }


def usage(chance: Random, start: date) -> Terms:
    terms = {**scheduled(chance, start), "timing": "arrears"}
    del terms["proration"]
    terms |= {"meters": chance.choice([["*"], ["backup"]]), **takes(chance, [], [], [])}
    if rarely(chance, 3):
        return {**terms, "markup_percent": figure(chance, 0, 80, 1)}
    aggregate = chance.choice(["sum", "max", "last"])
    return {
        **terms,
        **priced(chance, start, "unit_price"),
        "aggregate": aggregate,
        **allowing(chance),
    }
