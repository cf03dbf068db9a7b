"""Lines over other lines: every amount from the charges they stand on, and what is refused."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tallystick.billing.charges import Charge
from tallystick.billing.facts import Facts
from tallystick.billing.invoice.difference import difference
from tallystick.billing.models import SHIPPED
from tallystick.billing.pricing import price
from tallystick.billing.routing import read_lines
from tallystick.errors import SkipRecord
from tallystick.period import Period
from tallystick.records import Contract, ContractLine

from .issued import issue
from .over_oracle import agreed
from .schedule_oracle import cycles, in_force, rounded, share
from .strategies import FINAL, OVER, book, facts

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
        if "percent" not in line.terms or line.model != "discount":
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


@given(facts(), st.dates(date(2026, 2, 1), FINAL))
def test_a_cycle_comes_to_what_was_agreed_on_what_falls_due_in_it(of: Facts, until: date) -> None:
    charges = list(price(of, until, SHIPPED, book("EUR")).charges)
    for line in of.lines:
        if line.model not in OVER or (line.model == "discount" and "percent" in line.terms):
            continue
        mine: dict[str, list[Charge]] = defaultdict(list)
        for one in charges:
            if one.line == line.id:
                mine[one.basis.split(":")[1]].append(one)
        for part, whole in cycles(of, line, until):
            if part[-1] >= until:
                continue
            standing = [
                one
                for one in standing_on(of, line, charges)
                if (one.due_on or (one.service.start if one.deferred else one.service.last_day))
                in part
            ]
            charged = Fraction(sum(one.amount.minor for one in standing), 100)
            due = rounded(agreed(line, charged, share(line.terms["proration"], part, whole)), 2)
            found = mine.pop(str(whole[0]), [])
            assert sum(one.amount.minor for one in found) == due
            assert all(one.service == Period(part[0], part[-1] + timedelta(1)) for one in found)
            taxed = {one.tax_category for one in standing if one.amount.minor > 0} or {None}
            own = line.terms["tax_category"]
            assert {one.tax_category for one in found} <= ({own} if own else taxed | {None})
        assert not mine


@pytest.mark.parametrize("timing", ["arrears", "advance"])
def test_a_charge_counts_in_the_cycle_it_falls_due_in(timing: str) -> None:
    quarter = {"unit_price": "90.00", "cycle": "quarter", "timing": timing}
    of = Facts(
        Contract(id="C", client="K", name="C", currency="EUR", starts_on=date(2026, 7, 1)),
        tuple(lines(("f", "fixed", quarter), ("m", "commitment", {"minimum": "100.00"}))),
    )
    found = price(of, date(2026, 10, 1), SHIPPED, book("EUR")).charges
    trued = {str(one.service): one.amount.minor for one in found if one.line == "m"}
    paid_in = "2026-07" if timing == "advance" else "2026-09"
    every = dict.fromkeys(["2026-07", "2026-08", "2026-09"], 10000)
    assert trued == {**every, paid_in: 1000}


def test_a_discount_that_begins_later_than_its_charge_is_due_when_it_begins() -> None:
    step = {"since": date(2026, 7, 20), "unit_price": "310.00"}
    of = Facts(
        Contract(id="C", client="K", name="C", currency="EUR", starts_on=date(2026, 7, 1)),
        (
            *lines(("f", "fixed", {**FEE, "timing": "advance", "steps": [step]})),
            replace(lines(("d", "discount", {"percent": "10"}))[0], starts_on=date(2026, 7, 15)),
        ),
    )
    before, later = date(2026, 7, 10), date(2026, 8, 1)
    charges = price(of, later, SHIPPED, book("EUR")).charges
    (off,) = [one for one in charges if one.line == "d"]
    assert (off.amount.minor, off.due_on) == (-1200, date(2026, 7, 15))
    billed = issue([], difference(charges, [], later), "I1")
    assert difference(price(of, before, SHIPPED, book("EUR")).charges, billed, before) == []


def test_each_tax_category_bears_its_share_of_an_amount_off() -> None:
    named = lines(
        ("a", "fixed", {"unit_price": "200.00"}),
        ("b", "fixed", {"unit_price": "100.00", "tax_category": "reduced"}),
        ("d", "discount", {"amount": "10.00"}),
    )
    contract = Contract(id="C", client="K", name="C", currency="EUR", starts_on=date(2026, 7, 1))
    found = price(Facts(contract, tuple(named)), date(2026, 8, 1), SHIPPED, book("EUR")).charges
    assert [(one.basis, one.tax_category, one.amount.minor) for one in found[2:]] == [
        ("discount:2026-07-01", None, -667),
        ("discount:2026-07-01:reduced", "reduced", -333),
    ]


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
    names = ", ".join(ref for ref, _ in circle)
    assert refusal(*named) == (
        f"Lines {names} are priced from each other in a circle. (contract_line a)"
        " Correct `of` in the terms of one of them at its source."
    )


@pytest.mark.parametrize("percent", ["0", "-5", "100.1"])
def test_a_discount_of_nothing_or_more_than_all_is_refused(percent: str) -> None:
    assert "above 0 and at most 100" in refusal(("a", "discount", {"percent": percent}))


CONTRADICTIONS = [
    ("discount", {}, "it needs either percent or amount"),
    ("discount", {"percent": "5", "amount": "5"}, "it needs either percent or amount"),
    ("discount", {"amount": "-1"}, "must be above 0"),
    ("discount", {"amount": "0"}, "must be above 0"),
    ("percentage", {"percent": "0"}, "must be above 0, at most 1000"),
    ("percentage", {"percent": "5", "minimum": "9", "maximum": "8"}, "9 is above maximum 8"),
    ("commitment", {}, "it needs a minimum, a cap or both"),
    ("commitment", {"minimum": "9", "cap": "8"}, "minimum 9 is above cap 8"),
    ("commitment", {"cap": "-8"}, "cannot be negative"),
    ("commitment", {"cap": "8", "cycle": "week", "anchor_day": 3}, "anchor_day is a day of the"),
    ("commitment", {"cap": "8", "cycle": "day", "anchor_day": 3}, "and the cycle is the day"),
]


@pytest.mark.parametrize(("model", "terms", "sentence"), CONTRADICTIONS)
def test_terms_that_contradict_each_other_are_a_sentence(
    model: str, terms: dict[str, object], sentence: str
) -> None:
    assert sentence in refusal(("a", model, terms))
