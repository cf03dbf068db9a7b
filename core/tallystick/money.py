"""Money: whole minor units of one ISO 4217 currency, never a float.

`Money` leaves the dangerous operators out: no division, no multiplication by a
fraction, no comparison across currencies. A rate times a quantity is a `Decimal`
that becomes money in exactly one place, `Money.rounded`. A total is shared out in
exactly one place, `split`, which loses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import cache
from math import lcm

from msgspec import Struct

from tallystick.errors import Stop


class CurrencyMismatch(Stop):
    """Two currencies met where only one can be."""

    def __init__(self, left: str, right: str) -> None:
        super().__init__(
            f"Amounts in {left} and {right} cannot be added or compared.",
            do="Keep one currency per contract, invoice and account.",
        )


@cache
def exponent(currency: str) -> int:
    """Decimal places of `currency` by ISO 4217: 2 for EUR, 0 for JPY, 3 for KWD.

    Raises `Stop` for a code ISO 4217 does not list, or lists without a minor unit (XAU).
    """
    from iso4217 import Currency

    try:
        places = Currency(currency).exponent
    except ValueError:
        places = None
    if places is None:
        raise Stop(
            f"{currency!r} is not a currency that can be invoiced.",
            do="Use a three-letter ISO 4217 code such as EUR, USD or JPY.",
        )
    return int(places)


@cache
def _units(currency: str) -> int:
    """How many minor units a major one has."""
    units: int = 10 ** exponent(currency)
    return units


class Money(Struct, frozen=True, gc=False):
    """An amount in integer minor units (`Money(12345, "EUR")` is 123.45 EUR)."""

    minor: int
    currency: str

    @classmethod
    def exact(cls, amount: Decimal | str, currency: str) -> Money:
        """`amount` in major units, which must not need rounding; raises `Stop` if it does,
        and for an amount of more than 28 digits.
        """
        places = exponent(currency)
        try:
            written = Decimal(amount)
            whole = written.quantize(Decimal(1).scaleb(-places))
            fits = whole == written
        except InvalidOperation:
            fits = False
        if not fits:
            raise Stop(
                f"{amount} is not an amount of whole {currency} minor units.",
                do=f"Write it with at most {places} decimal places.",
            )
        return cls(int(whole.scaleb(places)), currency)

    @classmethod
    def rounded(cls, amount: Decimal | Fraction, currency: str) -> Money:
        """`amount` in major units rounded half away from zero to the minor unit."""
        return cls.quotient(*amount.as_integer_ratio(), currency)

    @classmethod
    def quotient(cls, numerator: int, denominator: int, currency: str) -> Money:
        """`numerator / denominator` major units rounded like `rounded`, without the fraction that
        costs time where a million are priced. `denominator` is positive."""
        scaled = abs(numerator) * _units(currency)
        whole = (2 * scaled + denominator) // (2 * denominator)
        return cls(whole if numerator >= 0 else -whole, currency)

    def percent(self, percent: Decimal) -> Money:
        """`percent` of the amount, rounded like `rounded`."""
        numerator, denominator = percent.as_integer_ratio()
        return self.part(numerator, 100 * denominator)

    def part(self, numerator: int, denominator: int) -> Money:
        """`numerator / denominator` of the amount, rounded like `rounded`. `denominator` is
        positive."""
        exact = self.minor * numerator
        return Money.quotient(exact, denominator * _units(self.currency), self.currency)

    @classmethod
    def zero(cls, currency: str) -> Money:
        return cls(0, currency)

    @property
    def amount(self) -> Decimal:
        """Major units, with exactly the currency's decimal places."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def _same(self, other: Money) -> int:
        if self.currency != other.currency:
            raise CurrencyMismatch(self.currency, other.currency)
        return other.minor

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __mul__(self, times: int) -> Money:
        return Money(self.minor * times, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.minor <= self._same(other)

    def __gt__(self, other: Money) -> bool:
        return self.minor > self._same(other)

    def __ge__(self, other: Money) -> bool:
        return self.minor >= self._same(other)

    def __bool__(self) -> bool:
        return self.minor != 0

    def __str__(self) -> str:
        return f"{self.amount:,} {self.currency}"


def total(amounts: Iterable[Money], currency: str) -> Money:
    """The sum of `amounts`, zero `currency` when there are none; raises `CurrencyMismatch`."""
    minor = 0
    for amount in amounts:
        if amount.currency != currency:
            raise CurrencyMismatch(currency, amount.currency)
        minor += amount.minor
    return Money(minor, currency)


def split(whole: Money, weights: Sequence[Decimal | int]) -> list[Money]:
    """`whole` shared in proportion to non-negative `weights`; the parts sum to `whole` exactly.

    Largest-remainder (Hamilton) method on minor units: every part gets its quota rounded
    down, and the units left over go to the largest remainders, the earlier part on a tie.
    Negative totals split as the mirror image of positive ones.
    """
    shares = _whole_numbers(weights)
    volume = sum(shares)
    if volume <= 0 or min(shares) < 0:
        raise Stop(
            f"{whole} cannot be shared out by the weights {[str(w) for w in weights]}.",
            do="Give non-negative weights of which at least one is positive.",
        )
    sign = -1 if whole.minor < 0 else 1
    parts, left = [], []
    for share in shares:
        part, rest = divmod(abs(whole.minor) * share, volume)
        parts.append(part)
        left.append(-rest)
    by_remainder = sorted(range(len(parts)), key=left.__getitem__)
    for i in by_remainder[: abs(whole.minor) - sum(parts)]:
        parts[i] += 1
    return [Money(sign * part, whole.currency) for part in parts]


def _whole_numbers(weights: Sequence[Decimal | int]) -> Sequence[int]:
    """`weights` as whole numbers in the same proportion."""
    if all(type(weight) is int for weight in weights):
        return [int(weight) for weight in weights]
    shares = [Fraction(weight) for weight in weights]
    scale = lcm(*(share.denominator for share in shares))
    return [int(share * scale) for share in shares]
