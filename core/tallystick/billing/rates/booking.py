"""What a booking costs at a rate card: by its parts, and with its call-out fee."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from tallystick.billing.charges import Charge, LineFacts, Placement, Priced
from tallystick.billing.facts import Piece, Work
from tallystick.billing.rates.cards import RateCard, hours, shares
from tallystick.billing.rates.cascade import Outcome, Price
from tallystick.billing.rates.rules import Rate
from tallystick.money import Money
from tallystick.period import one_day


def bill(
    line: LineFacts,
    piece: Piece,
    counted: int,
    card: RateCard | None,
    trail: tuple[str, ...],
    card_name: str,
    nth: int = 1,
) -> Iterator[Priced]:
    """`counted` seconds of `piece` at the card's rates, held where there is none. `nth` is the
    first of its parts among those of its booking that this line bills."""
    if card is None or card.currency != line.currency:
        yield unpriced(line, piece, card_name, trail)
        return
    parts = card.cascade.parts(piece, line.book.zone)
    split = shares(counted, [seconds for _, seconds, _ in parts])
    for (_, seconds, found), share in zip(parts, split, strict=True):
        yield from _part(line, piece.work, seconds, share, found, trail, nth)
        nth += 1


def price_booking(
    line: LineFacts, pieces: list[Piece], counted: int, card: RateCard, how: str
) -> Iterable[Priced]:
    """All that the line takes of a booking, and its call-out fee where a part of it has one."""
    parts = card.cascade.parts(pieces[0], line.book.zone)
    if len(pieces) > 1 or len(parts) > 1:
        return _several(line, pieces, counted, card, how)
    [piece], [(_, seconds, found)] = pieces, parts
    priced = _part(line, piece.work, seconds, counted, found, (*piece.trail, how), 1)
    if isinstance(found, str) or not found.call_out:
        return priced
    return (*priced, _call_out(line, piece.work, card, found.call_out))


def _several(
    line: LineFacts, pieces: list[Piece], counted: int, card: RateCard, how: str
) -> Iterator[Priced]:
    """A booking whose parts have prices of their own: each its share of what is counted."""
    parts = [
        (piece, seconds, found)
        for piece in pieces
        for _, seconds, found in card.cascade.parts(piece, line.book.zone)
    ]
    split = shares(counted, [seconds for _, seconds, _ in parts])
    for nth, ((piece, seconds, found), share) in enumerate(zip(parts, split, strict=True), 1):
        yield from _part(line, piece.work, seconds, share, found, (*piece.trail, how), nth)
    yield from call_out(line, pieces, card)


def call_out(line: LineFacts, pieces: Sequence[Piece], card: RateCard) -> Iterator[Charge]:
    """The fee of one booking, of which the line bills `pieces`, where a part of them has one."""
    fees = [
        found.call_out
        for piece in pieces
        for _, _, found in card.cascade.parts(piece, line.book.zone)
        if isinstance(found, Price) and found.call_out
    ]
    if fees:
        fee = max(fees, key=lambda rate: (rate.rank, rate.valid_from))
        yield _call_out(line, pieces[0].work, card, fee)


def _part(
    line: LineFacts,
    work: Work,
    seconds: int,
    counted: int,
    found: Outcome,
    trail: tuple[str, ...],
    nth: int,
) -> tuple[Priced, ...]:
    """`seconds` of a booking that have one price, or none."""
    reason = (*trail, found if isinstance(found, str) else found.reason)
    if isinstance(found, str):
        return (Placement(work.ref, "held", line.line.id, seconds, 0, reason),)
    numerator, denominator = found.second
    charge = line.charge(
        basis=f"booking:{work.ref}" if nth == 1 else f"booking:{work.ref}:{nth}",
        service=one_day(work.work_date),
        group=group(line, work, found),
        quantity=hours(counted),
        unit="hour",
        unit_price=found.hourly,
        amount=Money.quotient(numerator * counted, denominator, line.currency),
        reason=reason,
        account="Income:Time",
    )
    return (Placement(work.ref, "billed", line.line.id, seconds, counted, reason), charge)


def _call_out(line: LineFacts, work: Work, card: RateCard, rate: Rate) -> Charge:
    """The fee of one booking, however many of its parts have it."""
    fee = rate.call_out or Decimal(0)
    return line.charge(
        basis=f"booking:{work.ref}:call-out",
        service=one_day(work.work_date),
        group=f"{line.line.description}: call-out",
        quantity=Decimal(1),
        unit="call-out",
        unit_price=fee,
        amount=fee,
        reason=(f"rate card {card.name}: {rate}",),
        account="Income:Time",
    )


def unpriced(line: LineFacts, piece: Piece, card_name: str, trail: tuple[str, ...]) -> Placement:
    why = f"there is no rate card {card_name!r} in {line.currency}"
    return Placement(piece.work.ref, "held", line.line.id, piece.seconds, 0, (*trail, why))


def group(line: LineFacts, work: Work, price: Price) -> str:
    """The invoice text bookings share: the line and what was worked, by whom and when if it
    prices."""
    role = work.role if price.rate.role else None
    what = ", ".join([part for part in (work.work_type, role, *price.hours) if part])
    return f"{line.line.description}: {what}" if what else line.line.description
