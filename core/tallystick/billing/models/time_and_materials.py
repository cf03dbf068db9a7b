"""Time and materials: each booking at the rate its rate card finds, rounded by the card."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction

from tallystick.billing.charges import ChargeModel, LineFacts, LineTerms, Placement, Priced
from tallystick.billing.facts import Piece, Work
from tallystick.billing.rates import Rate, RateCard, hours
from tallystick.period import Period


class TimeAndMaterialsTerms(LineTerms, frozen=True, kw_only=True, forbid_unknown_fields=True):
    rate_card: str
    work_types: tuple[str, ...] = ("*",)


def price(line: LineFacts) -> Iterator[Priced]:
    terms: TimeAndMaterialsTerms = line.terms
    card = line.book.cards.get(terms.rate_card)
    billed: Counter[str] = Counter()
    for piece in line.works:
        billed[piece.work.ref] += 1
        counted = card.counted(piece.seconds) if card else 0
        why = (*piece.trail, card.rounding(piece.seconds)) if card else piece.trail
        nth = billed[piece.work.ref]
        yield from bill(line, piece, counted, card, why, terms.rate_card, nth)


def bill(
    line: LineFacts,
    piece: Piece,
    counted: int,
    card: RateCard | None,
    trail: tuple[str, ...],
    card_name: str,
    nth: int = 1,
) -> Iterator[Priced]:
    """`counted` seconds of `piece`, the `nth` of its booking that this line bills, at the card's
    rate; held when there is none."""
    work, seconds = piece.work, piece.seconds
    if card is None or card.currency != line.currency:
        why = f"there is no rate card {card_name!r} in {line.currency}"
        yield Placement(work.ref, "held", line.line.id, seconds, 0, (*trail, why))
        return
    rate = card.find(work)
    if rate is None:
        why = f"rate card {card.name} has no rate for {work.work_type or 'unnamed work'}"
        yield Placement(work.ref, "held", line.line.id, seconds, 0, (*trail, why))
        return
    reason = (*trail, f"rate card {card.name}: {rate}")
    yield Placement(work.ref, "billed", line.line.id, seconds, counted, reason)
    yield line.charge(
        basis=f"booking:{work.ref}" + (f":{nth}" if nth > 1 else ""),
        service=Period(work.work_date, work.work_date + timedelta(days=1)),
        group=group(line, work, rate),
        quantity=hours(counted),
        unit="hour",
        unit_price=rate.hourly,
        amount=Fraction(rate.hourly) * counted / 3600,
        reason=reason,
        account="Income:Time",
    )


def group(line: LineFacts, work: Work, rate: Rate) -> str:
    """The invoice text bookings share: the line and what was worked, by whom if it prices."""
    what = ", ".join(part for part in (work.work_type, rate.role) if part)
    return f"{line.line.description}: {what}" if what else line.line.description


MODEL = ChargeModel("time_and_materials", TimeAndMaterialsTerms, "billed", price)
