"""Random prepaid lines and retainers: every unit, way of buying, weight, overage and top-up."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

Some = st.SearchStrategy[Any]

QUANTITIES = {
    "hours": st.decimals("0.5", "6", places=1),
    "money": st.decimals("20", "500", places=2),
    "tokens": st.integers(1, 9).map(Decimal),
}
WEIGHTS = st.dictionaries(
    st.sampled_from(["remote", "onsite", "*"]), st.sampled_from(["0.5", "1.5", "0.333", "2"])
)
EXPIRIES = st.one_of(
    st.integers(1, 4).map(lambda n: {"months": n}), st.integers(5, 90).map(lambda n: {"days": n})
)
BANDS = [{"up_to": "2.5", "unit_price": "120"}, {"unit_price": "99.99"}]


@st.composite
def prepaid(draw: st.DrawFn, prices: Some, cycle: Some, card: Some, takes: Some) -> dict[str, Any]:
    unit = draw(st.sampled_from(["hours", "hours", "money", "tokens"]))
    quantity = draw(QUANTITIES[unit])
    terms = {
        "unit": unit,
        "quantity": quantity,
        "unit_price": draw(prices),
        "cycle": draw(cycle),
        "rate_card": draw(card),
        "work_types": draw(takes),
        "overage": draw(st.sampled_from(["rate", "rate", "bands", "refuse", "pass"])),
        "shared": draw(st.booleans()),
    }
    if terms["overage"] == "bands":
        terms["bands"] = BANDS
    if unit != "money":
        terms["weights"] = draw(WEIGHTS)
    if unit == "tokens":
        terms["drawn_per"] = draw(st.sampled_from(["hour", "booking"]))
    if draw(st.booleans()):
        terms["rollover_periods"] = draw(st.integers(0, 2))
    else:
        terms["bought"] = draw(st.sampled_from(["once", "every_cycle"]))
        terms["expires_after"] = draw(st.none() | EXPIRIES)
    if draw(st.integers(0, 2)) == 2:
        below = draw(st.sampled_from([Decimal(0), quantity / 2, quantity]))
        terms["top_up"] = {"below": below, "quantity": quantity, "unit_price": draw(prices)}
    return terms


@st.composite
def retainer(draw: st.DrawFn, prices: Some, cycle: Some, card: Some, takes: Some) -> dict[str, Any]:
    timing = draw(st.sampled_from(["advance", "arrears"]))
    return {
        "unit_price": draw(prices),
        "cycle": draw(cycle),
        "timing": timing,
        "rollover_periods": draw(st.integers(0, 2)) if timing == "advance" else 0,
        "rate_card": draw(card),
        "work_types": draw(takes),
    }
