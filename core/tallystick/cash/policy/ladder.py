"""The retry ladder: when a collection that failed is tried again, by the kind of its failure.

    soft = [3, 5, 7]     failed 1 Oct ─3─▶ 4 Oct, failed 4 Oct ─5─▶ 9 Oct, failed 9 Oct ─7─▶ 16 Oct,
                         failed again: no more

Days count from the failure, not from the run that saw it, so running late or twice moves nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from tallystick.cash.policy.days import shifted
from tallystick.cash.policy.reasons import reason_of, told
from tallystick.cash.policy.timing import Timing


@dataclass(frozen=True, slots=True)
class Ladder:
    """Days from a failure to the next try, one for each try. What is hard or has no mandate is
    never tried again; a payer who must act is not debited meanwhile."""

    soft: tuple[int, ...] = (3, 5, 7)
    unknown: tuple[int, ...] = ()


class Failure(NamedTuple):
    """One failed collection of an invoice: when it failed, and the code it failed for."""

    on: date
    code: str


class Again(NamedTuple):
    """Tried again on a day, or not at all where `on` is None, and why."""

    on: date | None
    why: str


def next_try(failures: Sequence[Failure], ladder: Ladder, timing: Timing) -> Again:
    """What follows on the failures of one invoice under one mandate, in their order.

    The kind of the last failure decides; every failure counts as a step, whatever its kind.
    """
    last = failures[-1]
    kind = reason_of(last.code).kind
    steps = {"soft": ladder.soft, "unknown": ladder.unknown}.get(kind, ())
    if not steps:
        return Again(None, f"its collection failed ({told(last.code)}) and is not tried again")
    if len(failures) > len(steps):
        return Again(None, f"it was collected {len(failures)} times and came back each time")
    day = last.on + timedelta(days=steps[len(failures) - 1])
    working_day = shifted(day, timing.working, "none" if timing.shift == "none" else "after")
    return Again(working_day, f"its collection failed ({told(last.code)})")
