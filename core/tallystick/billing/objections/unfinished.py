"""What is not in the proposal yet: quarantined records, held work, uncounted incidents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from tallystick.billing.charges import Placement
from tallystick.billing.invoice.proposal import Objection
from tallystick.billing.objections.case import Case
from tallystick.billing.rates.cards import clock

LATER = "They are billed by a later run once their reason is gone."


def quarantine(case: Case) -> Iterator[Objection]:
    """Records that came in but could not be read, also for a value no mapping knows."""
    if case.quarantined:
        yield Objection(
            "open_quarantine",
            "hold",
            _number(case.quarantined, "record of this client is", "records of this client are")
            + " quarantined and not priced.",
            "Correct them (`tallystick quarantine`), sync and propose again.",
        )


def held_work(case: Case) -> Iterator[Objection]:
    """Work that is not billed: for want of a rate, of an approval, or for another reason."""
    waiting = [one for one in case.held if one.booking in case.unapproved]
    rest = [one for one in case.held if one.booking not in case.unapproved]
    rateless = [one for one in rest if "no rate" in one.reason[-1]]
    other = [one for one in rest if "no rate" not in one.reason[-1]]
    if rateless:
        yield Objection(
            "missing_rate",
            "hold",
            f"{_counted(rateless, 'has', 'have')} no price: {_reasons(rateless)}.",
            "Add the rate to tallystick.toml, or correct the contract line, and propose again.",
        )
    if waiting:
        yield Objection(
            "unapproved_time",
            "note",
            f"{_counted(waiting, 'waits', 'wait')} for approval in the service desk.",
            "They are billed by a later run once they are approved there.",
        )
    if other:
        yield Objection(
            "held_work", "note", f"{_counted(other, 'is', 'are')} held: {_reasons(other)}.", LATER
        )


def incidents(case: Case) -> Iterator[Objection]:
    """Incidents that count under no contract."""
    if case.uncounted:
        reasons = "; ".join(sorted(set(case.uncounted.values())))
        yield Objection(
            "uncounted_incidents",
            "note",
            _number(len(case.uncounted), "incident counts", "incidents count")
            + f" under no contract: {reasons}.",
            "They are billed by a later run once that is clear.",
        )


def _counted(placements: Sequence[Placement], one: str, several: str) -> str:
    """`1 booking (0:30 h) is`: what they are and the verb that follows."""
    lasting = f"({clock(sum(piece.seconds for piece in placements))} h)"
    bookings = len({piece.booking for piece in placements})
    return _number(bookings, f"booking {lasting} {one}", f"bookings {lasting} {several}")


def _number(count: int, one: str, several: str) -> str:
    return f"{count} {one if count == 1 else several}"


def _reasons(placements: Iterable[Placement]) -> str:
    return "; ".join(sorted({one.reason[-1] for one in placements}))
