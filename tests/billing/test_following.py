"""Agreed quantities: whatever of the changes their home took over, each day has its own number."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tallystick.billing.devices.following import Change, changed, quantity_on
from tallystick.records import ContractLine

START = date(2026, 1, 1)
LINE = ContractLine(
    id="L", contract="C", description="Seats", model="per_unit", terms={"quantity": "5"}
)


def at_home(quantity: int) -> ContractLine:
    return replace(LINE, terms={"quantity": str(quantity)})


@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), max_size=6))
def test_each_day_is_for_what_was_let_through_by_then(told: list[tuple[int, bool]]) -> None:
    """A home takes some numbers over and leaves others; which of it does not matter."""
    home, changes, expected = 5, [], [Decimal(5)]
    for nth, (counted, takes_over) in enumerate(told, 1):
        since = START + timedelta(days=10 * nth)
        changes.append(Change("L", since, Decimal(counted), Decimal(home)))
        expected.append(Decimal(counted))
        home = counted if takes_over else home
        line = changed(at_home(home), changes)
        for at, quantity in enumerate(expected):
            assert quantity_on(line, START + timedelta(days=10 * at)) == quantity
            assert quantity_on(line, START + timedelta(days=10 * at + 9)) == quantity


def test_another_number_at_home_is_the_last_word() -> None:
    changes = [Change("L", START, Decimal(7), Decimal(5))]
    line = changed(at_home(6), changes)
    assert [quantity_on(line, START + timedelta(days=n)) for n in (-1, 0, 99)] == [6, 6, 6]
    again = [*changes, Change("L", date(2026, 3, 1), Decimal(8), Decimal(6))]
    line = changed(at_home(8), again)
    assert [quantity_on(line, date(2026, month, 1)) for month in (1, 2, 3)] == [6, 6, 8]
