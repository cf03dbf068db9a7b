"""A claim: one piece of work draws what it needs from balances, package by package."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from tallystick.billing.charges import Placement
from tallystick.billing.facts import Piece
from tallystick.billing.prepaid.balance import Balance
from tallystick.billing.prepaid.meter import Meter

MOST_TOP_UPS = 100
"""Top-ups that one piece of work can cause; a package this small beside it is a mistake."""

Asked = tuple[str, Balance]
"""A line's id and its balance."""


@dataclass(slots=True)
class Draw:
    """What one line gave up to the position `at`, and how."""

    line: str
    at: Fraction
    why: list[str]


@dataclass(slots=True)
class Claim:
    """How far a piece is drawn: `at` of its counted seconds, an exact fraction.

    Positions in time are what balances in hours, money and tokens have in common, so that one
    piece can draw from all of them. The first that gives says how the time is rounded.
    """

    piece: Piece
    asked: Sequence[Asked]
    at: Fraction = Fraction(0)
    done: bool = False
    counted_s: int = 0
    rounding: str = ""
    draws: list[Draw] = field(default_factory=list)
    top_ups: int = 0

    @property
    def day(self) -> date:
        return self.piece.work.work_date

    @property
    def rest_s(self) -> int:
        """Counted seconds that were not drawn; one begun and not paid for is among them."""
        return self.counted_s - int(self.at)

    def of(self, line: str) -> Draw:
        """The draw of the line whose turn it is."""
        if not self.draws or self.draws[-1].line != line:
            self.draws.append(Draw(line, self.at, []))
        return self.draws[-1]

    def count(self, balance: Balance) -> None:
        """Round the time as `balance` does, unless another did."""
        if not self.rounding:
            self.counted_s, self.rounding = balance.count(self.piece)

    def meter(self, balance: Balance) -> Meter | None:
        """What the time costs there; None where it has no rate."""
        counted = self.counted_s if self.rounding else balance.counted_s(self.piece)
        return balance.meter(self.piece, counted)

    def placements(self) -> Iterator[Placement]:
        """What each line gave, in seconds that sum to what was drawn."""
        worked_s = counted_s = 0
        for draw in self.draws:
            counted_to = int(draw.at)
            whole = self.done and draw is self.draws[-1]
            worked_to = self.piece.seconds if whole else min(self.piece.seconds, counted_to)
            yield Placement(
                self.piece.work.ref,
                "drawn",
                draw.line,
                worked_to - worked_s,
                counted_to - counted_s,
                (*self.piece.trail, self.rounding, *draw.why),
            )
            worked_s, counted_s = worked_to, counted_to


def claim_of(piece: Piece, asked: Sequence[Asked]) -> Claim:
    """Draw `piece` from the balances `asked` until it is drawn whole or they have nothing left."""
    claim = Claim(piece, asked)
    while not claim.done:
        found = _next(claim)
        if found is not None:
            _take(claim, *found)
        elif not _topped_up(claim):
            break
    return claim


def _next(claim: Claim) -> Asked | None:
    """The line whose package comes first of those that can give."""
    candidates = []
    for line, balance in claim.asked:
        meter = claim.meter(balance)
        if meter is None:
            continue
        cost = balance.cost(claim.piece, meter, claim.at)
        if not cost:
            return line, balance
        package = balance.first(claim.day)
        if package is None or (balance.whole_only and balance.left(claim.day) < cost):
            continue
        candidates.append((*package.order, line, balance))
    if not candidates:
        return None
    *_, line, balance = min(candidates)
    return line, balance


def _take(claim: Claim, line: str, balance: Balance) -> None:
    claim.count(balance)
    meter = claim.meter(balance)
    if meter is None:
        raise AssertionError("only a line with a price is asked")
    need = balance.cost(claim.piece, meter, claim.at)
    got = Fraction(0)
    while got < need:
        given, why = balance.take(need - got, claim.piece)
        got += given
        claim.of(line).why.append(why if len(claim.asked) == 1 else f"{why} of line {line}")
        if not balance.whole_only:
            break
    claim.done = got == need
    claim.at = Fraction(claim.counted_s) if claim.done else meter.reach(claim.at, got)
    claim.of(line).at = claim.at
    while balance.below_mark(claim.day) and claim.top_ups < MOST_TOP_UPS:
        _top_up(claim, line, balance)


def _topped_up(claim: Claim) -> bool:
    """Whether a line bought a further package because nobody had enough left."""
    for line, balance in claim.asked:
        priced = claim.meter(balance) is not None
        if priced and balance.terms.top_up and claim.top_ups < MOST_TOP_UPS:
            _top_up(claim, line, balance)
            return True
    return False


def _top_up(claim: Claim, line: str, balance: Balance) -> None:
    claim.top_ups += 1
    claim.of(line).why.append(balance.top_up(claim.day))
