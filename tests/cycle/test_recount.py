"""Agreed quantities that follow devices: asked once, let through by another, billed from a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tallystick.billing.devices.following import Difference, Following
from tallystick.billing.quantities.counting import Rule
from tallystick.cycle import recount
from tallystick.cycle.recount import RecountReport
from tallystick.errors import Stop
from tallystick.records import Asset, ContractLine
from tallystick.store.books import control

from .msp import SEPTEMBER, Msp
from .told import client, contract

STATIONS = Following("managed work*", Rule(types=("workstation",)))
TODAY = date(2026, 9, 16)
LINE = "psa:seats"


def line(quantity: str = "5", ref: str = "seats", **terms: Any) -> ContractLine:
    own = {"count_of": "literal", "unit_price": "30", "quantity": quantity, **terms}
    return ContractLine(
        id=ref, contract="C1", description="Managed workstation", model="per_unit", terms=own
    )


def device(number: int, **more: Any) -> Asset:
    told = {"client": "K1", "type": "workstation", **more}
    return Asset(id=f"d{number}", name=f"PC-{number}", **told)


@pytest.fixture
def shop(fresh: Any) -> Msp:
    """A line for five workstations, of which the monitoring knows seven."""
    msp: Msp = fresh()
    msp.terms = replace(msp.terms, homes={**msp.terms.homes, "asset": "psa"})
    msp.clock = datetime(2026, 9, 16, 12, tzinfo=UTC)
    msp.tell(
        client(), contract(starts_on=date(2026, 9, 1)), line(), *(device(n) for n in range(1, 8))
    )
    return msp


def count(msp: Msp) -> list[Difference]:
    return recount.count(msp.database, msp.terms, [STATIONS], TODAY, lambda _: None).differences


def ask(msp: Msp, since: date = TODAY, by: str = "anna") -> RecountReport:
    return recount.ask(msp.database, count(msp), since, by, msp.now)


def approve(msp: Msp, by: str = "bernd", **how: bool) -> Any:
    return recount.approve(msp.database, LINE, by, msp.now, **how)


def billed(msp: Msp) -> list[Decimal]:
    """What the lines of September's proposal come to."""
    told = msp.propose(SEPTEMBER)
    return [one.net.amount for found in (*told.proposed, *told.unchanged) for one in found.lines]


def test_a_difference_is_told_with_its_devices_and_its_worth(shop: Msp) -> None:
    [one] = count(shop)
    assert (one.line, one.agreed, one.counted) == (LINE, 5, 7)
    assert one.devices == tuple(f"PC-{n}" for n in range(1, 8))
    assert str(one.monthly) == "60.00 EUR"


def test_the_same_count_asks_once_and_nothing_moves_before_it_is_approved(shop: Msp) -> None:
    before = billed(shop)
    assert [one.change.quantity for one in ask(shop).asked] == [7]
    assert ask(shop).asked == []
    assert billed(shop) == before


def test_whoever_asked_does_not_approve(shop: Msp) -> None:
    ask(shop)
    with pytest.raises(Stop, match="second person"):
        approve(shop, "anna")
    with pytest.raises(Stop, match="less than 24 hours ago"):
        approve(shop, "anna", sole_operator=True)
    shop.clock += timedelta(hours=24)
    assert approve(shop, "anna", sole_operator=True).change.quantity == 7


def test_it_is_billed_from_its_day_and_days_before_stay_as_they_were(shop: Msp) -> None:
    ask(shop)
    approve(shop)
    # September has 30 days: 15 of five and 15 of seven
    assert sum(billed(shop)) == Decimal("75.00") + Decimal("105.00")
    assert count(shop) == [] and ask(shop).asked == []


def test_what_was_billed_before_does_not_move_unless_it_is_said(shop: Msp) -> None:
    shop.bill()
    ask(shop, since=date(2026, 10, 1))
    approve(shop)
    assert shop.propose(SEPTEMBER).proposed == []
    assert ask(shop).asked == [], "it is so from a later day"


def test_asked_for_from_an_earlier_day_it_corrects_what_was_billed(shop: Msp) -> None:
    shop.bill()
    ask(shop, since=date(2026, 9, 1))
    approve(shop)
    [proposed] = shop.propose(SEPTEMBER).proposed
    assert str(proposed.net) == "60.00 EUR"
    assert all(one.corrects for one in proposed.lines)


def test_a_count_that_is_as_agreed_again_is_asked_for_no_more(shop: Msp) -> None:
    ask(shop)
    shop.tell(*(device(n, retired_on=date(2026, 9, 1)) for n in (6, 7)))
    report = ask(shop)
    assert [one.change.line for one in report.withdrawn] == [LINE]
    with pytest.raises(Stop, match="No change of line"):
        approve(shop)
    shop.tell(device(8))
    assert [one.change.quantity for one in ask(shop).asked] == [6]


def test_what_was_refused_is_not_asked_again_until_the_count_is_another(shop: Msp) -> None:
    ask(shop)
    recount.refuse(shop.database, LINE, "bernd", shop.now)
    assert ask(shop).asked == []
    shop.tell(device(8))
    assert [one.change.quantity for one in ask(shop).asked] == [8]


def test_whoever_changes_it_at_home_has_the_last_word(shop: Msp) -> None:
    ask(shop)
    shop.tell(line("6"))
    with pytest.raises(Stop, match="its home says 6 now"):
        approve(shop)
    ask(shop)
    approve(shop)
    assert count(shop) == []
    shop.tell(line("9"))
    assert [(one.agreed, one.counted) for one in count(shop)] == [(9, 7)]


def test_a_home_that_takes_the_number_over_moves_nothing(shop: Msp) -> None:
    """Most service desks keep one number and no date: what was billed before stays."""
    ask(shop)
    approve(shop)
    before = billed(shop)
    shop.tell(line("7"))
    assert billed(shop) == before and sum(before) == Decimal("180.00")
    shop.tell(device(8))
    shop.clock += timedelta(days=1)
    recount.ask(shop.database, count(shop), date(2026, 9, 26), "anna", shop.now)
    approve(shop)
    shop.tell(line("8"))
    # fifteen days of five, ten of seven, five of eight
    assert sum(billed(shop)) == Decimal("75.00") + Decimal("70.00") + Decimal("40.00")


def test_of_two_lines_for_the_same_devices_nobody_is_asked(shop: Msp) -> None:
    shop.tell(line("2", "more"))
    assert {one.why for one in count(shop)} == {"2 lines of this client are for the same devices"}
    assert ask(shop).asked == []


def test_steps_of_the_line_itself_stay(shop: Msp) -> None:
    steps = [{"since": "2026-09-16", "unit_price": "40"}, {"since": "2027-01-01", "quantity": "9"}]
    shop.tell(line(steps=steps))
    ask(shop)
    approve(shop)
    [facts] = shop.facts()
    [(_, [found])] = facts.contracts
    told = [
        (str(one["since"]), one.get("quantity"), one.get("unit_price"))
        for one in found.terms["steps"]
    ]
    assert told == [("2026-09-16", Decimal(7), Decimal(40)), ("2027-01-01", Decimal(9), None)]


def test_everything_said_stands_in_the_chained_log(shop: Msp) -> None:
    ask(shop)
    approve(shop)
    with shop.database.read() as connection:
        kinds = [(row.kind, row.by, row.subject) for row in control.events(connection)]
    assert kinds == [("quantity", "anna", LINE), ("quantity_approved", "bernd", LINE)]
