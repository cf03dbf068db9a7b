"""What work beyond a balance costs: by the rate card, or in bands of the hours of a cycle."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from operator import attrgetter

from msgspec.structs import replace

from tallystick.billing.charges import Charge, LineFacts, Placement, Priced
from tallystick.billing.facts import ends
from tallystick.billing.prepaid.balance import Balance, Over
from tallystick.billing.rates.booking import bill, call_out
from tallystick.billing.rates.cards import clock, hours
from tallystick.billing.schedule.slices import cycle_of
from tallystick.money import Money, total
from tallystick.period import Period


def price_beyond(line: LineFacts, balance: Balance) -> Iterator[Priced]:
    """The charges and placements of what the line itself takes beyond its balance."""
    if balance.terms.overage == "bands":
        yield from _by_bands(line, balance)
        return
    for _, of_booking in groupby(balance.over, key=attrgetter("piece.work.ref")):
        yield from _at_rate(line, balance, list(of_booking))


def _at_rate(line: LineFacts, balance: Balance, overs: Sequence[Over]) -> Iterator[Priced]:
    """What is beyond of one booking, and its call-out fee where worked time of it has one."""
    billed = 0
    for over in overs:
        parts = list(
            bill(
                line,
                over.piece,
                over.counted_s,
                balance.card,
                over.reason,
                balance.terms.rate_card or "",
                billed + 1,
            )
        )
        billed += sum(isinstance(one, Placement) for one in parts)
        yield from parts if over.worth is None else _to_the_unit(parts, over.worth)
    if balance.card is not None:
        worked = [over.piece for over in overs if over.piece.seconds]
        yield from call_out(line, worked, balance.card)


def _to_the_unit(parts: list[Priced], worth: Money) -> list[Priced]:
    """The charges of `parts` so that they sum to `worth`: what was drawn for the work and what is
    billed make its price exactly. The last takes what rounding to whole seconds made."""
    charges = [one for one in parts if isinstance(one, Charge) and one.unit_price]
    if not charges:
        return parts
    last = charges[-1]
    amount = worth - total((one.amount for one in charges[:-1]), worth.currency)
    if amount == last.amount:
        return parts
    quantity = (amount.amount / last.unit_price).quantize(Decimal("0.000001")).normalize() + 0
    exact = replace(last, amount=amount, quantity=quantity)
    return [exact if one is last else one for one in parts]


def _by_bands(line: LineFacts, balance: Balance) -> Iterator[Priced]:
    """The hours beyond of each cycle in graduated bands, once the cycle is over.

    10 h beyond   |== up to 4 h ==|===== the rest =====|
                   4 x first       6 x second
    """
    cycle = cycle_of(line)
    counted_s: dict[Period, int] = {}
    for over in balance.over:
        whole = cycle.containing(over.piece.work.work_date)
        counted_s[whole] = counted_s.get(whole, 0) + over.counted_s
        reason = (*over.reason, f"billed with all that is beyond in {whole}, by bands")
        yield Placement(
            over.piece.work.ref,
            "billed",
            line.line.id,
            over.piece.seconds,
            over.counted_s,
            reason,
        )
    last = ends(line.line, line.facts.contract)
    for whole, seconds in counted_s.items():
        service = Period(max(whole.start, line.span.start), min(whole.end, last))
        if service.end <= line.span.end:
            yield from _bands_of(line, balance, whole.start, service, seconds)


def _bands_of(
    line: LineFacts, balance: Balance, key: date, service: Period, seconds: int
) -> Iterator[Charge]:
    below = Fraction(0)
    for nth, band in enumerate(balance.terms.bands, 1):
        upper = Fraction(seconds) if band.up_to is None else Fraction(band.up_to) * 3600
        inside = min(Fraction(seconds), upper) - below
        if inside <= 0:
            return
        limit = "the rest" if band.up_to is None else f"up to {band.up_to} h"
        yield line.charge(
            basis=f"overage:{key}:{nth}",
            service=service,
            group=f"{line.line.description}: beyond, {limit}",
            quantity=hours(int(inside)),
            unit="hour",
            unit_price=band.unit_price,
            amount=Fraction(band.unit_price) * inside / 3600,
            reason=(f"{clock(seconds)} beyond what is prepaid in {service}, {limit}",),
            account="Income:Time",
        )
        below = upper
