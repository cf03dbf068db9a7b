"""Recognition: deferred money becomes revenue in the month it was earned, by difference."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from msgspec.structs import replace

from tallystick.billing.charges import Earning
from tallystick.books.entries import DEFERRED, WRITE_DOWNS, Entry, Posting
from tallystick.money import Money
from tallystick.period import Period, add_months

Key = tuple[str, str, date]
"""Contract, contract line, first day of the service month."""
Purchase = tuple[str, str, str]
"""Contract, contract line, basis."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """What the journal already says about one key: the sum, in how many entries."""

    amount: Money
    entries: int
    account: str


@dataclass(frozen=True, slots=True)
class Recognition:
    """Deferred money of one contract line that belongs to `month` and is not posted yet."""

    client: str
    contract: str
    line: str
    account: str
    month: date
    amount: Money
    ordinal: int


def recognise(one: Recognition, booked_on: date) -> Entry:
    """Deferred revenue turned into revenue of its service month."""
    source = f"recognise:{one.contract}:{one.line}:{one.month:%Y-%m}:{one.ordinal}"
    dimensions = (one.client, one.contract, one.line)
    return Entry(
        source,
        booked_on,
        f"Deferred revenue of {one.contract} earned in {one.month:%Y-%m}",
        (
            Posting(DEFERRED, one.amount, *dimensions),
            Posting(one.account, -one.amount, *dimensions, one.month),
        ),
    )


def as_invoiced(
    earnings: Iterable[Earning], prices: Mapping[Purchase, Money], billed: Mapping[Purchase, Money]
) -> Iterator[Earning]:
    """The share of `earnings` that was invoiced: nothing of a purchase that was not, and while a
    higher price is not invoiced yet, `billed / price` of it. A lower price is earned at once, and
    what was billed beyond it stays deferred until it is credited.

    Rounded so that what a purchase has earned by any month is exact to the minor unit, half away
    from zero, and all of its price makes all that was billed, where that is not more.
    """
    earned: dict[Purchase, int] = {}
    shared: dict[Purchase, Money] = {}
    for one in sorted(earnings, key=lambda earning: earning.month):
        purchase = (one.contract, one.line, one.basis)
        if purchase not in billed:
            continue
        earned[purchase] = earned.get(purchase, 0) + one.amount.minor
        price, currency = prices[purchase], one.amount.currency
        share = min(Fraction(billed[purchase].minor, price.minor), Fraction(1))
        value = Money.rounded(Fraction(Money(earned[purchase], currency).amount) * share, currency)
        yield replace(one, amount=value - shared.get(purchase, Money.zero(currency)))
        shared[purchase] = value


@dataclass(frozen=True, slots=True)
class GivenUp:
    """A write-down of `amount` (net, positive) of what the purchases `of`, which stand on one
    invoice line, billed ahead; `month` is that of its credit note."""

    contract: str
    line: str
    basis: str
    amount: Money
    month: Period
    of: frozenset[str]


def less_given_up(
    earned: Iterable[Earning], billed: Mapping[Purchase, Money], downs: Iterable[GivenUp]
) -> list[Earning]:
    """`earned`, as invoiced, with what each write-down takes off, in the order of the downs.

        billed 120.00, earned 10.00 a month; 60.00 given up in the 7th month
        10 10 10 10 10 10 |  0  0  0  0  0  0        60.00 were deferred: nothing is left to earn
        30.00 given up:   |  5  5  5  5  5  5        half of what was deferred
        75.00 given up:   |-15  0  0  0  0  0        what was not deferred any more, at once

    What is still deferred when the month of the credit note begins is given up first, off every
    later month in proportion to what it earns; what goes beyond is taken off that month. Exact
    to the minor unit by any month, half away from zero.
    """
    result = list(earned)
    left = dict(billed)
    for down in downs:
        result += _taken_off(down, result, left)
        purchase = (down.contract, down.line, _first(down))
        zero = Money.zero(down.amount.currency)
        left[purchase] = left.get(purchase, zero) - down.amount
    return result


def _taken_off(
    down: GivenUp, earned: Iterable[Earning], billed: Mapping[Purchase, Money]
) -> Iterator[Earning]:
    place = (down.contract, down.line)
    own = [one for one in earned if (one.contract, one.line) == place and one.basis in down.of]
    before = sum(one.amount.minor for one in own if one.month.start < down.month.start)
    bought = sum(billed[(*place, basis)].minor for basis in down.of if (*place, basis) in billed)
    left = max(bought - before, 0)
    first = min(down.amount.minor, left)
    account = own[0].account if own else WRITE_DOWNS
    currency = down.amount.currency
    if beyond := down.amount.minor - first:
        yield _off(down, down.month, Money(-beyond, currency), account)
    so_far, taken = 0, Money.zero(currency)
    for one in sorted(own, key=lambda earning: earning.month):
        if one.month.start < down.month.start or not left:
            continue
        so_far += one.amount.minor
        off = Money.rounded(Fraction(Money(first, currency).amount) * so_far / left, currency)
        yield _off(down, one.month, taken - off, one.account)
        taken = off


def _off(down: GivenUp, month: Period, amount: Money, account: str) -> Earning:
    why = f"{down.amount} given up"
    return Earning(down.contract, down.line, _first(down), month, amount, account, why)


def _first(down: GivenUp) -> str:
    """The basis that bears the write-down of all of them."""
    return min(down.of, default=down.basis)


def due(
    earnings: Iterable[Earning], before: Mapping[Key, Recognised], client: str, until: date
) -> list[Recognition]:
    """Earnings by (contract, line, month) less what is recognised: the entries still to make.

    Amounts already recognised plus the result equal the earnings, key by key, for every month
    over by `until`; later months are not told yet, nor taken back when an old period is run again.
    """
    now: dict[Key, Money] = {}
    accounts: dict[Key, str] = {key: one.account for key, one in before.items()}
    for earning in earnings:
        key = (earning.contract, earning.line, earning.month.start)
        now[key] = now.get(key, Money.zero(earning.amount.currency)) + earning.amount
        accounts[key] = earning.account
    result = []
    for key in sorted(now.keys() | before.keys()):
        if add_months(key[2], 1, 1) > until:
            continue
        posted = before.get(key)
        earned = now.get(key)
        if earned is None:
            change = -before[key].amount
        else:
            change = earned - posted.amount if posted else earned
        if change:
            ordinal = posted.entries + 1 if posted else 1
            result.append(Recognition(client, *key[:2], accounts[key], key[2], change, ordinal))
    return result
