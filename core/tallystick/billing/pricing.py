"""Price one contract: all its charges, the place of every booking, all earnings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from tallystick.billing.charges import Charge, ChargeModel, Earning, LineFacts, Placement
from tallystick.billing.coverage import cover, ready_lines
from tallystick.billing.facts import Facts
from tallystick.billing.rates import RateCard


@dataclass(frozen=True, slots=True)
class Pricing:
    """What the facts say up to the horizon, whatever was billed before."""

    charges: tuple[Charge, ...]
    placements: tuple[Placement, ...]
    earnings: tuple[Earning, ...]


def price(
    facts: Facts,
    until: date,
    models: Mapping[str, ChargeModel],
    cards: Mapping[str, RateCard],
) -> Pricing:
    """Price `facts` from the contract's start to before `until`.

    The seconds of a booking's placements sum to the booking's seconds; the order of the
    facts does not matter. Raises `SkipRecord` for a line whose terms do not fit its model.
    """
    works = sorted(
        (work for work in facts.works if work.work_date < until),
        key=lambda work: (work.work_date, work.ref),
    )
    lines = ready_lines(facts, models, until)
    coverage = cover(works, lines)
    charges: list[Charge] = []
    placements = coverage.placed
    earnings: list[Earning] = []
    for ready in lines:
        line = LineFacts(
            line=ready.line,
            terms=ready.terms,
            facts=facts,
            span=ready.span,
            works=tuple(coverage.by_line[ready.line.id]),
            cards=cards,
        )
        for outcome in ready.model.price(line):
            match outcome:
                case Charge():
                    charges.append(outcome)
                case Placement():
                    placements.append(outcome)
                case Earning():
                    earnings.append(outcome)
    return Pricing(tuple(charges), tuple(placements), tuple(earnings))
