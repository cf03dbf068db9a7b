"""What effort and profit are reckoned by; other terms make other cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from tallystick.billing.charges import ChargeModel
from tallystick.books.exchange import ExchangeRate
from tallystick.books.overhead import NONE, Overhead
from tallystick.store.inbound import digest


@dataclass(frozen=True)
class CellTerms:
    """`currency` is the one of work that has neither a contract nor a cost: a zero needs one.
    `internal` are the refs of clients that are the MSP itself; it changes no cell."""

    homes: Mapping[str, str]
    models: Mapping[str, ChargeModel]
    exchange: Sequence[ExchangeRate] = ()
    overhead: Overhead = NONE
    currency: str = "EUR"
    internal: frozenset[str] = frozenset()

    @cached_property
    def hash(self) -> str:
        """Changes when cells made under these terms would."""
        rates = [(one.source, one.target, one.rate, one.valid_from) for one in self.exchange]
        load = (self.overhead.percent, str(self.overhead.hourly), self.overhead.currency)
        return digest((sorted(self.homes.items()), sorted(self.models), rates, load, self.currency))

    def home(self, kind: str) -> str:
        """The home connection of a record kind, empty where it has none."""
        return self.homes.get(kind, "")
