"""What tiers come to, reckoned another way than billing does: by how much lies above each edge."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

prices = st.decimals("0", "60", places=2)


@st.composite
def tiers(draw: st.DrawFn) -> dict[str, Any]:
    mode = draw(st.sampled_from(["graduated", "volume", "stairstep", "package"]))
    if mode == "package":
        size = draw(st.decimals("0.5", "4", places=1))
        return {"mode": mode, "package_size": size, "package_price": draw(prices)}
    edges: list[int | None] = [*sorted(draw(st.sets(st.integers(1, 6), max_size=3))), None]
    steps = []
    for edge in edges:
        step: dict[str, Any] = {} if edge is None else {"up_to": edge}
        if mode != "stairstep":
            step["unit_price"] = draw(prices)
        if mode == "stairstep" or draw(st.booleans()):
            step["flat_fee"] = draw(prices)
        steps.append(step)
    return {"mode": mode, "steps": steps}


def tiered(units: Fraction, of: Mapping[str, Any]) -> Fraction:
    """What `units` cost in major units."""
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
        return sum(
            ((units - edge) * (price - was) + fee)
            for (edge, price, fee), was in zip(reached, before, strict=False)
        ) + Fraction(0)
    _, price, fee = reached[-1]
    return fee + (units * price if of["mode"] == "volume" else 0)
