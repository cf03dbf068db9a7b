"""Lines over other lines: every amount from the charges they stand on, and what is refused."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.billing.charges import Charge
from tallystick.billing.facts import Facts
from tallystick.billing.models import SHIPPED
from tallystick.billing.pricing import price
from tallystick.billing.routing import read_lines
from tallystick.errors import SkipRecord
from tallystick.records import Contract, ContractLine

from .strategies import FINAL, OVER, book, facts
from .test_money_oracle import in_force, rounded

FEE: dict[str, object] = {"unit_price": "100.00"}


def standing_on(of: Facts, line: ContractLine, charges: list[Charge]) -> list[Charge]:
    plain = {one.id for one in of.lines if one.model not in OVER}
    named = {ref for name in line.terms["of"] for ref in (plain if name == "*" else [name])}
    return [one for one in charges if one.line in named]


@given(facts(), st.dates(date(2026, 2, 1), FINAL))
def test_a_discount_is_its_percentage_of_every_charge_that_starts_while_it_is_in_force(
    of: Facts, until: date
) -> None:
    pricing = price(of, until, SHIPPED, book("EUR"))
    charges = list(pricing.charges)
    earned: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for one in pricing.earnings:
        earned[one.line, one.basis] += one.amount.minor
    for line in of.lines:
        if line.model != "discount":
            continue
        off = {one.basis: one for one in charges if one.line == line.id}
        for target in standing_on(of, line, charges):
            found = off.pop(f"discount:{target.line}:{target.basis}", None)
            if not target.amount or not in_force(of, line, target.service.start):
                assert found is None
                continue
            assert found is not None
            share = Fraction(line.terms["percent"]) / 100
            assert found.amount.minor == rounded(-share * Fraction(target.amount.amount), 2)
            assert found.quantity * found.unit_price == -Decimal(
                line.terms["percent"]
            ) / 100 * Decimal(target.amount.amount)
            assert (found.service, found.account, found.tax_category, found.deferred) == (
                target.service,
                target.account,
                target.tax_category,
                target.deferred,
            )
            of_target = earned[target.line, target.basis] / target.amount.minor
            of_discount = Fraction(earned[line.id, found.basis])
            assert abs(of_discount - of_target * found.amount.minor) <= Fraction(1, 2)
        assert not off


def lines(*named: tuple[str, str, dict[str, object]]) -> list[ContractLine]:
    return [
        ContractLine(id=ref, contract="C", description=ref, model=model, terms=terms)
        for ref, model, terms in named
    ]


def refusal(*named: tuple[str, str, dict[str, object]]) -> str:
    contract = Contract(id="C", client="K", name="C", currency="EUR", starts_on=date(2026, 7, 1))
    with pytest.raises(SkipRecord) as refused:
        read_lines(contract, lines(*named), SHIPPED)
    return str(refused.value)


def test_a_line_that_is_not_there_is_named_with_those_that_are() -> None:
    assert refusal(
        ("psa:1", "fixed", FEE), ("psa:2", "discount", {"of": ["1", "9"], "percent": "10"})
    ) == (
        "The line is priced from line '9', which its contract does not have; there is psa:1."
        " (contract_line psa:2) Correct `of` in its terms at its source."
    )


@pytest.mark.parametrize("circle", [[("a", "b"), ("b", "a")], [("a", "a")]])
def test_lines_priced_from_each_other_are_refused(circle: list[tuple[str, str]]) -> None:
    named = [(ref, "discount", {"of": [other], "percent": "1"}) for ref, other in circle]
    assert "are priced from each other in a circle" in refusal(*named)


@pytest.mark.parametrize("percent", ["0", "-5", "100.1"])
def test_a_discount_of_nothing_or_more_than_all_is_refused(percent: str) -> None:
    assert "above 0 and at most 100" in refusal(("a", "discount", {"percent": percent}))
