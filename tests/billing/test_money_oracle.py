"""Every amount recomputed another way: day by day and second by second, in exact fractions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.billing.facts import Facts, Work
from tallystick.billing.models import SHIPPED
from tallystick.billing.pricing import Pricing, price
from tallystick.records import Contract, ContractLine

from .contract_oracle import PLACES, entries
from .strategies import FINAL, book, drawing, facts
from .work_oracle import PREPAID, place


def charged(pricing: Pricing) -> Mapping[str, list[int]]:
    """Minor units by line, zeros left out, in ascending order."""
    found: dict[str, list[int]] = defaultdict(list)
    for charge in pricing.charges:
        found[charge.line] += [charge.amount.minor] if charge.amount else []
    return defaultdict(list, {line: sorted(amounts) for line, amounts in found.items()})


@pytest.mark.parametrize("currency", PLACES)
@given(data=st.data(), until=st.dates(date(2026, 2, 1), FINAL))
def test_every_line_comes_to_what_the_oracle_says(
    currency: str, data: st.DataObject, until: date
) -> None:
    of = data.draw(facts(currency))
    pricing = price(of, until, SHIPPED, book(currency))
    assert {one.amount.currency for one in pricing.charges} <= {currency}
    mine, theirs = charged(pricing), entries(of, until)
    for line in of.lines:
        assert mine[line.id] == sorted(one.amount for one in theirs[line.id] if one.amount), line


@pytest.mark.parametrize("currency", PLACES)
@given(data=st.data(), until=st.dates(date(2026, 2, 1), FINAL))
def test_every_balance_is_drawn_as_the_oracle_draws_it(
    currency: str, data: st.DataObject, until: date
) -> None:
    drawn_alike(data.draw(drawing(currency)), until)


def drawn_alike(of: Facts, until: date) -> None:
    places = PLACES[of.contract.currency]
    pricing = price(of, until, SHIPPED, book(of.contract.currency))
    mine, expected = charged(pricing), place(of, until, places).pool
    for line in of.lines:
        if line.model in PREPAID:
            theirs = sorted(one.amount for one in expected.charges[line.id] if one.amount)
            assert mine[line.id] == theirs, line
    scale = {"hours": 3600, "tokens": 1, "money": 10**places}
    for one in pricing.balances:
        (theirs,) = (
            package
            for package in expected.packages
            if (package.line, package.basis) == (one.line, one.basis)
        )
        units = scale[one.unit]
        left = (one.left + one.expired) * units
        assert (theirs.bought, theirs.left) == (one.bought * units, left)
        assert theirs.last == one.valid.last_day
    assert len(pricing.balances) == len(expected.packages)


def test_what_never_expires_is_drawn_after_what_expires_however_late() -> None:
    block: dict[str, Any] = {
        "unit": "hours",
        "quantity": "0.5",
        "unit_price": "1",
        "cycle": "month",
        "rate_card": "exact",
        "overage": "rate",
        "bought": "once",
    }
    rolled = {**block, "unit": "tokens", "quantity": "1", "cycle": "year", "rate_card": "quarter"}
    rolled = {**rolled, "bought": "every_cycle", "rollover_periods": 1}
    of = drawn_on(block, rolled, seconds=[1, 1, 1, 1])
    drawn_alike(of, date(2026, 2, 1))
    left = price(of, date(2026, 2, 1), SHIPPED, book("KWD")).balances
    assert [(one.line, one.left * 3600) for one in left] == [("L0", 1798), ("L1", 0)]


def drawn_on(*lines: dict[str, Any], seconds: Sequence[int]) -> Facts:
    contract = Contract(id="C", client="K", name="C", currency="KWD", starts_on=date(2026, 1, 1))
    day = date(2026, 1, 5)
    return Facts(
        contract,
        tuple(
            ContractLine(id=f"L{n}", contract="C", description="", model="prepaid", terms=terms)
            for n, terms in enumerate(lines)
        ),
        tuple(Work(f"w{n}", day, each, work_type="remote") for n, each in enumerate(seconds)),
    )
