"""Random terms in time: cycles, spans of days, price steps and uplifts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from hypothesis import strategies as st

days = st.dates(date(2025, 12, 10), date(2026, 9, 30))
prices = st.decimals("0.01", "500", places=2)
cycle = st.sampled_from(["month", "quarter", "year"])


def spans() -> st.SearchStrategy[list[dict[str, date]]]:
    """Spans in order that share no day, mostly none; the last one may be open."""

    def of(edges: set[date]) -> list[dict[str, date]]:
        in_order = sorted(edges)
        pairs = [in_order[i : i + 2] for i in range(0, len(in_order), 2)]
        return [dict(zip(("since", "until"), pair, strict=False)) for pair in pairs]

    return st.just([]) | st.sets(days, max_size=4).map(of)


@st.composite
def steps(draw: st.DrawFn, *names: str) -> list[dict[str, object]]:
    """Dated changes of the terms `names`, in order."""
    figures = {"unit_price": prices, "quantity": st.decimals("0.5", "9", places=1)}
    found: list[dict[str, object]] = []
    for day in sorted(draw(st.sets(days, max_size=3))):
        chosen = draw(st.lists(st.sampled_from(names), min_size=1, unique=True))
        found.append({"since": day, **{name: draw(figures[name]) for name in chosen}})
    return found


INDEX = {
    date(year, month, 1): Decimal(1000 + 3 * year - 2 * month * (year % 3)) / 10
    for year in range(2019, 2032)
    for month in range(1, 13)
}
by_percent = st.fixed_dictionaries(
    {"since": days, "percent": st.sampled_from(["3", "-2.5", "7.25"])}
)
by_index = st.fixed_dictionaries(
    {
        "since": days,
        "index": st.just("cpi"),
        "base": st.sampled_from(["2025-06", "2024-11"]),
        "lag_months": st.integers(0, 3),
        "floor_percent": st.sampled_from([None, "0", "0.4"]),
        "cap_percent": st.sampled_from([None, "0.6", "2"]),
    }
)
uplift = st.none() | by_percent | by_index


scheduled = {
    "cycle": cycle,
    "every": st.sampled_from([1, 1, 2]),
    "align": st.sampled_from(["calendar", "contract", "line"]),
    "anchor_day": st.sampled_from([None, None, 15, 31]),
    "timing": st.sampled_from(["arrears", "advance"]),
    "proration": st.sampled_from(["actual_days", "thirty_day_month", "none", "full"]),
    "trial_days": st.sampled_from([0, 0, 17]),
    "free": spans(),
    "pauses": spans(),
}
