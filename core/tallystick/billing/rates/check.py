"""Rates that cannot be meant: two that nothing tells apart, and those that never apply."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import combinations
from typing import NamedTuple
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from tallystick.billing.rates.cascade import together
from tallystick.billing.rates.rules import NAMED, Rate, spellings
from tallystick.billing.windows import Window, cut

A_MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
UTC_ZONE = ZoneInfo("UTC")  # stands for the billing zone
WEEK_S = 7 * 24 * 3600


class Pointless(NamedTuple):
    """The number of the rate and why it cannot be meant."""

    nth: int
    what: str
    do: str


def pointless(rates: Sequence[Rate]) -> Iterator[Pointless]:
    """Every rate that another one is not told apart from, that none lets win, or that multiplies
    nothing. Overlap of hours is judged on a week without holidays."""
    for (_, one), (index, other) in combinations(enumerate(rates), 2):
        if alike(one, other):
            what = f"nothing tells it apart from another ({one}), and both can apply to one booking"
            do = "Give one a further condition, other hours or another `valid_from`."
            yield Pointless(index, what, do)
    for index, rate in enumerate(rates):
        if outdone := _outdone(rate, rates):
            what = f"it can never win: {outdone} always does"
            yield Pointless(index, what, "Remove it, or the hours that leave it nothing.")
        if rate.kind == "multiplier" and not any(
            other.kind == "hourly" and both_apply(rate, other) for other in rates
        ):
            what = "no hourly price of the card can apply where it does, so it multiplies nothing"
            yield Pointless(index, what, "Add the price it multiplies, or remove it.")


def alike(one: Rate, other: Rate) -> bool:
    """Whether some booking meets both and nothing says which wins."""
    key, other_key = ((rate.kind, rate.rank, rate.valid_from) for rate in (one, other))
    return key == other_key and both_apply(one, other)


def both_apply(one: Rate, other: Rate) -> bool:
    """Whether some booking could meet both."""
    in_force = one.valid_from < other.valid_until and other.valid_from < one.valid_until
    return in_force and all(_meet(name, one, other) for name in NAMED) and _at_once(one, other)


def _meet(name: str, one: Rate, other: Rate) -> bool:
    left, right = one.values(name), other.values(name)
    return (
        not left
        or not right
        or any(a in spellings(name, b) or b in spellings(name, a) for a in left for b in right)
    )


def _at_once(one: Rate, other: Rate) -> bool:
    """Whether both apply at some hour."""
    if not one.windows or not other.windows:
        return True
    return any(_overlap(a, b) for a in one.windows for b in other.windows)


def _overlap(one: Window, other: Window) -> bool:
    holidays = {one.on_holidays, other.on_holidays}
    if one.calendar == other.calendar and holidays == {"only", "closed"}:
        return False
    return any(all(inside) for *_, inside in together([_week(one), _week(other)]))


def _outdone(rate: Rate, rates: Sequence[Rate]) -> str:
    """The rates of some hours that leave a rate of any hour no hour of the week."""
    if rate.windows:
        return ""
    rivals = [
        one
        for one in rates
        if one.kind == rate.kind
        and one.windows
        and all(window.on_holidays == "same" for window in one.windows)
        and (one.rank, one.valid_from) > (rate.rank, rate.valid_from)
        and one.valid_from <= rate.valid_from
        and rate.valid_until <= one.valid_until
        and all(_includes(name, one, rate) for name in NAMED)
    ]
    weeks = [_week(window) for one in rivals for window in one.windows]
    if weeks and all(any(inside) for *_, inside in together(weeks)):
        return " or ".join(f"({one})" for one in rivals)
    return ""


def _includes(name: str, wide: Rate, narrow: Rate) -> bool:
    """Whether whatever meets this condition of `narrow` meets that of `wide`."""
    wanted, given = wide.values(name), narrow.values(name)
    return not wanted or (bool(given) and all(value in wanted for value in given))


def _week(window: Window) -> list[tuple[int, int, bool]]:
    plain = replace(window, on_holidays="same")
    return cut(A_MONDAY, WEEK_S, plain, UTC_ZONE)
