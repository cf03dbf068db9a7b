"""Coverage: which line of a contract takes each booking, or each piece of it, and why.

Lines are asked in this order: those whose fee covers the work, by line id; the pool of those
it draws from, all together; those that bill it, by line id. What a line does not take (the
wrong work, another time of day, an allowance used up, a balance used up) goes on to the next. A
piece no line takes is held, never dropped.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from msgspec import Struct, field

from tallystick.billing.allowance import Allowance
from tallystick.billing.charges import Bucket, ChargeModel, Covers, LineTerms, Placement, takes
from tallystick.billing.facts import Facts, Piece, Work, in_force, spelled
from tallystick.billing.rates.cards import clock
from tallystick.billing.schedule.pauses import pauses
from tallystick.billing.windows import cut
from tallystick.period import Period
from tallystick.records import Contract, ContractLine

if TYPE_CHECKING:
    from tallystick.billing.prepaid.pool import Pool

ORDER = {"covered": 0, "drawn": 1, "billed": 2, "over_lines": 3}
NEVER = {"never": "booked as never billable", "no_charge": "booked as free of charge"}
ANY = ("*",)
EVERYTHING = Covers()
ELSEWHERE = "it stands on invoice {}, which was made elsewhere"
UNAPPROVED = "it waits for approval in the service desk"
LONGEST_S = 24 * 3600


class ReadyLine(Struct, frozen=True, dict=True):
    """A contract line with its model, typed terms and the days it is in force.

    It has an `allowance` where its terms give one, and is `paused` on these days.
    """

    line: ContractLine
    model: ChargeModel
    terms: LineTerms
    span: Period
    allowance: Allowance | None = None
    paused: tuple[Period, ...] = ()

    @cached_property
    def takes_all(self) -> bool:
        """Whether there is nothing to ask but the day: no condition, hour, allowance or pause."""
        terms = self.terms
        return "*" in terms.work_types and terms.covers == EVERYTHING and not self.paused


class Coverage(Struct):
    """Pieces by the line that bills them, and those already in their bucket."""

    placed: list[Placement] = field(default_factory=list)
    by_line: dict[str, list[Piece]] = field(default_factory=lambda: defaultdict(list))


def ready_lines(facts: Facts, models: Mapping[str, ChargeModel], until: date) -> list[ReadyLine]:
    """The lines in force before `until`, in the order in which they take work."""
    read = ((line, models[line.model].read_terms(line)) for line in facts.lines)
    return as_ready(facts.contract, read, models, until)


def as_ready(
    contract: Contract,
    read: Iterable[tuple[ContractLine, LineTerms]],
    models: Mapping[str, ChargeModel],
    until: date,
) -> list[ReadyLine]:
    """The same of lines whose terms are read."""
    found = []
    for line, terms in read:
        span = in_force(line, contract, until)
        if span is not None:
            allowance = Allowance.of(line.id, terms.covers, span)
            paused = pauses(contract, terms)
            found.append(ReadyLine(line, models[line.model], terms, span, allowance, paused))
    return sorted(found, key=lambda one: (ORDER[one.model.takes], one.line.id))


def cover(
    works: Iterable[Work], lines: Sequence[ReadyLine], pool: Pool, zone: ZoneInfo
) -> Coverage:
    """Every second of every booking to exactly one line or bucket.

    `works` come by (work date, reference), which is the order in which allowances and
    the balances of `pool` are used.
    """
    result = Coverage()
    including = [one for one in lines if one.model.takes == "covered"]
    billing = [one for one in lines if one.model.takes == "billed"]
    anybody = bool(including or billing or pool.members)
    nobody = "no line of the contract takes it" if anybody else "the contract has no line in force"
    for work in works:
        if not 0 <= work.seconds <= LONGEST_S:
            why = f"{work.seconds} seconds is not a plausible booking; correct it at its source"
            result.placed.append(_unasked(work, "held", why))
        elif work.invoice is not None:
            result.placed.append(_unasked(work, "never", ELSEWHERE.format(work.invoice)))
        elif work.billable != "billable":
            result.placed.append(_unasked(work, "never", NEVER[work.billable]))
        elif work.approved is False:
            result.placed.append(_unasked(work, "held", UNAPPROVED))
        else:
            pieces = [Piece(work, 0, work.seconds, ())]
            for ready in including:
                taken, pieces = _through(pieces, ready, zone)
                result.placed += [placement(one, "covered", ready.line.id) for one in taken]
            if pool.members and pieces:
                placed, pieces = pool.draw(pieces)
                result.placed += placed
            for ready in billing:
                if not pieces:
                    break
                taken, pieces = _through(pieces, ready, zone)
                result.by_line[ready.line.id] += taken
            for one in pieces:
                result.placed.append(placement(one.part(0, one.seconds, nobody), "held", None))
    return result


def _unasked(work: Work, bucket: Bucket, why: str) -> Placement:
    """Where the whole of a booking ends that no line is asked about."""
    return Placement(work.ref, bucket, None, work.seconds, 0, (why,))


def _through(
    pieces: Sequence[Piece], ready: ReadyLine, zone: ZoneInfo
) -> tuple[list[Piece], list[Piece]]:
    """What the line takes of `pieces`, and what goes on."""
    if len(pieces) == 1:
        return offer(pieces[0], ready, zone)
    taken: list[Piece] = []
    left: list[Piece] = []
    for piece in pieces:
        some, rest = offer(piece, ready, zone)
        taken += some
        left += rest
    return taken, left


def placement(piece: Piece, bucket: Bucket, line: str | None) -> Placement:
    """The bucket `piece` ends in, for the reasons of its trail."""
    counted = piece.seconds if bucket == "covered" else 0
    return Placement(piece.work.ref, bucket, line, piece.seconds, counted, piece.trail)


def offer(piece: Piece, ready: ReadyLine, zone: ZoneInfo) -> tuple[list[Piece], list[Piece]]:
    """What the line takes of `piece`, and what goes on to the next line, each with the reason."""
    line, work, covers = ready.line, piece.work, ready.terms.covers
    verb = "includes it" if ready.model.takes == "covered" else f"takes {named(work)}"
    takes_it = f"line {line.id} ({line.description}) {verb}"
    if ready.takes_all and ready.span.covers(work.work_date):
        return [piece.part(0, piece.seconds, takes_it)], []
    refused = refused_by_kind(work, ready.terms, ready.span, ready.paused) or _refused(work, covers)
    if refused:
        return [], [piece.part(0, piece.seconds, f"line {line.id} {refused}")]
    if covers.hours is None:
        inside: list[Piece] = [piece]
        outside: list[Piece] = []
    elif piece.started_at is None:
        unknown = f"line {line.id} takes only some hours of the day, and its start is not known"
        return [], [piece.part(0, piece.seconds, unknown)]
    else:
        inside, outside = [], []
        for first_s, seconds, within in cut(piece.started_at, piece.seconds, covers.hours, zone):
            if within:
                inside.append(piece.part(first_s, seconds))
            else:
                because = f"{clock(seconds)} of it is outside the hours of line {line.id}"
                outside.append(piece.part(first_s, seconds, because))
    if ready.allowance is None:
        return [one.part(0, one.seconds, takes_it) for one in inside], outside
    taken: list[Piece] = []
    for one in inside:
        within_it, beyond = _allow(one, ready.allowance, covers, takes_it)
        taken += within_it
        outside += beyond
    return taken, sorted(outside, key=lambda one: one.first_s)


def named(work: Work) -> str:
    return work.work_type or "unnamed work"


def refused_by_kind(
    work: Work, terms: LineTerms, span: Period | None, paused: Iterable[Period]
) -> str:
    """Why a line in force during `span` does not take work of that kind on its day; empty where it
    does. What the work was about, where and when of the day it was done is not asked."""
    if not takes(terms, work.work_type):
        return f"does not take {named(work)}"
    if span is None or not span.covers(work.work_date):
        return f"is not in force on {work.work_date}"
    if any(days.covers(work.work_date) for days in paused):
        return f"is paused on {work.work_date}"
    covers = terms.covers
    return _narrowed(
        (covers.ticket_types, work.ticket_type, "tickets of type", "tickets without a type"),
        (covers.priorities, work.priority, "tickets of priority", "tickets without a priority"),
    )


def _refused(work: Work, covers: Covers) -> str:
    return _narrowed(
        (covers.assets, work.asset, "work on asset", "work on no known asset"),
        (covers.asset_types, work.asset_type, "assets of type", "assets without a type"),
        (covers.locations, work.location, "work at", "work at no known place"),
    )


def _narrowed(*conditions: tuple[tuple[str, ...], str | None, str, str]) -> str:
    for allowed, value, what, unknown in conditions:
        if allowed != ANY and not _among(value, allowed):
            return f"does not take {f'{what} {value}' if value else unknown}"
    return ""


def _among(value: str | None, allowed: tuple[str, ...]) -> bool:
    """Whether `value` is allowed; a ref also by the plain id after its connection."""
    if value is None:
        return "*" in allowed
    return "*" in allowed or any(one in allowed for one in spelled(value))


def _allow(
    piece: Piece, allowance: Allowance, covers: Covers, takes_it: str
) -> tuple[list[Piece], list[Piece]]:
    """What is left of the allowance of the cycle the work was done in takes its share."""
    day = piece.work.work_date
    within_s = allowance.take(day, piece.seconds)
    a_cycle = f"{clock(allowance.allowed_s)} h a {covers.allowance_cycle}"
    spent = f"the {a_cycle} of line {allowance.line} are used"
    if not within_s and piece.seconds:
        return [], [piece.part(0, piece.seconds, spent)]
    so_far = f"{clock(allowance.so_far_s(day))} of {a_cycle} used"
    taken = [piece.part(0, within_s, takes_it, so_far)]
    if within_s == piece.seconds:
        return taken, []
    return taken, [piece.part(within_s, piece.seconds - within_s, spent)]
