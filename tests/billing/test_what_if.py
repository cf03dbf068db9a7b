"""What if: nothing changed is no difference, and the months lose nothing."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from msgspec.structs import replace

from tallystick.billing.facts import Facts
from tallystick.billing.what_if import Change, LineChange, changed, compare, hours_by_bucket
from tallystick.errors import Stop
from tallystick.period import Period
from tallystick.records import Contract, ContractLine

from .strategies import FINAL, facts
from .test_laws import priced

EVER = Period(date(2020, 1, 1), date(2030, 1, 1))
CONTRACT = Contract(id="psa:C", client="K", name="C", currency="EUR", starts_on=date(2026, 1, 1))
LINE = ContractLine(
    id="psa:L",
    contract="psa:C",
    description="Care",
    model="fixed",
    terms={"unit_price": "10", "quantity": "2"},
)


def edited(**change: object) -> ContractLine:
    [line] = changed((CONTRACT, [LINE]), Change(lines=[LineChange("L", **change)]))[1]  # type: ignore[arg-type]  # fields by name
    return line


@given(facts())
def test_nothing_changed_is_no_difference(of: Facts) -> None:
    contract, lines = changed((of.contract, of.lines), Change())
    now = priced(replace(of, contract=contract, lines=tuple(lines)))
    assert now == priced(of)
    months = compare(now.charges, priced(of).charges, EVER, {})
    assert not any(one.difference for one in months)
    assert all(
        one.before_s == one.after_s for one in hours_by_bucket(now.placements, now.placements)
    )


@given(facts())
def test_the_months_of_a_line_sum_to_its_charges(of: Facts) -> None:
    charges = priced(of, FINAL).charges
    expected: dict[str, int] = defaultdict(int)
    for one in charges:
        expected[one.line] += one.amount.minor
    found: dict[str, int] = defaultdict(int)
    for cell in compare([], charges, EVER, {}):
        assert not cell.before
        found[cell.line] += cell.after.minor
    assert found == expected


def test_terms_are_laid_over_those_in_force() -> None:
    assert edited(terms={"unit_price": "12"}).terms == {"unit_price": "12", "quantity": "2"}
    assert edited(drop=frozenset({"quantity"})).terms == {"unit_price": "10"}
    other = edited(fields={"model": "usage"}, terms={"meter": "gb"})
    assert (other.model, other.terms, other.description) == ("usage", {"meter": "gb"}, "Care")
    assert edited(fields={"model": "fixed"}).terms == LINE.terms


def test_lines_come_and_go() -> None:
    new = LineChange("N", {"model": "fixed"}, {"unit_price": Decimal(5)})
    _, lines = changed((CONTRACT, [LINE]), Change(lines=[new, LineChange("psa:L", remove=True)]))
    assert [(one.id, one.contract, one.description) for one in lines] == [("psa:N", "psa:C", "N")]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (Change(lines=[LineChange("X", remove=True)]), "no line X; it has psa:L"),
        (Change(lines=[LineChange("X", terms={"a": 1})]), "no line X"),
        (Change({"currency": "euro"}), "Contract psa:C cannot be changed like that"),
        (Change(lines=[LineChange("L", {"starts_on": "x"})]), "Line psa:L cannot be changed"),
    ],
)
def test_what_does_not_fit_is_a_sentence(change: Change, said: str) -> None:
    with pytest.raises(Stop, match=said):
        changed((CONTRACT, [LINE]), change)
