"""Every rule of a rate card beside a booking, and why it won or lost: the cascade, told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from msgspec import Struct

from tallystick.billing.facts import Piece
from tallystick.billing.rates.cards import RateCard
from tallystick.billing.rates.cascade import best
from tallystick.billing.rates.rules import CONDITIONS, KINDS, Rate
from tallystick.billing.windows import Window, cut


class Candidate(Struct, frozen=True):
    """A rule in words, whether it won, and why or why not."""

    rate: str
    won: bool
    because: str


class Considered(Struct, frozen=True):
    """`seconds` of a booking from `first_s` after its start: the price it came to or why it came
    to none, and the rules of the card, those that compete with each other together, best first."""

    card: str
    first_s: int
    seconds: int
    comes_to: str
    candidates: tuple[Candidate, ...]


def candidates(piece: Piece, card: RateCard, zone: ZoneInfo) -> list[Considered]:
    """The cascade for each part of `piece` that has a price of its own."""
    return [
        Considered(
            card=card.name,
            first_s=first_s,
            seconds=seconds,
            comes_to=found if isinstance(found, str) else f"{found.hourly} {card.currency} an hour",
            candidates=tuple(_told(piece.part(first_s, 0), card.rates, zone)),
        )
        for first_s, seconds, found in card.cascade.parts(piece, zone)
    ]


def _told(moment: Piece, rates: Sequence[Rate], zone: ZoneInfo) -> Iterator[Candidate]:
    for kind in KINDS:
        running = sorted(
            (rate for rate in rates if rate.kind == kind),
            key=lambda rate: (rate.rank, rate.valid_from),
            reverse=True,
        )
        refused = {index: _refused(rate, moment, zone) for index, rate in enumerate(running)}
        top = best([rate for index, rate in enumerate(running) if not refused[index]])
        for index, rate in enumerate(running):
            why = refused[index] or _compared(rate, top)
            yield Candidate(str(rate), won=top == [rate] and not refused[index], because=why)


def _refused(rate: Rate, moment: Piece, zone: ZoneInfo) -> str:
    """Why the rule does not apply at this moment; empty when it does."""
    differs = rate.differs(moment.work)
    if differs or not rate.windows:
        return differs
    at = moment.started_at
    if at is None:
        return "the booking's start is not known"
    return "" if any(_open(at_hours, moment, zone) for at_hours in rate.windows) else "other hours"


def _open(window: Window, moment: Piece, zone: ZoneInfo) -> bool:
    started_at = moment.started_at
    return started_at is not None and cut(started_at, 0, window, zone)[0][2]


def _compared(rate: Rate, top: Sequence[Rate]) -> str:
    """Why a rule that applies won or lost."""
    winner = top[0]
    if rate in top:
        return "wins" if len(top) == 1 else "nothing tells it apart from the other"
    (count, given), (most, winners) = rate.rank, winner.rank
    if count < most:
        return f"names {count} condition{'' if count == 1 else 's'}, the winner {most}"
    if given == winners:
        return f"the winner is newer, from {winner.valid_from}"
    pairs = zip(CONDITIONS, given, winners, strict=True)
    stronger = next(name for name, mine, other in pairs if other and not mine)
    return f"the winner names the {stronger.replace('_', ' ')}, which is stronger"
