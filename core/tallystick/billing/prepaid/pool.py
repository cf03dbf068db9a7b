"""The pool: every prepaid balance of a contract that takes a piece of work draws for it.

    balances   A expires Aug |==|    B expires Dec |========|
    piece                     ##      ######    then beyond: A's overage, else B's, else the
                              A       B         contract's next lines

The package that expires first is drawn first, then the one bought first, then by line id. Work
comes by (work date, reference), so it does not matter in which order it was entered.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from tallystick.billing.charges import Placement
from tallystick.billing.coverage import ReadyLine, offer
from tallystick.billing.facts import Piece
from tallystick.billing.prepaid.balance import Balance
from tallystick.billing.prepaid.beyond import beyond
from tallystick.billing.prepaid.claim import claim_of


@dataclass(frozen=True, slots=True)
class Member:
    """A line of the pool with its balance."""

    ready: ReadyLine
    balance: Balance

    @property
    def id(self) -> str:
        return self.ready.line.id


@dataclass(slots=True)
class Pool:
    """The prepaid lines of a contract, by line id."""

    members: Sequence[Member]
    zone: ZoneInfo

    def draw(self, pieces: Sequence[Piece]) -> tuple[list[Placement], list[Piece]]:
        """Where the pieces of one booking were drawn or refused, and what of them goes on."""
        parts: list[tuple[Piece, tuple[Member, ...]]] = [(piece, ()) for piece in pieces]
        for member in self.members:
            parts = [more for part in parts for more in self._offered(*part, member)]
        placed: list[Placement] = []
        rest: list[Piece] = []
        for piece, takers in parts:
            if not takers:
                rest.append(piece)
                continue
            claim = claim_of(piece, [(one.id, one.balance) for one in takers])
            drawn = list(claim.placements())
            outcome = beyond(claim, sum(one.seconds for one in drawn))
            placed += drawn + outcome.refused
            rest += outcome.gone_on
            taken_s = Counter(outcome.taken_s)
            for one in drawn:
                taken_s[one.line or ""] += one.seconds
            for member in takers:
                allowance = member.ready.allowance
                if allowance is not None:
                    allowance.give_back(piece.work.work_date, piece.seconds - taken_s[member.id])
        return placed, rest

    def _offered(
        self, piece: Piece, takers: tuple[Member, ...], member: Member
    ) -> Iterator[tuple[Piece, tuple[Member, ...]]]:
        taken, left = offer(piece, member.ready, self.zone)
        both = [(one, (*takers, member)) for one in taken] + [(one, takers) for one in left]
        yield from sorted(both, key=lambda part: part[0].first_s)
