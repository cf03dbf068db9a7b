"""Allocation loses nothing: whatever is shared out, by whichever driver, sums to the cells."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.insight.allocation import CellKey, Driver, Worked, allocate
from tallystick.insight.profit import NOT_ALLOCATED, Figures, RowKey, together
from tallystick.insight.trend import sparkline


def _figures(**of: st.SearchStrategy[int]) -> st.SearchStrategy[Figures]:
    return st.fixed_dictionaries(of).map(lambda values: Figures(**values))


MONTHS = [date(2026, number, 1) for number in (7, 8, 9)]
keys = st.builds(
    CellKey,
    st.sampled_from(["", "C1", "C2"]),
    st.just("K1"),
    st.sampled_from(MONTHS),
    st.sampled_from(["EUR", "JPY"]),
)
worked = st.builds(
    Worked,
    keys,
    st.sampled_from(["T1", "T2", "T3", "no ticket"]),
    _figures(
        bookings=st.just(1),
        seconds=st.integers(0, 9000),
        labour_minor=st.integers(0, 9000),
        overhead_minor=st.integers(0, 900),
        uncosted_seconds=st.sampled_from([0, 60]),
        direct_minor=st.sampled_from([0, 0, 250]),
    ),
)
money = _figures(
    revenue_minor=st.integers(-(10**6), 10**7),
    direct_minor=st.integers(-500, 10**5),
    unexchanged_costs=st.integers(0, 2),
)
drivers: st.SearchStrategy[Driver] = st.sampled_from(["hours", "cost"])


def cells_of(done: list[Worked], extra: dict[CellKey, Figures]) -> dict[CellKey, Figures]:
    """The cells those works and sums make: every work is in its cell."""
    found = dict(extra)
    for one in done:
        found[one.cell] = found.get(one.cell, Figures()).plus(one.figures)
    return found


@given(st.lists(worked, max_size=12), st.dictionaries(keys, money, max_size=5), drivers)
def test_every_table_sums_to_the_cells(
    done: list[Worked], extra: dict[CellKey, Figures], driver: Driver
) -> None:
    cells = cells_of(done, extra)
    found = allocate(cells, done, driver)
    for currency in ("EUR", "JPY"):
        parts = [one for key, one in found.sums.items() if key.currency == currency]
        wholes = [one for key, one in cells.items() if key.currency == currency]
        assert together(parts) == together(wholes)


@given(st.lists(worked, max_size=12), st.dictionaries(keys, money, max_size=5), drivers)
def test_the_months_sum_to_the_quarter(
    done: list[Worked], extra: dict[CellKey, Figures], driver: Driver
) -> None:
    cells = cells_of(done, extra)
    whole = allocate(cells, done, driver).sums
    summed: dict[RowKey, Figures] = {}
    for month in MONTHS:
        own = {key: one for key, one in cells.items() if key.month == month}
        part = allocate(own, [one for one in done if one.cell.month == month], driver)
        for key, figures in part.sums.items():
            summed[key] = summed.get(key, Figures()).plus(figures)
    assert summed == whole


@given(st.lists(worked, min_size=1, max_size=12), st.integers(0, 10**7))
def test_a_part_gets_what_its_hours_say_to_the_cent(done: list[Worked], minor: int) -> None:
    cell = done[0].cell
    own = [one for one in done if one.cell == cell]
    cells = cells_of(own, {cell: Figures(revenue_minor=minor)})
    found = allocate(cells, own, "hours")
    seconds = sum(one.figures.seconds for one in own)
    for part in {one.part for one in own}:
        got = found.sums[RowKey(part, cell.currency)].revenue_minor
        worked_s = sum(one.figures.seconds for one in own if one.part == part)
        exact = Fraction(minor * worked_s, seconds) if seconds else Fraction(0)
        assert abs(got - exact) < 1


def test_what_nobody_worked_for_is_not_allocated() -> None:
    cell = CellKey("C1", "K1", MONTHS[0], "EUR")
    found = allocate({cell: Figures(revenue_minor=100)}, [], "hours")
    assert found.sums == {RowKey(NOT_ALLOCATED, "EUR"): Figures(revenue_minor=100)}


def test_cost_that_names_a_ticket_goes_to_it_alone() -> None:
    cell = CellKey("C1", "K1", MONTHS[0], "EUR")
    done = [
        Worked(cell, "T1", Figures(seconds=3600)),
        Worked(cell, "T2", Figures(seconds=3600)),
        Worked(cell, "T2", Figures(direct_minor=500)),
    ]
    found = allocate({cell: Figures(direct_minor=700, seconds=7200)}, done, "hours")
    spent = {key.ref: one.direct_minor for key, one in found.sums.items()}
    assert spent == {"T1": 100, "T2": 600}


@pytest.mark.parametrize(
    ("values", "bars"),
    [([], ""), ([0, 0], "▁▁"), ([0, 7], "▁█"), ([-7, 0, None, 7], "▁▄·█"), ([5], "█")],
)
def test_a_trend_in_small_bars(values: list[int | None], bars: str) -> None:
    assert sparkline(values) == bars
