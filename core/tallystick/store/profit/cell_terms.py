"""What effort and profit are reckoned by; other terms make other cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from tallystick.billing.charges import ChargeModel
from tallystick.books.exchange import ExchangeRate
from tallystick.books.overhead import Overhead
from tallystick.store.facts.digests import digest


@dataclass(frozen=True)
class CellTerms:
    """`currency` is the one of work that has neither a contract nor a cost: a zero needs one.
    `internal` are the refs of clients that are the MSP itself; it changes no cell."""

    homes: Mapping[str, str]
    models: Mapping[str, ChargeModel]
    exchange: Sequence[ExchangeRate] = ()
    overheads: Sequence[Overhead] = ()
    currency: str = "EUR"
    internal: frozenset[str] = frozenset()

    @cached_property
    def hash(self) -> str:
        """Changes when cells made under these terms would."""
        rates = [(one.source, one.target, one.rate, one.valid_from) for one in self.exchange]
        loads = sorted(
            (one.valid_from, one.percent, str(one.hourly), one.currency) for one in self.overheads
        )
        of = (sorted(self.homes.items()), sorted(self.models), rates, loads, self.currency)
        return digest(of)

    def home(self, kind: str) -> str:
        """The home connection of a record kind, empty where it has none."""
        return self.homes.get(kind, "")
