"""Money loses nothing, rounds one way, and never mixes currencies."""

from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tallystick.errors import Stop
from tallystick.money import CurrencyMismatch, Money, exponent, split, total

PLACES = {"JPY": 0, "EUR": 2, "KWD": 3}
currencies = st.sampled_from(sorted(PLACES))
minors = st.integers(-(2**63), 2**63 - 1)
monies = st.builds(Money, minors, currencies)
decimals = st.decimals(-(10**12), 10**12, allow_nan=False, allow_infinity=False)
weights = st.one_of(
    st.integers(0, 10**9),
    st.decimals(0, 10**6, allow_nan=False, allow_infinity=False, places=4),
)
shares = st.lists(weights, min_size=1, max_size=12).filter(any)


@pytest.mark.parametrize(
    ("currency", "places"),
    [*PLACES.items(), ("USD", 2), ("CHF", 2), ("ISK", 0), ("BHD", 3), ("CLF", 4)],
)
def test_decimal_places_are_those_of_iso_4217(currency: str, places: int) -> None:
    assert exponent(currency) == places


@pytest.mark.parametrize("code", ["", "eur", "EURO", "ZZZ", "XAU", "XXX"])
def test_what_cannot_be_invoiced_is_no_currency(code: str) -> None:
    with pytest.raises(Stop, match=r"is not a currency that can be invoiced\. Use a three-letter"):
        exponent(code)


@given(monies)
def test_an_exact_amount_comes_back(money: Money) -> None:
    assert Money.exact(money.amount, money.currency) == money
    assert Money.exact(str(money.amount), money.currency) == money


@given(monies)
def test_an_amount_is_its_minor_units_over_the_exponent(money: Money) -> None:
    assert Fraction(money.amount) == Fraction(money.minor, 10 ** PLACES[money.currency])
    assert money.amount.as_tuple().exponent == -PLACES[money.currency]


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("123.45", "EUR", 12345),
        ("123.4500", "EUR", 12345),
        ("-0.01", "EUR", -1),
        ("1e2", "EUR", 10000),
        ("7", "JPY", 7),
        ("0.001", "KWD", 1),
    ],
)
def test_exact_amounts(amount: str, currency: str, minor: int) -> None:
    assert Money.exact(amount, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("amount", "currency"),
    [
        ("0.005", "EUR"),
        ("0.5", "JPY"),
        ("0.0001", "KWD"),
        ("1.00000000000000000000000000000001", "EUR"),
        ("123456789012345678901234567890.12", "EUR"),
        ("1e400", "EUR"),
        ("1e999999", "EUR"),
        ("1e-999999", "EUR"),
        ("NaN", "EUR"),
        ("sNaN", "EUR"),
        ("-Infinity", "EUR"),
        ("1.234,56", "EUR"),
        ("", "EUR"),
    ],
)
def test_an_amount_that_would_need_rounding_is_refused(amount: str, currency: str) -> None:
    with pytest.raises(Stop, match=f"is not an amount of whole {currency} minor units"):
        Money.exact(amount, currency)


@given(decimals, currencies)
@example(Decimal("0.005"), "EUR")
@example(Decimal("-0.005"), "EUR")
@example(Decimal("2.675"), "EUR")
@example(Decimal("-0.5"), "JPY")
@example(Decimal("1.4999999999999999999999999999"), "JPY")
def test_rounding_is_half_away_from_zero(amount: Decimal, currency: str) -> None:
    with localcontext(prec=80):
        unit = Decimal(1).scaleb(-PLACES[currency])
        expected = amount.quantize(unit, rounding=ROUND_HALF_UP)
    assert Money.rounded(amount, currency).amount == expected


@given(st.fractions(-(10**9), 10**9), currencies)
@example(Fraction(1, 200), "EUR")
@example(Fraction(-1, 200), "EUR")
@example(Fraction(1, 3), "KWD")
def test_a_rounded_fraction_is_the_nearest_amount(amount: Fraction, currency: str) -> None:
    rounded = Money.rounded(amount, currency)
    error = rounded.minor - amount * 10 ** PLACES[currency]
    assert abs(error) <= Fraction(1, 2)
    if abs(error) == Fraction(1, 2):
        assert abs(rounded.minor) > abs(amount * 10 ** PLACES[currency])


@given(currencies, minors, minors, st.integers(-1000, 1000))
def test_arithmetic_is_that_of_the_minor_units(currency: str, a: int, b: int, n: int) -> None:
    left, right = Money(a, currency), Money(b, currency)
    assert left + right == Money(a + b, currency)
    assert left - right == Money(a - b, currency)
    assert -left == Money(-a, currency)
    assert left * n == Money(a * n, currency)
    assert bool(left) is (a != 0)
    assert (left < right, left <= right) == (a < b, a <= b)
    assert (left > right, left >= right) == (a > b, a >= b)


@pytest.mark.parametrize(
    "meet",
    [operator.add, operator.sub, operator.lt, operator.le, operator.gt, operator.ge],
)
def test_two_currencies_never_meet(meet: Callable[[Money, Money], object]) -> None:
    with pytest.raises(CurrencyMismatch, match="Amounts in EUR and USD cannot be"):
        meet(Money(1, "EUR"), Money(1, "USD"))


def test_the_same_number_in_two_currencies_is_not_the_same_amount() -> None:
    assert Money(0, "EUR") != Money(0, "USD")


def test_money_has_no_division() -> None:
    with pytest.raises(TypeError):
        Money(100, "EUR") / 3  # type: ignore[operator]  # the missing operator is the point


@pytest.mark.parametrize(
    ("money", "text"),
    [
        (Money(123456789, "EUR"), "1,234,567.89 EUR"),
        (Money(-5, "EUR"), "-0.05 EUR"),
        (Money(1500, "JPY"), "1,500 JPY"),
        (Money(1500, "KWD"), "1.500 KWD"),
    ],
)
def test_money_reads_as_an_amount(money: Money, text: str) -> None:
    assert str(money) == text


@given(currencies, st.lists(minors))
def test_a_total_is_the_sum(currency: str, amounts: list[int]) -> None:
    monies = (Money(minor, currency) for minor in amounts)
    assert total(monies, currency) == Money(sum(amounts), currency)


def test_a_total_of_two_currencies_is_refused() -> None:
    with pytest.raises(CurrencyMismatch):
        total([Money(1, "EUR"), Money(1, "USD")], "EUR")
    with pytest.raises(CurrencyMismatch):
        total([Money(1, "USD")], "EUR")


@given(monies, shares)
def test_a_split_loses_nothing(whole: Money, shares: list[Decimal | int]) -> None:
    parts = split(whole, shares)
    assert len(parts) == len(shares)
    assert total(parts, whole.currency) == whole


@given(monies, shares)
@example(Money(1, "EUR"), [0, 1, 0])
@example(Money(5, "JPY"), [Decimal("0.1"), Decimal("0.2"), Decimal("0.7")])
def test_a_split_goes_to_the_largest_remainders(whole: Money, shares: list[Decimal | int]) -> None:
    """No unit moved from one part to another brings both nearer to their quotas."""
    volume = sum(map(Fraction, shares))
    errors = [
        abs(part.minor) - abs(whole.minor) * Fraction(share) / volume
        for part, share in zip(split(whole, shares), shares, strict=True)
    ]
    assert all(-1 < error < 1 for error in errors)
    assert max(errors) - min(errors) <= 1


@given(monies, shares)
def test_a_split_gives_nothing_where_nothing_is_due(
    whole: Money, shares: list[Decimal | int]
) -> None:
    for part, share in zip(split(whole, shares), shares, strict=True):
        assert part.minor == 0 or (share > 0 and (part.minor > 0) is (whole.minor > 0))


@given(monies, shares)
def test_a_credit_splits_as_the_invoice_did(whole: Money, shares: list[Decimal | int]) -> None:
    assert split(-whole, shares) == [-part for part in split(whole, shares)]


@pytest.mark.parametrize(
    ("minor", "weights", "parts"),
    [
        (10000, [1, 1, 1], [3334, 3333, 3333]),
        (10001, [1, 1, 1], [3334, 3334, 3333]),
        (-10000, [1, 1, 1], [-3334, -3333, -3333]),
        (100, [Decimal("0.5"), 1, Decimal("1.5")], [17, 33, 50]),
        (7, [0, 5, 0], [0, 7, 0]),
        (0, [3, 4], [0, 0]),
    ],
)
def test_splits_by_hand(minor: int, weights: list[Decimal | int], parts: list[int]) -> None:
    assert [part.minor for part in split(Money(minor, "EUR"), weights)] == parts


@pytest.mark.parametrize("weights", [[], [0], [0, 0], [-1], [2, -1]])
def test_a_split_without_a_positive_weight_is_refused(weights: list[Decimal | int]) -> None:
    with pytest.raises(Stop, match=r"cannot be shared out .* Give non-negative weights"):
        split(Money(100, "EUR"), weights)
