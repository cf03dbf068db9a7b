"""What if: nothing changed is no difference, and the months lose nothing."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from msgspec.structs import replace

from tallystick.billing.charges import Bucket, Charge, Placement
from tallystick.billing.facts import Facts
from tallystick.billing.what_if import (
    Change,
    HoursInBucket,
    LineChange,
    changed,
    compare,
    hours_by_bucket,
)
from tallystick.errors import Stop
from tallystick.money import Money
from tallystick.period import Period, month
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


def test_a_line_is_taken_away_and_another_changed_in_one_go() -> None:
    other = replace(LINE, id="psa:M")
    removed, dearer = LineChange("L", remove=True), LineChange("M", terms={"unit_price": "12"})
    contract, [line] = changed(
        (CONTRACT, [LINE, other]), Change({"name": "New"}, lines=[removed, dearer])
    )
    assert contract == replace(CONTRACT, name="New")
    assert line == replace(other, terms={"unit_price": "12", "quantity": "2"})


def test_a_new_line_is_described_as_it_says_or_by_its_id() -> None:
    named = LineChange("N", {"model": "fixed", "description": "Night watch"}, {"unit_price": "5"})
    _, [_, line] = changed((CONTRACT, [LINE]), Change(lines=[named]))
    assert line == ContractLine(
        id="psa:N",
        contract="psa:C",
        description="Night watch",
        model="fixed",
        terms={"unit_price": "5"},
    )


def test_whole_numbers_and_dates_of_a_change_may_come_as_text() -> None:
    contract, _ = changed((CONTRACT, []), Change({"notice_days": "30", "ends_on": "2027-01-01"}))
    assert (contract.notice_days, contract.ends_on) == (30, date(2027, 1, 1))


def test_a_new_line_is_of_the_connection_its_contract_is_of() -> None:
    contract = replace(CONTRACT, id="psa:8:C")
    _, [line] = changed((contract, []), Change(lines=[LineChange("N", {"model": "fixed"})]))
    assert (line.id, line.contract) == ("psa:N", "psa:8:C")


def test_a_line_that_is_not_there_is_told_in_full() -> None:
    for lines, known in (([], "none"), ([LINE], "psa:L")):
        with pytest.raises(Stop) as stopped:
            changed((CONTRACT, lines), Change(lines=[LineChange("X", remove=True)]))
        assert str(stopped.value) == (
            f"The contract has no line X; it has {known}."
            " Correct the id, or give the new line a `model`."
        )
    with pytest.raises(Stop, match=r"Line X cannot be changed like that: .*`int`"):
        changed((CONTRACT, []), Change(lines=[LineChange("X", {"model": 1})]))


def charge(line: str, service: Period, minor: int) -> Charge:
    amount = Money(minor, "EUR")
    one = Decimal(1)
    return Charge("C", line, "b", service, line, one, "month", one, amount, "Income:Fixed", ())


def test_months_are_compared_line_by_line_within_the_period() -> None:
    third = Period(date(2026, 7, 22), date(2026, 9, 1))
    july, august = date(2026, 7, 1), date(2026, 8, 1)
    before = [charge("B", third, 4100), charge("A", month(2026, 7), 100)]
    after = [charge("A", month(2026, 7), 150), charge("A", month(2026, 7), 30)]
    texts = {"A": "Care"}
    found = compare(before, after, Period(july, date(2026, 9, 1)), texts)
    assert [
        (one.month, one.contract, one.line, one.text, one.before.minor, one.difference.minor)
        for one in found
    ] == [
        (july, "C", "A", "Care", 100, 80),
        (july, "C", "B", "B", 1000, -1000),
        (august, "C", "B", "B", 3100, -3100),
    ]
    assert compare(before, after, Period(august, date(2026, 9, 1)), texts) == found[2:]
    later = [charge("B", month(2026, 9), 5), charge("B", month(2026, 8), 7)]
    [cell] = compare(later, [], Period(august, date(2026, 9, 1)), texts)
    assert cell.before.minor == 7


def test_hours_come_by_bucket_most_first_and_of_two_alike_by_name() -> None:
    def placed(bucket: Bucket, seconds: int) -> Placement:
        return Placement("1", bucket, None, seconds, 0, ())

    before = [placed("held", 60), placed("covered", 30), placed("billed", 20), placed("billed", 5)]
    after = [placed("covered", 40), placed("billed", 45), placed("never", 10)]
    assert hours_by_bucket(before, after) == [
        HoursInBucket("billed", 25, 45),
        HoursInBucket("covered", 30, 40),
        HoursInBucket("held", 60, 0),
        HoursInBucket("never", 0, 10),
    ]
