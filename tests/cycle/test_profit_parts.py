"""What is kept of months shared out follows every change: it is what their work says now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import get_args

import pytest

from tallystick.insight.dimensions import By, Driver
from tallystick.period import Period
from tallystick.store.effort_schema import part_told, profit_cell
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


@pytest.mark.parametrize("seed", range(2))
def test_after_any_changes_a_table_is_those_of_its_clients(
    fresh: Callable[[], Msp], seed: int
) -> None:
    msp = ready(fresh())
    for turn in range(4):
        change_at_random(msp, 10 * seed + turn, changes=200, batch=50)
        for by in TABLES:
            driver = DRIVERS[turn % 2]
            assert kept(msp, by, driver) == of_each_client(msp, by, driver), (turn, by)
        close_before(msp, date(2026, turn + 2, 1))


def test_only_months_that_changed_are_shared_out_again(office: Msp) -> None:
    def told() -> set[date]:
        return {row.month for row in office.rows(part_told)}

    office.tell(cost_rate("R1"), booking("1"), booking("2", day=date(2026, 8, 3)))
    kept(office, "technician", "hours")
    whole = {one.start for one in YEAR.months()}
    assert told() == whole
    office.tell(booking("1", seconds=60))
    assert told() == whole - {SEPTEMBER.start}
    kept(office, "technician", "hours")
    office.tell(ticket("7", type="incident"))
    assert told() == whole, "nobody worked on it yet"
    office.tell(booking("2", day=date(2026, 8, 3), ticket="7"))
    assert told() == whole - {AUGUST.start}
    kept(office, "technician", "hours")
    office.tell(ticket("7", type="request"))
    assert told() == whole - {AUGUST.start}, "no sum changed, but what it is of did"
    office.bill(AUGUST)
    assert AUGUST.start not in told()
