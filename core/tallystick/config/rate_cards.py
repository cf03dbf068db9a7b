"""Rate cards as the file has them: what billing makes of them, and what cannot be meant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tallystick.billing.rates.cards import RateCard
from tallystick.billing.rates.check import pointless
from tallystick.billing.rates.rules import CONDITIONS, KINDS, Rate
from tallystick.billing.windows import Window
from tallystick.config import rate_tables as tables
from tallystick.config.finding import Finding


def rate_card(card: tables.RateCard) -> RateCard:
    """The card with its calendar and zone laid under the hours of its rates; raises `ValueError`
    for what `rate_card_findings` finds."""
    return RateCard(
        name=card.name,
        currency=card.currency,
        rates=tuple(_rate(rate, card) for rate in card.rate),
        minimum_s=card.minimum_minutes * 60,
        increment_s=card.increment_minutes * 60,
        rounding_per=card.rounding_per,
    )


def rate_card_findings(cards: Sequence[tables.RateCard]) -> Iterator[Finding]:
    """Two cards of one name, and rates that say nothing or cannot be meant."""
    names: set[str] = set()
    for i, card in enumerate(cards):
        if card.name in names:
            what = f"There are two rate cards {card.name!r}."
            yield Finding(("rate_card", i, "name"), what, "Rename or remove one of them.")
        names.add(card.name)
        unsound = list(_unsound(card, i))
        yield from unsound or _pointless(card, i)


def _unsound(card: tables.RateCard, i: int) -> Iterator[Finding]:
    for j, rate in enumerate(card.rate):
        try:
            _rate(rate, card)
        except ValueError as error:
            what = f"A rate of card {card.name!r} does not fit: {error}."
            yield Finding(("rate_card", i, "rate", j), what, "Correct or remove it.")


def _pointless(card: tables.RateCard, i: int) -> Iterator[Finding]:
    for found in pointless(rate_card(card).rates):
        what = f"A rate of card {card.name!r} cannot be meant: {found.what}."
        yield Finding(("rate_card", i, "rate", found.nth), what, found.do)


def _rate(rate: tables.Rate, card: tables.RateCard) -> Rate:
    given = {name: getattr(rate, name) for name in (*KINDS, *CONDITIONS)}
    given["hours"] = tuple(_window(hours, card) for hours in rate.hours)
    given |= {"valid_from": rate.valid_from}
    if rate.valid_until is not None:
        given["valid_until"] = rate.valid_until
    return Rate(**given)


def _window(hours: tables.Hours, card: tables.RateCard) -> Window:
    zone = hours.zone or card.zone
    return Window(
        since=hours.since,
        until=hours.until,
        days=hours.days,
        calendar=hours.calendar or card.calendar,
        on_holidays=hours.on_holidays,
        zone=zone.key if zone else None,
    )
