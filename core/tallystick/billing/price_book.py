"""The price book: what prices of all contracts look up - rate cards, price indices, the zone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from tallystick.billing.rates.cards import RateCard

UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class PriceBook:
    """`indices` are published index values by the first day of the month they stand for; `zone`
    is the billing time zone that says which hour of the day an instant is."""

    cards: Mapping[str, RateCard] = field(default_factory=dict)
    indices: Mapping[str, Mapping[date, Decimal]] = field(default_factory=dict)
    zone: ZoneInfo = UTC
