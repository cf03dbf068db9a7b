"""What is kept of months shared out follows every change: it is what their work says now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import get_args

import pytest

from tallystick.insight.dimensions import By, Driver
from tallystick.period import Period
from tallystick.store.profit.parts_told import span_of
from tallystick.store.profit.schema import part_told, profit_cell
from tallystick.views import profit_kept
from tallystick.views.profit import ProfitView, profit
from tallystick.views.profit_parts import PARTS

from .msp import AUGUST, SEPTEMBER, Msp
from .test_profit_cells import change_at_random, close_before, ready
from .told import booking, cost_rate, ticket

YEAR = Period(date(2026, 1, 1), date(2027, 1, 1))
Figures = Counter[tuple[str, str, str]]
TABLES: list[By] = [one for one in get_args(By) if one in PARTS]
DRIVERS: list[Driver] = [*get_args(Driver)]


def figures(found: ProfitView) -> Figures:
    told = Figures()
    for row in found.rows:
        at = (row.ref, row.revenue.currency)
        told[*at, "revenue"] += row.revenue.minor
        told[*at, "labour"] += row.labour.minor
        told[*at, "direct"] += row.direct_cost.minor
        told[*at, "seconds"] += row.seconds
    return Figures({key: many for key, many in told.items() if many})


def kept(msp: Msp, by: By, driver: Driver) -> Figures:
    return figures(profit(msp.database, msp.cells, YEAR, by, driver=driver))


def of_each_client(msp: Msp, by: By, driver: Driver) -> Figures:
    """One client's table is shared out when it is asked for."""
    whole = Figures()
    for ref in sorted({row.client for row in msp.rows(profit_cell)}):
        own = profit(msp.database, msp.cells, YEAR, by, driver=driver, client=ref)
        whole.update(figures(own))
    return Figures({key: many for key, many in whole.items() if many})


def of_each_month(msp: Msp, by: By, driver: Driver) -> Figures:
    """A year is kept as the sum of its months; these by themselves sum to it."""
    whole = Figures()
    for one in YEAR.months():
        whole.update(figures(profit(msp.database, msp.cells, one, by, driver=driver)))
    return Figures({key: many for key, many in whole.items() if many})


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are chosen from as soon as there are two."""
    monkeypatch.setattr(profit_kept, "FEW", 1)


def first_rows(msp: Msp, by: By, driver: Driver, shown: int) -> None:
    """What the database finds to be the first rows are the first of all, and so are the sums."""
    for period in (YEAR, SEPTEMBER, Period(date(2026, 11, 1), date(2028, 2, 1))):
        asked = (msp.database, msp.cells, period, by)
        every = profit(*asked, driver=driver)
        first = profit(*asked, driver=driver, shown=shown)
        kinds = sorted({row.currency for row in every.rows})
        of = {one: [row for row in every.rows if row.currency == one] for one in kinds}
        assert first.rows == [row for one in kinds for row in of[one][:shown]]
        assert first.totals == every.totals
        assert first.quality == every.quality
        left = {one: len(of[one]) - shown for one in kinds if len(of[one]) > shown}
        assert first.left == left


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.usefixtures("many")
def test_after_any_changes_a_table_is_those_of_its_clients(
    fresh: Callable[[], Msp], seed: int
) -> None:
    msp = ready(fresh())
    for turn in range(4):
        change_at_random(msp, 10 * seed + turn, changes=200, batch=50)
        for by in TABLES:
            driver = DRIVERS[turn % 2]
            whole = kept(msp, by, driver)
            assert whole == of_each_client(msp, by, driver), (turn, by)
            if by == TABLES[turn]:
                assert whole == of_each_month(msp, by, driver), (turn, by)
                first_rows(msp, by, driver, 3)
        close_before(msp, date(2026, turn + 2, 1))


def test_what_must_be_made_first_is_told_while_it_is(office: Msp) -> None:
    seen: list[str] = []
    done: list[int] = []

    @contextmanager
    def step(what: str) -> Iterator[Callable[[int], None]]:
        seen.append(what)
        yield done.append

    office.tell(cost_rate("R1"), booking("1"), booking("2", day=date(2026, 8, 3)))
    every = "effort and profit of all bookings"
    shared = "bookings whose months are shared out by"
    makes: dict[By, tuple[list[str], int]] = {
        "technician": ([every, f"{shared} technician"], 4),
        "asset": ([f"{shared} asset"], 2),
        "line": (["clients whose work is placed on lines"], 1),
    }
    for by, (steps, many) in makes.items():
        for expected in ((steps, many), ([], 0)):
            del done[:], seen[:]
            profit(office.database, office.cells, YEAR, by, office.terms, step=step)
            assert (seen, sum(done)) == expected


def test_only_months_that_changed_are_shared_out_again(office: Msp) -> None:
    def told() -> set[str]:
        return {row.span for row in office.rows(part_told) if row.span != "2026"}

    office.tell(cost_rate("R1"), booking("1"), booking("2", day=date(2026, 8, 3)))
    kept(office, "technician", "hours")
    august, september = span_of(AUGUST.start), span_of(SEPTEMBER.start)
    whole = {span_of(one.start) for one in YEAR.months()}
    assert told() == whole
    office.tell(booking("1", seconds=60))
    assert told() == whole - {september}
    kept(office, "technician", "hours")
    office.tell(ticket("7", type="incident"))
    assert told() == whole, "nobody worked on it yet"
    office.tell(booking("2", day=date(2026, 8, 3), ticket="7"))
    assert told() == whole - {august}
    kept(office, "technician", "hours")
    office.tell(ticket("7", type="request"))
    assert told() == whole - {august}, "no sum changed, but what it is of did"
    office.bill(AUGUST)
    assert august not in told()
