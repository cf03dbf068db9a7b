"""Random terms of every charge model, and lines of them.

To add a charge model: write a function here that draws the terms of a line whose first day is
`start`, and name it in `MODELS`. What a line of it must come to is said in
`tests/billing/contract_oracle.py`; facts it needs are drawn in `happenings.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from random import Random
from typing import Any

from tests.billing.prepaid_terms import BANDS

from tallystick.records import ContractLine

from .recurring import (
    CATEGORIES,
    Terms,
    covers,
    figure,
    fixed,
    per_unit,
    price,
    rarely,
    takes,
    usage,
)


def cycle(chance: Random) -> Terms:
    terms: Terms = {
        "cycle": chance.choice(["month", "month", "quarter", "year", "week"]),
        "every": chance.choice([1, 1, 1, 2]),
        "align": chance.choice(["calendar", "contract", "line"]),
    }
    if terms["cycle"] != "week" and rarely(chance, 4):
        terms["anchor_day"] = chance.choice([15, 31])
    return terms


def per_incident(chance: Random, start: date) -> Terms:
    terms: Terms = {
        "priorities": chance.choice([["*"], ["P1"]]),
        "sla_credit_percent": chance.choice(["0", "12.5", "100"]),
        "included": chance.choice([0, 0, 1, 2]),
        "cycle": chance.choice(["month", "quarter"]),
        **takes(chance, [], []),
    }
    plain = rarely(chance, 2)
    if plain:
        terms["unit_price"] = price(chance)
    if not plain or rarely(chance, 2):
        terms["prices"] = [
            {"types": ["fault"], "unit_price": price(chance)},
            {"types": ["fault"], "priorities": ["P1"], "unit_price": price(chance)},
        ]
    return terms


def time_and_materials(chance: Random, start: date) -> Terms:
    card = chance.choice(["quarter", "quarter", "exact", "split", "split", "lost"])
    return {"rate_card": card, **takes(chance, ["*"], ["*"])}


def prepaid(chance: Random, start: date) -> Terms:
    unit = chance.choice(["hours", "hours", "money", "tokens"])
    most = {"hours": 9, "money": 900, "tokens": 12}[unit]
    terms: Terms = {
        **cycle(chance),
        "unit": unit,
        "quantity": figure(chance, 1, most, 1),
        "unit_price": price(chance),
        "rate_card": chance.choice(["quarter", "exact", "split", "split", "lost"]),
        "overage": chance.choice(["rate", "rate", "bands", "refuse", "pass"]),
        "shared": rarely(chance, 2),
        **drawn_by(chance),
    }
    if terms["overage"] == "bands":
        terms["bands"] = BANDS
    if unit != "money" and rarely(chance, 2):
        kinds = chance.sample(["remote", "onsite", "*"], 2)
        terms["weights"] = {kind: chance.choice(["0.5", "1.5", "0.333", "2"]) for kind in kinds}
    if unit == "tokens":
        terms["drawn_per"] = chance.choice(["hour", "booking"])
    if rarely(chance, 2):
        terms["rollover_periods"] = chance.choice([0, 1, 2])
    else:
        terms["bought"] = chance.choice(["once", "every_cycle"])
        months, days = {"months": chance.randint(1, 4)}, {"days": chance.randint(5, 90)}
        terms["expires_after"] = chance.choice([None, months, days])
    if rarely(chance, 3):
        held = terms["quantity"]
        below = chance.choice([0, 1, 2]) * held / 2
        terms["top_up"] = {"below": below, "quantity": held, "unit_price": price(chance)}
    return terms


def retainer(chance: Random, start: date) -> Terms:
    timing = chance.choice(["advance", "advance", "arrears"])
    return {
        **cycle(chance),
        "unit_price": price(chance),
        "timing": timing,
        "rollover_periods": chance.choice([0, 1, 2]) if timing == "advance" else 0,
        "rate_card": chance.choice(["quarter", "exact", "split", "split", "lost"]),
        **drawn_by(chance),
    }


def drawn_by(chance: Random) -> Terms:
    terms: Terms = {"work_types": chance.choice([["*"], ["*"], ["remote"], ["onsite", "project"]])}
    if rarely(chance, 5):
        terms["covers"] = covers(chance, allowances=False)
    return terms


def one_off(chance: Random, start: date) -> Terms:
    def when() -> Terms:
        on = {"on": start + timedelta(days=chance.randint(-3, 200))}
        return chance.choice([on, {"ticket": chance.choice(["t0", "psa:t1", "t2"])}])

    if rarely(chance, 2):
        return {"unit_price": price(chance), "quantity": chance.randint(1, 3), **when()}
    steps = range(chance.randint(1, 3))
    return {"milestones": [{"name": f"M{n}", "amount": price(chance), **when()} for n in steps]}


def discount(chance: Random, start: date) -> Terms:
    if rarely(chance, 2):
        return {"percent": figure(chance, 1, 100, 1)}
    return {**over_cycles(chance), "amount": price(chance)}


def percentage(chance: Random, start: date) -> Terms:
    terms = {**over_cycles(chance), "percent": figure(chance, 1, 300, 1)}
    if rarely(chance, 2):
        terms["minimum"] = figure(chance, 0, 50)
    if rarely(chance, 2):
        terms["maximum"] = figure(chance, 50, 500)
    return terms


def commitment(chance: Random, start: date) -> Terms:
    least, most = {"minimum": figure(chance, 0, 900)}, {"cap": figure(chance, 900, 2000)}
    return {**over_cycles(chance), **chance.choice([least, least, most, {**least, **most}])}


def over_cycles(chance: Random) -> Terms:
    convention = chance.choice(["actual_days", "thirty_day_month", "none", "full"])
    return {**cycle(chance), "proration": convention}


Model = Callable[[Random, date], Terms]
MODELS: Mapping[str, Model] = {
    "fixed": fixed,
    "per_unit": per_unit,
    "usage": usage,
    "per_incident": per_incident,
    "time_and_materials": time_and_materials,
    "prepaid": prepaid,
    "retainer": retainer,
    "one_off": one_off,
}
OVER: Mapping[str, Model] = {
    "discount": discount,
    "percentage": percentage,
    "commitment": commitment,
}
"""Lines over other lines, named in `of`."""


def lines(chance: Random, contract: str, start: date) -> list[ContractLine]:
    """One to four lines, and up to two that stand on them or on one another."""
    found = [
        line(chance, f"psa:{contract}-L{number}", contract, start, MODELS)
        for number in range(chance.randint(1, 4))
    ]
    for number in range(chance.choice([0, 0, 1, 1, 2])):
        one, last = chance.choice(found).id, found[-1].id.partition(":")[2]
        of = chance.choice([["*"], ["*"], [one], [last]])
        found.append(line(chance, f"psa:{contract}-O{number}", contract, start, OVER, of=of))
    return found


def line(
    chance: Random,
    ref: str,
    contract: str,
    start: date,
    models: Mapping[str, Model],
    **more: Any,
) -> ContractLine:
    model = chance.choice(list(models) if models is OVER else [*models, "time_and_materials"])
    first = start + timedelta(days=chance.choice([0, 0, 0, chance.randint(1, 90)]))
    terms = {**models[model](chance, first), **more}
    category = chance.choice(CATEGORIES)
    if category:
        terms["tax_category"] = category
    last = first + timedelta(days=chance.randint(20, 200)) if rarely(chance, 6) else None
    return ContractLine(
        id=ref,
        contract=contract,
        description=f"{model} {ref}",
        model=model,
        terms=terms,
        starts_on=None if first == start else first,
        ends_on=last,
    )
