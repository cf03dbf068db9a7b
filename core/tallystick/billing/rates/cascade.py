"""The rate cascade: which price, multiplier and call-out fee each part of a booking gets.

Prices compete with prices, multipliers with multipliers, call-out fees with call-out fees. Of the
rules that match, the one with most conditions wins; of as many, the one that names the condition
that stands first in `CONDITIONS`; of the same, the later `valid_from`. Rules that are still alike
hold the work, since either could be meant.

What a card makes of a booking depends only on the values its rules name, so it is worked out
once for each combination of them, and looked up for every other booking.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Context, Decimal, Inexact
from functools import cached_property
from zoneinfo import ZoneInfo

from msgspec import Struct

from tallystick.billing.facts import Piece, Work
from tallystick.billing.rates.rules import KINDS, NAMED, REFERENCES, Kind, Rate, spellings
from tallystick.billing.windows import Window, cut

EXACT = Context(prec=100)
WHOLE = Context(prec=100, traps=[Inexact])


class Price(Struct, frozen=True):
    """The exact price of an hour in major units, what it comes from, and a fee per booking.

    `second` is the price of a second, as numerator and denominator; `hours` are the windows that
    the price depends on, in words.
    """

    hourly: Decimal
    second: tuple[int, int]
    rate: Rate
    multiplier: Rate | None
    call_out: Rate | None
    reason: str
    hours: tuple[str, ...]


Outcome = Price | str
"""A price, or the reason why there is none."""
Part = tuple[int, int, Outcome]


@dataclass(frozen=True, slots=True)
class Matching:
    """The rules of a card that match some work apart from their hours, best first, each kind as
    far down as it can matter, with the windows that decide among them.

    `outcomes` is what they came to, by the windows that were open and the work type.
    """

    rates: tuple[Rate, ...]
    windows: tuple[Window, ...]
    outcomes: dict[tuple[tuple[bool, ...], str | None], Outcome] = field(default_factory=dict)


class Cascade:
    """The rules of one card, with what they came to so far."""

    def __init__(self, card: str, rates: Sequence[Rate]) -> None:
        self._card = card
        self._rates = rates
        self._matching: dict[tuple[object, ...], Matching] = {}

    def parts(self, piece: Piece, zone: ZoneInfo) -> list[Part]:
        """`(first_s, seconds, outcome)` of the piece, in order, cut where the outcome changes."""
        matching = self.matching(piece.work)
        work_type = piece.work.work_type
        if not matching.windows:
            return [(0, piece.seconds, self._outcome(matching, (), work_type))]
        started_at = piece.started_at
        if started_at is None:
            by_hours = next(rate for rate in matching.rates if rate.windows)
            why = f"rate card {self._card} asks for the hour ({by_hours})"
            return [(0, piece.seconds, f"{why}, and the booking's start is not known")]
        cuts = [cut(started_at, piece.seconds, one, zone) for one in matching.windows]
        if all(len(one) == 1 for one in cuts):
            steady = tuple(inside for [(_, _, inside)] in cuts)
            return [(0, piece.seconds, self._outcome(matching, steady, work_type))]
        found: list[Part] = []
        for first_s, seconds, inside in together(cuts):
            outcome = self._outcome(matching, inside, work_type)
            if found and found[-1][2] == outcome:
                first_s, before, _ = found.pop()
                seconds += before
            found.append((first_s, seconds, outcome))
        return found

    def matching(self, work: Work) -> Matching:
        """The rules that could price the work, whatever the hour."""
        key = self._key(work)
        found = self._matching.get(key)
        if found is None:
            found = self._matching[key] = _matching(self._rates, work)
        return found

    def _key(self, work: Work) -> tuple[object, ...]:
        """The values of the work as far as rules name them, and between which turns its day is."""
        turn = bisect_right(self._turns, work.work_date)
        if not self._named:
            return (turn,)
        values: list[object] = [turn]
        for name, named in self._named:
            value = getattr(work, name)
            known = value in named or (
                name in REFERENCES and any(one in named for one in spellings(name, value))
            )
            values.append(value if known else None)
        return tuple(values)

    @cached_property
    def _named(self) -> list[tuple[str, frozenset[str]]]:
        """The conditions the rules give, each with every value they name."""
        named = {
            name: frozenset(value for rate in self._rates for value in rate.values(name))
            for name in NAMED
        }
        return [(name, values) for name, values in named.items() if values]

    @cached_property
    def _turns(self) -> list[date]:
        """The days on which a rule comes into force or goes out of it."""
        return sorted({day for rate in self._rates for day in (rate.valid_from, rate.valid_until)})

    def _outcome(
        self, matching: Matching, inside: tuple[bool, ...], work_type: str | None
    ) -> Outcome:
        found = matching.outcomes.get((inside, work_type))
        if found is None:
            found = self._decide(matching, inside, work_type)
            matching.outcomes[inside, work_type] = found
        return found

    def _decide(
        self, matching: Matching, inside: tuple[bool, ...], work_type: str | None
    ) -> Outcome:
        open_then = dict(zip(matching.windows, inside, strict=True))
        rates = [
            rate
            for rate in matching.rates
            if not rate.windows or any(open_then[one] for one in rate.windows)
        ]
        winners: dict[Kind, Rate] = {}
        for kind in KINDS:
            of_kind = best([rate for rate in rates if rate.kind == kind])
            if len(of_kind) > 1:
                alike = " and ".join(f"({rate})" for rate in of_kind)
                return f"rate card {self._card} cannot tell {alike} apart"
            if of_kind:
                winners[kind] = of_kind[0]
        rate = winners.get("hourly")
        if rate is None or rate.hourly is None:
            then = " at that hour" if matching.windows else ""
            return f"rate card {self._card} has no rate for {work_type or 'unnamed work'}{then}"
        return self._price(rate, winners.get("multiplier"), winners.get("call_out"))

    def _price(self, rate: Rate, by: Rate | None, call_out: Rate | None) -> Price:
        hourly = rate.hourly or Decimal(0)
        reason = f"rate card {self._card}: {rate}"
        if by is not None and by.multiplier is not None:
            hourly = multiplied(hourly, by.multiplier)
            reason = f"{reason}, {by}: {hourly}/h"
        whole, parts = hourly.as_integer_ratio()
        hours = tuple(str(window) for one in (rate, by) if one for window in one.windows)
        return Price(hourly, (whole, parts * 3600), rate, by, call_out, reason, hours)


def best(rates: Sequence[Rate]) -> list[Rate]:
    """The winner among rules of one kind that match; several when nothing tells them apart."""
    top = max(((rate.rank, rate.valid_from) for rate in rates), default=None)
    return [rate for rate in rates if (rate.rank, rate.valid_from) == top]


def _matching(rates: Iterable[Rate], work: Work) -> Matching:
    ranked = sorted(
        (rate for rate in rates if not rate.differs(work)),
        key=lambda rate: (rate.rank, rate.valid_from),
        reverse=True,
    )
    matter: list[Rate] = []
    for kind in KINDS:
        certain: Rate | None = None
        for rate in ranked:
            if rate.kind != kind:
                continue
            if certain and (rate.rank, rate.valid_from) != (certain.rank, certain.valid_from):
                break
            matter.append(rate)
            certain = certain if rate.windows else rate
    windows = dict.fromkeys(window for rate in matter for window in rate.windows)
    return Matching(tuple(matter), tuple(windows))


def together(
    cuts: Sequence[Sequence[tuple[int, int, bool]]],
) -> Iterable[tuple[int, int, tuple[bool, ...]]]:
    """Several cuts of the same seconds as one, with what each of them says."""
    end = sum(cuts[0][-1][:2])
    starts = sorted({first_s for parts in cuts for first_s, _, _ in parts})
    at = [0] * len(cuts)
    for first_s, until in zip(starts, [*starts[1:], end], strict=True):
        for i, parts in enumerate(cuts):
            if at[i] + 1 < len(parts) and parts[at[i] + 1][0] == first_s:
                at[i] += 1
        inside = tuple(parts[at[i]][2] for i, parts in enumerate(cuts))
        yield first_s, until - first_s, inside


def multiplied(price: Decimal, by: Decimal) -> Decimal:
    """Exactly `price` x `by`, with the decimals of `price` unless it needs more."""
    exact = EXACT.multiply(price, by).normalize(EXACT)
    try:
        return exact.quantize(price, context=WHOLE)
    except Inexact:
        return exact
