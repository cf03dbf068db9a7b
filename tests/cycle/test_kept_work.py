"""Kept work: it belongs where billing takes it, and advice reads it as SQL alone would."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from tallystick.billing.assemble import assemble
from tallystick.insight.history import History
from tallystick.store.profit.schema import effort
from tallystick.views.histories import histories

from .msp import Msp
from .test_profit_cells import change_at_random, close_before, ready
from .test_profit_tables import ask, world
from .told import booking, client, contract, fixed, ticket

COSTED = """
SELECT c.id, substr(b.work_date, 1, 7), sum(b.seconds), sum((
    SELECT (2 * CAST(round(r.hourly * 100) AS INTEGER) * b.seconds + 3600) / 7200
    FROM cost_rate r WHERE r.technician = b.technician AND r.valid_from <= b.work_date
    ORDER BY r.valid_from DESC, r.id DESC LIMIT 1))
FROM booking b JOIN contract c ON c.client = b.client GROUP BY 1, 2
"""


@pytest.mark.parametrize("seed", range(8))
def test_work_is_kept_under_the_contract_billing_takes_it_to(
    fresh: Callable[[], Msp], seed: int
) -> None:
    msp = ready(fresh())
    change_at_random(msp, seed, changes=1000, batch=125)
    kept = {row.booking: row.contract for row in msp.rows(effort)}
    routed = {
        work.ref: own.contract.id
        for facts in msp.facts()
        for own in assemble(facts, msp.terms.models).contracts
        for work in own.works
    }
    assert len(routed) > 20
    assert {ref: kept[ref] for ref in routed} == routed


def test_another_clients_ticket_for_a_contract_nobody_knows_says_nothing(msp: Msp) -> None:
    """Billing asks the booking's own client then, and so does profit."""
    msp.tell(client(), contract(), fixed(), client("K2"))
    ready(msp)
    msp.tell(ticket("7", "K2", contract="gone"), ticket("8", "K1", contract="gone"))
    msp.tell(booking("1", "K1", ticket="7"), booking("2", "K1", ticket="8"))
    assert {row.booking: row.contract for row in msp.rows(effort)} == {
        "psa:1": "psa:C1",
        "psa:2": "",
    }


def read(msp: Msp, today: date = date(2027, 1, 10)) -> list[History]:
    return histories(msp.database, msp.terms, today, msp.cells)


def test_months_are_what_sql_alone_makes_of_bookings(fresh: Callable[[], Msp]) -> None:
    msp = world(fresh(), 2000)
    found = {
        (one.contract.removeprefix("psa:"), f"{month.first:%Y-%m}"): (month.seconds, month.cost)
        for one in read(msp)
        for month in one.months
        if month.seconds
    }
    expected = {(ref, name): (s, minor) for ref, name, s, minor in ask(msp, COSTED)}
    assert {key: (s, cost.minor) for key, (s, cost) in found.items()} == expected
    assert len(expected) > 400


@pytest.mark.parametrize("seed", range(3))
def test_advice_knows_of_no_closing(fresh: Callable[[], Msp], seed: int) -> None:
    """What came late to a closed month is told where it was done: a price stands on the work."""
    closed, open_still = ready(fresh()), ready(fresh())
    for msp in (closed, open_still):
        change_at_random(msp, seed, changes=500, batch=125)
    close_before(closed, date(2026, 7, 1))
    for msp in (closed, open_still):
        change_at_random(msp, seed + 50, changes=500, batch=125)
    assert read(closed, date(2026, 10, 10)) == read(open_still, date(2026, 10, 10))
    assert any(row.work_date < row.month for row in closed.rows(effort))
