"""What devices come to: the lines of one client that count them, priced with and without one.

The money is what pricing itself says: the twelve months from this one, by the month.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from fractions import Fraction
from typing import Final

from msgspec.structs import replace

from tallystick.billing.assemble import ClientFacts
from tallystick.billing.charges import ChargeModel
from tallystick.billing.coverage import ReadyLine, ready_lines
from tallystick.billing.facts import Facts, contract_end
from tallystick.billing.holes import Counting, counted_under
from tallystick.billing.models.per_unit import PerUnitTerms
from tallystick.billing.months import by_month
from tallystick.billing.price_book import PriceBook
from tallystick.billing.pricing import price
from tallystick.errors import SkipRecord
from tallystick.money import Money
from tallystick.period import add_months, one_day
from tallystick.records import Asset

MONTHS: Final = 12


class Agreed:
    """The client's lines that count devices on `today`, and what devices come to under them."""

    def __init__(
        self,
        facts: ClientFacts,
        models: Mapping[str, ChargeModel],
        book: PriceBook,
        today: date,
    ) -> None:
        self._models, self._book, self._today = models, book, today
        self._contracts: list[Facts] = []
        self.counting: list[Counting] = []
        for agreed, own in lines_by_piece(facts, models, today, "assets"):
            self._contracts.append(replace(agreed, lines=tuple(one.line for one, _ in own)))
            self.counting += [
                Counting(agreed.contract.id, one.span, terms.rule) for one, terms in own
            ]
        self.currency = self._contracts[0].contract.currency if self._contracts else "EUR"
        self._now = self._amount([one for one in facts.assets if self.counted(one)])
        self._assets = facts.assets

    def counted(self, asset: Asset) -> bool:
        return bool(counted_under(asset, self.counting, one_day(self._today)))

    def without(self, asset: Asset) -> Money:
        """What a month is cheaper without a counted device."""
        return self._money(self._now - self._amount(one for one in self._there() if one != asset))

    def instead(self, asset: Asset, other: Asset) -> Money:
        """What a month is dearer if `asset` were `other`."""
        changed = [other if one == asset else one for one in self._there()]
        return self._money(self._amount(changed) - self._now)

    def with_(self, asset: Asset) -> Money:
        """What a month is dearer with one more device; under the line that makes least of it
        where none counts its type."""
        if self.counted(asset):
            return self._money(self._amount([*self._there(), asset]) - self._now)
        fitting = [_fitted(asset, one) for one in self.counting]
        return min(
            (self._money(self._amount([*self._there(), one]) - self._now) for one in fitting),
            default=Money.zero(self.currency),
        )

    def _there(self) -> list[Asset]:
        return [one for one in self._assets if self.counted(one)]

    def _amount(self, assets: Iterable[Asset]) -> Fraction:
        lasting = tuple(replace(one, active_from=None, retired_on=None) for one in assets)
        agreed = [replace(facts, assets=lasting) for facts in self._contracts]
        return a_month(agreed, self._models, self._book, self._today)

    def _money(self, minor: Fraction) -> Money:
        return Money(1, self.currency).part(minor.numerator, minor.denominator)


def is_there(asset: Asset, day: date) -> bool:
    return (asset.active_from or date.min) <= day < (asset.retired_on or date.max)


def lines_by_piece(
    facts: ClientFacts, models: Mapping[str, ChargeModel], day: date, count_of: str
) -> Iterator[tuple[Facts, list[tuple[ReadyLine, PerUnitTerms]]]]:
    """The client's contracts in force on a day that have per-unit lines of `count_of` then, with
    these; without contracts that cannot be read, of which `bill propose` says why."""
    for contract, lines in facts.contracts:
        if not contract.starts_on <= day < contract_end(contract):
            continue
        agreed = Facts(contract, tuple(lines))
        try:
            ready = ready_lines(agreed, models, day + timedelta(days=1))
        except SkipRecord:
            continue
        own = [
            (one, one.terms)
            for one in ready
            if isinstance(one.terms, PerUnitTerms)
            and one.terms.count_of == count_of
            and one.span.covers(day)
        ]
        if own:
            yield agreed, own


def a_month(
    contracts: Iterable[Facts], models: Mapping[str, ChargeModel], book: PriceBook, today: date
) -> Fraction:
    """Minor units a month that `contracts` come to over the twelve months from this one."""
    start = today.replace(day=1)
    end = add_months(start, MONTHS, 1)
    minor = sum(
        part.minor
        for facts in contracts
        for charge in price(facts, add_months(end, MONTHS, 1), models, book).charges
        for span, part in by_month(charge.amount, charge.service)
        if start <= span.start < end
    )
    return Fraction(minor, MONTHS)


def _fitted(asset: Asset, counting: Counting) -> Asset:
    """The device as the line would count it."""
    rule = counting.rule

    def one_of(allowed: tuple[str, ...], own: str | None) -> str | None:
        return own if not allowed or "*" in allowed or own in allowed else allowed[0]

    tags = asset.tags if not rule.tags or "*" in rule.tags else (*asset.tags, rule.tags[0])
    return replace(
        asset,
        type=one_of(rule.types, asset.type),
        group=one_of(rule.groups, asset.group),
        status=one_of(rule.statuses, asset.status),
        tags=tags,
    )
