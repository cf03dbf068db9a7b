"""A prepaid balance: the packages of one line, what work costs in them, and what is left.

    Jul package |====== 10 h ======|~~~ rolls over 1 ~~~|  expires
    Aug package                    |====== 10 h ========|~~~
    top-up                      |===== 5 h =====~~~~~~~~~~~~

Amounts are exact fractions of seconds, minor units or tokens; a draw in money is whole minor
units. What is drawn, what is left and what expired of a package make what was bought.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from heapq import heappop, heappush

from tallystick.billing.charges import LineFacts
from tallystick.billing.facts import Piece
from tallystick.billing.prepaid.meter import Meter
from tallystick.billing.prepaid.purchases import Purchase, topped_up
from tallystick.billing.prepaid.terms import BalanceUnit, PrepaidTerms
from tallystick.billing.rates.cards import RateCard, clock, shares
from tallystick.billing.rates.rounding import rounded_with
from tallystick.money import Money, exponent
from tallystick.period import Period, month


def smallest(quantity: Decimal, unit: BalanceUnit, currency: str) -> Fraction:
    """`quantity` hours, major units or tokens as seconds, whole minor units or tokens."""
    if unit == "money":
        return Fraction(Money.rounded(quantity, currency).minor)
    return Fraction(quantity) * (3600 if unit == "hours" else 1)


def in_units(amount: Fraction, unit: BalanceUnit, currency: str) -> Fraction:
    """The reverse of `smallest`, exact."""
    if unit == "money":
        return amount / Fraction(10) ** exponent(currency)
    return amount / 3600 if unit == "hours" else amount


def shown(amount: Fraction, unit: BalanceUnit, currency: str) -> str:
    """As people read it: `1:30`, `90.00 EUR`, `2.5 tokens`; rounded for display only."""
    if unit == "money":
        return str(Money(int(amount), currency))
    if unit == "hours":
        return clock(int(amount))
    tokens = Decimal(amount.numerator) / Decimal(amount.denominator)
    plural = "" if tokens == 1 else "s"
    return f"{tokens.quantize(Decimal('0.0001')).normalize() + 0:f} token{plural}"


@dataclass(slots=True)
class Package:
    """One purchase as it is used up; `drawn` is by the month of use."""

    purchase: Purchase
    bought: Fraction
    left: Fraction
    drawn: dict[Period, Fraction] = field(default_factory=lambda: defaultdict(Fraction))

    @property
    def order(self) -> tuple[date, date]:
        """First what expires first, then what was bought first."""
        return (self.purchase.valid.end, self.purchase.valid.start)


@dataclass(slots=True)
class Over:
    """Work beyond the balance: `counted_s` seconds of `piece`, worth `worth` of a money draw."""

    piece: Piece
    counted_s: int
    reason: tuple[str, ...]
    worth: Money | None


@dataclass(slots=True)
class Balance:
    """The packages of one line, asked by ascending work date.

    `over` is the work that the line itself takes beyond it, for the charge model to price.
    """

    line: LineFacts
    terms: PrepaidTerms
    packages: list[Package]
    over: list[Over] = field(default_factory=list)
    _coming: deque[Package] = field(default_factory=deque)
    _open: list[tuple[date, date, int, Package]] = field(default_factory=list)
    _paid: set[str] = field(default_factory=set)
    _counted_before: dict[object, int] = field(default_factory=lambda: defaultdict(int))
    _top_ups: int = 0
    _opened: int = 0

    @classmethod
    def of(cls, line: LineFacts, terms: PrepaidTerms, purchases: Iterable[Purchase]) -> Balance:
        """The balance that `purchases`, by their dates, make."""
        made = cls(line, terms, [])
        for purchase in purchases:
            made.packages.append(made._package(purchase))
        made._coming.extend(made.packages)
        return made

    def _package(self, purchase: Purchase) -> Package:
        bought = smallest(purchase.quantity, self.terms.unit, self.line.currency)
        return Package(purchase, bought, bought)

    @property
    def card(self) -> RateCard | None:
        """The line's rate card, None where it is in another currency."""
        card = self.line.book.cards.get(self.terms.rate_card or "")
        return card if card and card.currency == self.line.currency else None

    def counted_s(self, piece: Piece) -> int:
        """The seconds of `piece` after the rounding of the rate card, together with what it is
        rounded with and was counted before."""
        if self.card is None:
            return piece.seconds
        before_s = self._counted_before[self._together(piece, self.card)]
        if not before_s:
            return self.card.counted(piece.seconds)
        return self.card.counted(before_s + piece.seconds) - self.card.counted(before_s)

    def count(self, piece: Piece) -> tuple[int, str]:
        """`counted_s` of a piece that is drawn now, and the rounding in words."""
        counted = self.counted_s(piece)
        if self.card is None:
            return counted, f"{clock(piece.seconds)} worked"
        group = self._together(piece, self.card)
        before_s = self._counted_before[group]
        self._counted_before[group] += piece.seconds
        return counted, self.card.rounded(piece.seconds, counted, before_s)

    def _together(self, piece: Piece, card: RateCard) -> object:
        """What the piece is rounded with: its ticket, or the other pieces of its booking."""
        return rounded_with(piece.work, card) or ("booking", piece.work.ref)

    def meter(self, piece: Piece, counted_s: int) -> Meter | None:
        """What `counted_s` seconds of `piece` cost; None where they have no rate."""
        if self.terms.unit == "money":
            return self._money_meter(piece, counted_s)
        weight = Fraction(self.terms.weight(piece.work.work_type))
        a_second = weight if self.terms.unit == "hours" else weight / 3600
        return Meter(((counted_s, a_second),))

    def _money_meter(self, piece: Piece, counted_s: int) -> Meter | None:
        if self.card is None:
            return None
        minor = 10 ** exponent(self.line.currency)
        parts = self.card.cascade.parts(piece, self.line.book.zone)
        split = shares(counted_s, [seconds for _, seconds, _ in parts])
        runs = []
        for (_, _, price), seconds in zip(parts, split, strict=True):
            if isinstance(price, str):
                return None
            runs.append((seconds, max(Fraction(0), Fraction(price.hourly) * minor / 3600)))
        return Meter(tuple(runs), whole=True)

    def unpriced(self, piece: Piece) -> str:
        """Why `piece` has no meter."""
        if self.card is None:
            return f"there is no rate card {self.terms.rate_card!r} in {self.line.currency}"
        parts = self.card.cascade.parts(piece, self.line.book.zone)
        return next(price for _, _, price in parts if isinstance(price, str))

    def cost(self, piece: Piece, meter: Meter, at: Fraction) -> Fraction:
        """What `piece` still needs from `at` on; a booking that draws its whole price, once."""
        if not self.whole_only:
            return meter.cost(at)
        if not piece.seconds or piece.work.ref in self._paid:
            return Fraction(0)
        return Fraction(self.terms.weight(piece.work.work_type))

    @property
    def whole_only(self) -> bool:
        """Whether a booking draws its whole price or nothing."""
        return self.terms.drawn_per == "booking"

    def first(self, day: date) -> Package | None:
        """The package to draw from on `day`: of those with something left, the first to expire."""
        while self._coming and self._coming[0].purchase.valid.start <= day:
            self._push(self._coming.popleft())
        while self._open and not (self._open[0][0] > day and self._open[0][-1].left):
            heappop(self._open)
        return self._open[0][-1] if self._open else None

    def _push(self, package: Package) -> None:
        self._opened += 1
        heappush(self._open, (*package.order, self._opened, package))

    def left(self, day: date) -> Fraction:
        """What can be drawn on `day` in all."""
        self.first(day)
        usable = (one[-1].left for one in self._open if one[0] > day)
        return sum(usable, Fraction(0))

    def take(self, amount: Fraction, piece: Piece) -> tuple[Fraction, str]:
        """Up to `amount` from the first package: what it gave, and the reason."""
        day = piece.work.work_date
        package = self.first(day)
        if package is None:
            return Fraction(0), ""
        taken = min(amount, package.left)
        package.left -= taken
        package.drawn[month(day.year, day.month)] += taken
        if self.whole_only:
            self._paid.add(piece.work.ref)
        return taken, f"{self.shown(taken)} from {package.purchase.name}"

    def below_mark(self, day: date) -> bool:
        """Whether so little is left on `day` that a further package is to be bought."""
        mark = self.terms.top_up
        if mark is None:
            return False
        return self.left(day) < smallest(mark.below, self.terms.unit, self.line.currency)

    def top_up(self, day: date) -> str:
        """Buy a further package on `day`; returns the reason."""
        self._top_ups += 1
        purchase = topped_up(self.line, self.terms, day, self._top_ups)
        package = self._package(purchase)
        self.packages.append(package)
        self._push(package)
        return f"topped up by {self.shown(package.bought)}: {purchase.name}"

    def shown(self, amount: Fraction) -> str:
        """`amount` of this balance as people read it."""
        return shown(amount, self.terms.unit, self.line.currency)
