"""Time and materials: each booking at the rate its rate card finds, rounded by the card."""

from __future__ import annotations

from collections.abc import Iterator

from tallystick.billing.charges import ChargeModel, LineFacts, LineTerms, Priced
from tallystick.billing.rates.booking import price_booking, unpriced
from tallystick.billing.rates.rounding import rounded


class TimeAndMaterialsTerms(LineTerms, frozen=True, kw_only=True, forbid_unknown_fields=True):
    rate_card: str
    work_types: tuple[str, ...] = ("*",)


def price(line: LineFacts) -> Iterator[Priced]:
    terms: TimeAndMaterialsTerms = line.terms
    card = line.book.cards.get(terms.rate_card)
    if card is None or card.currency != line.currency:
        for piece in line.works:
            yield unpriced(line, piece, terms.rate_card, piece.trail)
        return
    for pieces, counted, how in rounded(line.works, card):
        yield from price_booking(line, pieces, counted, card, how)


MODEL = ChargeModel("time_and_materials", TimeAndMaterialsTerms, "billed", price)
