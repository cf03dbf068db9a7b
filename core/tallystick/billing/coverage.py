"""Coverage: which line of a contract takes each booking, and why.

Lines are asked in this order: those whose fee covers the work, those it draws from, those
that bill it; within each by line id. A booking no line takes is held, never dropped.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from tallystick.billing.charges import Bucket, ChargeModel, LineTerms, Placement, takes
from tallystick.billing.facts import Facts, Work, in_force
from tallystick.period import Period
from tallystick.records import ContractLine

ORDER = {"covered": 0, "drawn": 1, "billed": 2}
NEVER = {"never": "booked as never billable", "no_charge": "booked as free of charge"}
LONGEST_S = 24 * 3600


@dataclass(frozen=True, slots=True)
class ReadyLine:
    """A contract line with its model, typed terms and the days it is in force."""

    line: ContractLine
    model: ChargeModel
    terms: LineTerms
    span: Period


@dataclass(slots=True)
class Coverage:
    """Bookings by the line that draws or bills them, and those already in their bucket."""

    placed: list[Placement] = field(default_factory=list)
    by_line: dict[str, list[tuple[Work, tuple[str, ...]]]] = field(
        default_factory=lambda: defaultdict(list)
    )


def ready_lines(facts: Facts, models: Mapping[str, ChargeModel], until: date) -> list[ReadyLine]:
    """The lines in force before `until`, in the order in which they take work."""
    ready = []
    for line in facts.lines:
        span = in_force(line, facts.contract, until)
        if span is not None:
            model = models[line.model]
            ready.append(ReadyLine(line, model, model.read_terms(line), span))
    return sorted(ready, key=lambda one: (ORDER[one.model.takes], one.line.id))


def cover(works: Sequence[Work], lines: Sequence[ReadyLine]) -> Coverage:
    """Every booking to exactly one line or bucket."""
    result = Coverage()
    for work in works:
        _cover_one(work, lines, result)
    return result


def _cover_one(work: Work, lines: Sequence[ReadyLine], result: Coverage) -> None:
    if not 0 <= work.seconds <= LONGEST_S:
        implausible = f"{work.seconds} seconds is not a plausible booking; correct it at its source"
        result.placed.append(_place(work, "held", None, (implausible,)))
        return
    if work.billable != "billable":
        result.placed.append(_place(work, "never", None, (NEVER[work.billable],)))
        return
    passed: list[str] = []
    what = work.work_type or "unnamed work"
    for ready in lines:
        line = ready.line
        if not takes(ready.terms, work.work_type):
            passed.append(f"line {line.id} does not take {what}")
        elif not ready.span.covers(work.work_date):
            passed.append(f"line {line.id} is not in force on {work.work_date}")
        elif ready.model.takes == "covered":
            trail = (*passed, f"line {line.id} ({line.description}) includes it")
            result.placed.append(_place(work, "covered", line.id, trail))
            return
        else:
            trail = (*passed, f"line {line.id} ({line.description}) takes {what}")
            result.by_line[line.id].append((work, trail))
            return
    nobody = "no line of the contract takes it" if lines else "the contract has no line in force"
    result.placed.append(_place(work, "held", None, (*passed, nobody)))


def _place(work: Work, bucket: Bucket, line: str | None, reason: tuple[str, ...]) -> Placement:
    counted = work.seconds if bucket == "covered" else 0
    return Placement(work.ref, bucket, line, work.seconds, counted, reason)
