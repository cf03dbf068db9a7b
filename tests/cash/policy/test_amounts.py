"""How much is asked for: caps, instalments, credit first, fees and interest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.cash.policy.caps import Asked, Caps, Meter
from tallystick.cash.policy.dunning import Overdue, Step, claimed_fees, reminder
from tallystick.cash.policy.instalments import (
    Every,
    Instalment,
    asked_on,
    due_by,
    instalments,
    missed,
    next_due,
)
from tallystick.cash.policy.interest import Balance, late_interest
from tallystick.cash.policy.set_off import Open, set_off
from tallystick.money import Money, total

DAY = date(2026, 10, 1)


def eur(amount: str) -> Money:
    return Money.exact(amount, "EUR")


MINORS = st.integers(1, 100_000)


def within(
    asked: Iterable[Asked], before_today: Mapping[str, Money], caps: Caps
) -> tuple[list[str], dict[str, str]]:
    """What may be collected, and why the rest waits."""
    meter = Meter(caps, before_today)
    why = {one.invoice: meter.take(one) for one in asked}
    return [number for number, said in why.items() if not said], {n: w for n, w in why.items() if w}


def test_a_cap_holds_back_what_is_beyond_it_and_nothing_else() -> None:
    caps = Caps({"EUR": Decimal(450)}, {"EUR": Decimal(1000)}, {"EUR": Decimal(1100)})
    asked = [
        Asked("INV-1", eur("400"), released=False),
        Asked("INV-2", eur("500"), released=True),
        Asked("INV-3", eur("300"), released=False),
        Asked("INV-4", eur("100"), released=False),
        Asked("INV-5", Money.exact("9999", "USD"), released=False),
    ]
    allowed, waits = within(asked, {"EUR": eur("100")}, caps)
    assert allowed == ["INV-1", "INV-2", "INV-4", "INV-5"]
    said = "with it the run would collect 1,200.00 EUR, above the cap of 1,000.00 EUR"
    assert waits == {"INV-3": said}
    above = within([Asked("INV-2", eur("500"), released=False)], {}, caps)[1]
    assert above == {"INV-2": "500.00 EUR is above the cap of 450.00 EUR for an invoice"}
    day = within(asked[:1], {"EUR": eur("800")}, caps)[1]
    assert "the day would collect 1,200.00 EUR" in day["INV-1"]


@given(st.lists(MINORS, max_size=12), MINORS, st.integers(0, 200_000))
def test_without_a_release_no_cap_is_passed(amounts: list[int], cap: int, before: int) -> None:
    limit = {"EUR": Money(cap, "EUR").amount}
    asked = [Asked(str(n), Money(one, "EUR"), released=False) for n, one in enumerate(amounts)]
    allowed, waits = within(asked, {"EUR": Money(before, "EUR")}, Caps(day=limit))
    taken = sum(amounts[int(number)] for number in allowed)
    assert not allowed or taken + before <= cap
    assert sorted([*allowed, *waits]) == sorted(one[0] for one in asked)


def test_a_plan_of_three_months_from_a_last_day() -> None:
    plan = instalments(eur("1000"), 3, "month", date(2026, 1, 31))
    assert plan == [
        Instalment(date(2026, 1, 31), eur("333.34")),
        Instalment(date(2026, 2, 28), eur("333.33")),
        Instalment(date(2026, 3, 31), eur("333.33")),
    ]
    assert asked_on(plan, eur("0"), date(2026, 1, 30)) == eur("0")
    assert asked_on(plan, eur("0"), date(2026, 2, 28)) == eur("666.67")
    assert asked_on(plan, eur("333.34"), date(2026, 2, 28)) == eur("333.33")
    assert next_due(plan, eur("400")) == Instalment(date(2026, 2, 28), eur("266.67"))
    assert missed(plan, eur("300"), 5, date(2026, 2, 5)) is None
    assert missed(plan, eur("300"), 5, date(2026, 2, 6)) == date(2026, 1, 31)
    assert missed(plan, eur("1000"), 5, date(2027, 1, 1)) is None


@given(MINORS, st.integers(2, 60), st.sampled_from(["month", "fortnight", "week"]), st.data())
def test_instalments_sum_exactly_and_ask_for_no_more(
    minor: int, parts: int, every: Every, data: st.DataObject
) -> None:
    amount = Money(max(minor, parts), "EUR")
    plan = instalments(amount, parts, every, DAY)
    assert total((one.amount for one in plan), "EUR") == amount
    assert len(plan) == len({one.due_on for one in plan}) == parts
    assert max(one.amount for one in plan).minor - min(one.amount for one in plan).minor <= 1
    paid = Money(0, "EUR")
    for one in plan:
        asked = asked_on(plan, paid, one.due_on)
        assert paid + asked == max(due_by(plan, one.due_on), paid)
        paid += Money(data.draw(st.integers(0, asked.minor)), "EUR")
    assert paid <= amount


@pytest.mark.parametrize(("amount", "parts"), [("1.00", 1), ("1.00", 61), ("0.02", 3)])
def test_a_plan_that_cannot_be_meant(amount: str, parts: int) -> None:
    with pytest.raises(ValueError, match="parts"):
        instalments(eur(amount), parts, "month", DAY)


def test_the_oldest_credit_pays_the_oldest_invoice() -> None:
    documents = [
        Open("INV-2", "psa:1", eur("200"), DAY + timedelta(days=1)),
        Open("INV-1", "psa:1", eur("80"), DAY),
        Open("CN-9", "psa:1", eur("-100"), DAY + timedelta(days=9)),
        Open("CN-4", "psa:1", eur("-50"), DAY + timedelta(days=4)),
        Open("INV-7", "psa:2", eur("80"), DAY),
    ]
    assert set_off(documents) == [
        ("CN-4", "INV-1", eur("50")),
        ("CN-9", "INV-1", eur("30")),
        ("CN-9", "INV-2", eur("70")),
    ]


@st.composite
def documents(draw: st.DrawFn) -> list[Open]:
    rows = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["psa:1", "psa:2"]),
                st.sampled_from(["EUR", "USD"]),
                st.integers(-500, 500),
                st.integers(0, 3),
            ),
            max_size=12,
        )
    )
    return [
        Open(f"D-{n}", client, Money(minor, currency), DAY + timedelta(days=day))
        for n, (client, currency, minor, day) in enumerate(rows)
    ]


@given(documents())
def test_no_credit_is_spent_twice_and_none_is_left_beside_an_open_invoice(
    given_: list[Open],
) -> None:
    pairs = set_off(given_)
    assert pairs == set_off(given_[::-1])
    left = {one.number: one.amount.minor for one in given_}
    owner = {one.number: (one.client, one.amount.currency) for one in given_}
    for credit, invoice, amount in pairs:
        assert amount.minor > 0
        assert owner[credit] == owner[invoice] == (owner[credit][0], amount.currency)
        left[credit] += amount.minor
        left[invoice] -= amount.minor
    for one in given_:
        assert 0 <= abs(left[one.number]) <= abs(one.amount.minor)
        assert left[one.number] * one.amount.minor >= 0
    for key in set(owner.values()):
        signs = {left[number] > 0 for number, of in owner.items() if of == key and left[number]}
        assert len(signs) <= 1


STEPS = [Step(7), Step(21, {"EUR": Decimal(40)}), Step(35)]


def test_steps_follow_one_another_however_late_the_run() -> None:
    one = Overdue("INV-1", "psa:1", eur("119"), DAY)
    assert reminder(one, STEPS, date(2026, 10, 7)) is None
    assert reminder(one, STEPS, date(2026, 10, 8)) == ("INV-1", 1, date(2026, 10, 8))
    assert reminder(one, STEPS, date(2027, 10, 8)) == ("INV-1", 1, date(2026, 10, 8))
    late = one._replace(reminded=(date(2026, 10, 20),))
    assert reminder(late, STEPS, date(2026, 11, 2)) is None
    assert reminder(late, STEPS, date(2026, 11, 3)) == ("INV-1", 2, date(2026, 11, 3))
    done = one._replace(reminded=(DAY, DAY, DAY))
    assert reminder(done, STEPS, date(2027, 1, 1)) is None
    assert reminder(one._replace(spared="disputed"), STEPS, date(2027, 1, 1)) is None
    assert reminder(one._replace(open=eur("0")), STEPS, date(2027, 1, 1)) is None
    assert [claimed_fees(one, STEPS, n) for n in (1, 2, 3)] == [eur("0"), eur("40"), eur("40")]


@given(st.lists(st.integers(0, 30), min_size=1, max_size=40))
def test_no_step_is_sent_twice_or_early(gaps: list[int]) -> None:
    one = Overdue("INV-1", "psa:1", eur("119"), DAY)
    today = DAY
    for gap in gaps:
        today += timedelta(days=gap)
        if found := reminder(one, STEPS, today):
            assert found.ordinal == len(one.reminded) + 1
            assert today >= DAY + timedelta(days=STEPS[found.ordinal - 1].after_days)
            one = one._replace(reminded=(*one.reminded, today))
    assert len(one.reminded) <= len(STEPS)
    for before, after, first, then in zip(
        one.reminded, one.reminded[1:], STEPS, STEPS[1:], strict=False
    ):
        assert (after - before).days >= then.after_days - first.after_days


def test_interest_of_thirty_days() -> None:
    balances = [Balance(date(2026, 10, 2), eur("1000"))]
    assert late_interest(balances, date(2026, 11, 1), Decimal("11.27")) == eur("9.26")
    paid = [*balances, Balance(date(2026, 10, 12), eur("400"))]
    assert late_interest(paid, date(2026, 11, 1), Decimal("11.27")) == eur("5.56")
    assert late_interest(balances, date(2026, 10, 1), Decimal("11.27")) == eur("0")


@given(
    st.lists(st.tuples(st.integers(1, 90), MINORS), min_size=1, max_size=6),
    st.decimals(0, 20, places=2),
)
def test_interest_is_the_sum_of_its_days(steps: list[tuple[int, int]], percent: Decimal) -> None:
    day, balances, exact = DAY, [], Fraction(0)
    for lasts, minor in steps:
        balances.append(Balance(day, Money(minor, "EUR")))
        exact += Fraction(minor) * lasts * Fraction(percent) / 36500
        day += timedelta(days=lasts)
    found = late_interest(balances, day, percent)
    assert abs(found.minor - exact) <= Fraction(1, 2)
