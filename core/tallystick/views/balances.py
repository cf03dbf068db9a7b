"""What a client has prepaid: every package with what was bought, drawn, is left and expired."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from tallystick.billing.prepaid.standing import Standing
from tallystick.billing.prepaid.terms import BalanceUnit
from tallystick.cycle.pricing_client import price_client
from tallystick.cycle.terms import BillingTerms
from tallystick.money import Money
from tallystick.period import Period
from tallystick.store.database import Database
from tallystick.store.facts.by_client import client_facts


@dataclass(frozen=True, slots=True)
class PackageRow:
    """One package, in hours, major units of its price's currency or tokens, to four places."""

    contract: str
    line: str
    basis: str
    description: str
    unit: BalanceUnit
    price: Money
    bought: Decimal
    drawn: Decimal
    left: Decimal
    expired: Decimal
    usable: Period


@dataclass(frozen=True, slots=True)
class BalancesView:
    """A client's packages at the end of `as_of`, those that expire first in front."""

    client: str
    as_of: date
    packages: list[PackageRow]
    unreadable: list[str]


def balances(database: Database, terms: BillingTerms, client: str, as_of: date) -> BalancesView:
    """The packages of `client` (a reference), drawn by all work up to and with `as_of`."""
    until = as_of + timedelta(days=1)
    view = BalancesView(client, as_of, [], [])
    with database.read() as connection:
        for facts in client_facts(connection, terms.homes, until, terms.zone, client):
            priced = price_client(facts, terms, until)
            standing = [one for pricing in priced.pricings.values() for one in pricing.balances]
            view.packages.extend(_row(one) for one in sorted(standing, key=_first_to_expire))
            view.unreadable.extend(map(str, priced.assembled.unreadable.values()))
    return view


def _first_to_expire(one: Standing) -> tuple[str, date, date, str, str]:
    return (one.contract, one.valid.end, one.valid.start, one.line, one.basis)


def _row(one: Standing) -> PackageRow:
    return PackageRow(
        contract=one.contract,
        line=one.line,
        basis=one.basis,
        description=one.description,
        unit=one.unit,
        price=one.price,
        bought=_places(one.bought),
        drawn=_places(one.drawn),
        left=_places(one.left),
        expired=_places(one.expired),
        usable=one.valid,
    )


def _places(amount: Fraction) -> Decimal:
    exact = Decimal(amount.numerator) / Decimal(amount.denominator)
    return exact.quantize(Decimal("0.0001")).normalize() + 0
