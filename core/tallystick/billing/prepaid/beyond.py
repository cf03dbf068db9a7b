"""Beyond the balance: who takes the work that no package is left for."""

from __future__ import annotations

from dataclasses import dataclass, field

from tallystick.billing.charges import Placement
from tallystick.billing.facts import Piece
from tallystick.billing.prepaid.balance import Over
from tallystick.billing.prepaid.claim import Claim
from tallystick.billing.rates.cards import clock
from tallystick.money import Money


@dataclass(slots=True)
class Beyond:
    """What became of the rest of a piece: held, gone on, or taken by a line to be billed."""

    refused: list[Placement] = field(default_factory=list)
    gone_on: list[Piece] = field(default_factory=list)
    taken_s: dict[str, int] = field(default_factory=dict)


def beyond(claim: Claim, drawn_s: int) -> Beyond:
    """The first line, by id, that does not pass it on decides about the rest of the piece.

    Rounded time without worked time is billed where a line bills; it is not refused or passed on.
    """
    outcome = Beyond()
    if claim.done:
        return outcome
    claim.count(claim.asked[0][1])
    counted_s = claim.rest_s
    why = f"{clock(counted_s)} beyond what is prepaid"
    trail = (claim.rounding, *(text for draw in claim.draws for text in draw.why), why)
    rest = claim.piece.part(drawn_s, claim.piece.seconds - drawn_s, *trail)
    for line, balance in claim.asked:
        meter = claim.meter(balance)
        overage = balance.terms.overage
        if meter is None:
            outcome.refused.append(_held(rest, line, balance.unpriced(claim.piece)))
            return outcome
        if overage == "refuse":
            refuses = f"line {line} takes nothing beyond what is prepaid"
            outcome.refused += [_held(rest, line, refuses)] if rest.seconds else []
            return outcome
        if overage in ("rate", "bands"):
            worth = None
            if balance.terms.unit == "money":
                worth = Money(int(meter.cost(claim.at)), balance.line.currency)
            balance.over.append(Over(rest, counted_s, rest.trail, worth))
            outcome.taken_s[line] = rest.seconds
            return outcome
    if rest.seconds:
        outcome.gone_on.append(rest)
    return outcome


def _held(rest: Piece, line: str, why: str) -> Placement:
    return Placement(rest.work.ref, "held", line, rest.seconds, 0, (*rest.trail, why))
