"""What a count is made of: each thing with its part, which add up to the count."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.billing.facts import Facts
from tallystick.billing.quantities.counting import Census, How, Of, Rule, What, count, things_of
from tallystick.billing.quantities.listing import Listed, listed
from tallystick.period import Period
from tallystick.records import Asset, Contact, Contract, Licence

JULY = Period(date(2026, 7, 1), date(2026, 8, 1))
AGREED = Contract(id="C", client="K", name="Care", currency="EUR", starts_on=date(2026, 1, 1))
days = st.none() | st.dates(date(2026, 6, 20), date(2026, 8, 10))
lasting = st.lists(st.tuples(days, days, st.integers(0, 4)), max_size=8)


def facts_of(of: Of, found: list[tuple[date | None, date | None, int]]) -> Facts:
    return Facts(
        AGREED,
        (),
        assets=tuple(
            Asset(id=f"a{n}", name=f"pc-{n}", type="server", active_from=since, retired_on=until)
            for n, (since, until, _) in enumerate(found)
        ),
        users=tuple(
            Contact(id=f"u{n}", client="K", name=f"Kim {n}", active_from=since, retired_on=until)
            for n, (since, until, _) in enumerate(found)
        ),
        licences=tuple(
            Licence(
                id=f"l{n}",
                client="K",
                product=f"office {n}",
                quantity=Decimal(held),
                active_from=since,
                retired_on=until,
            )
            for n, (since, until, held) in enumerate(found)
        ),
    )


def parts(facts: Facts, of: Of, how: How) -> list[Listed]:
    return listed(facts, of, Rule(), ("*",), how, JULY)


@pytest.mark.parametrize("of", ["assets", "users", "licences"])
@given(lasting, st.sampled_from(get_args(How)))
def test_the_parts_add_up_to_the_count(
    of: Of, found: list[tuple[date | None, date | None, int]], how: How
) -> None:
    facts = facts_of(of, found)
    counted = count(Census(things_of(facts, of, Rule(), ("*",))), how, JULY, What("thing", ""))
    counts = [run.units * run.days.days for run in counted.runs]
    parted = parts(facts, of, how)
    assert sum((one.quantity for one in parted), Fraction(0)) == sum(counts, Fraction(0)) / 31
    assert [one.name for one in parted] == sorted(one.name for one in parted)
    assert all(one.days.overlap(JULY) == one.days for one in parted)


def test_a_part_is_told_with_its_type_and_days() -> None:
    came = (date(2026, 7, 22), None, 3)
    [server] = parts(facts_of("assets", [came]), "assets", "daily")
    assert server == ("pc-0", "server", Fraction(10, 31), Period(date(2026, 7, 22), JULY.end))
    [product] = parts(facts_of("licences", [came]), "licences", "period_end")
    assert product[:3] == ("office 0", "", 3)
    gone = facts_of("assets", [(None, date(2026, 7, 10), 1), (date(2026, 7, 5), None, 1)])
    assert [one.name for one in parts(gone, "assets", "peak")] == ["pc-0", "pc-1"]
    assert [one.name for one in parts(gone, "assets", "period_end")] == ["pc-1"]


@pytest.mark.parametrize("how", get_args(How))
def test_what_was_retired_on_the_day_it_came_is_in_no_count(how: How) -> None:
    came = date(2026, 7, 10)
    for gone in (came, date(2026, 7, 9)):
        never = Asset(id="a", name="a", type="nas", active_from=came, retired_on=gone)
        assert parts(Facts(AGREED, (), assets=(never,)), "assets", how) == []


def test_what_has_no_type_is_told_without_one() -> None:
    kim, nas = Contact(id="u", client="K", name="Kim"), Asset(id="a", name="nas")
    facts = Facts(AGREED, (), assets=(nas,), users=(kim,))
    assert [one.kind for of in ("assets", "users") for one in parts(facts, of, "daily")] == ["", ""]
