"""A client's books: what is known of it so far, and what was billed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from tallystick.billing.assemble import ClientFacts
from tallystick.billing.facts import Incident, Work
from tallystick.billing.models import SHIPPED
from tallystick.billing.routing import read_lines
from tallystick.billing.tax.rates import Rounding, Taxing, TaxRate
from tallystick.errors import SkipRecord
from tallystick.records import Asset, Client, Contact, Contract, ContractLine, Licence, Usage

START = date(2026, 1, 1)
MONTHS = 8


def first_of(month: int) -> date:
    return date(2026 + month // 12, month % 12 + 1, 1)


def some_day(chance: Random, month: int) -> date:
    """A day of the month, or sometimes, where it comes late, of one before it."""
    back = chance.choice([0, 0, 0, 0, 0, 1, 2])
    return first_of(max(0, month - back)) + timedelta(days=chance.randrange(28))


@dataclass
class Known:
    """Everything known of one client; `counts` says how often what occurred, `story` in which
    order what was agreed changed."""

    currency: str
    contracts: dict[str, Contract] = field(default_factory=dict)
    lines: dict[str, list[ContractLine]] = field(default_factory=dict)
    works: list[Work] = field(default_factory=list)
    incidents: list[Incident] = field(default_factory=list)
    assets: list[Asset] = field(default_factory=list)
    users: list[Contact] = field(default_factory=list)
    licences: list[Licence] = field(default_factory=list)
    usages: list[Usage] = field(default_factory=list)
    completed: dict[str, date] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    story: list[str] = field(default_factory=list)
    numbers: Counter[str] = field(default_factory=Counter)

    def next(self, prefix: str) -> str:
        """The next reference of its kind: w0, w1 ..."""
        self.numbers[prefix] += 1
        return f"{prefix}{self.numbers[prefix] - 1}"

    def log(self, what: str) -> None:
        self.story.append(what)

    def occurred(self, what: str) -> None:
        self.counts[what] += 1

    def agree(self, contract: Contract, lines: list[ContractLine]) -> bool:
        """Agree on this contract, unless its terms contradict each other."""
        try:
            read_lines(contract, lines, SHIPPED)
        except SkipRecord as refused:
            self.occurred("changes: refused, since they contradict")
            self.log(f"refused: {refused}")
            return False
        self.contracts[contract.id], self.lines[contract.id] = contract, lines
        return True

    @property
    def facts(self) -> ClientFacts:
        return ClientFacts(
            Client(id="K", name="K"),
            [(one, self.lines[ref]) for ref, one in self.contracts.items()],
            tuple(self.works),
            tuple(self.incidents),
            tuple(self.assets),
            tuple(self.users),
            tuple(self.licences),
            tuple(self.usages),
            dict(self.completed),
        )

    def shuffled(self, chance: Random) -> ClientFacts:
        """The same facts as they may arrive in another order."""
        one = self.facts
        return ClientFacts(
            one.client,
            [
                (contract, chance.sample(lines, len(lines)))
                for contract, lines in chance.sample(one.contracts, len(one.contracts))
            ],
            *(
                tuple(chance.sample(records, len(records)))
                for records in (one.works, one.incidents, one.assets, one.users, one.licences)
            ),
            tuple(chance.sample(one.usages, len(one.usages))),
            dict(chance.sample(list(one.completed.items()), len(one.completed))),
        )


def taxing(chance: Random) -> Taxing:
    """A client's taxes: dated rates of four categories, prices with tax, rounded either way."""
    included = chance.random() < 0.2
    standard = chance.choice(["19", "8.1", "14.975", "0"])
    rates = [
        TaxRate("standard", Decimal(standard), included=included),
        TaxRate("reduced", Decimal(chance.choice(["7", "5.5", "2.6"])), included=included),
        TaxRate("abroad", Decimal(0), code="AE"),
        TaxRate("school", Decimal(0), code="E", exemption="Article 132"),
    ]
    if chance.random() < 0.4:
        day = date(2026, chance.randint(2, 7), chance.choice([1, 16]))
        rates.append(TaxRate("standard", Decimal(16), valid_from=day, included=included))
    if chance.random() < 0.2:
        rates.append(TaxRate("reduced", Decimal("6.5"), country="FR", included=included))
    rounding: Rounding = chance.choice(["document", "document", "line"])
    return Taxing(rates, country=chance.choice([None, "FR", "DE"]), rounding=rounding)
