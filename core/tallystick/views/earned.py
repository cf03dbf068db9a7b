"""What contracts earned: recognised revenue by service month, fees apart from what follows work."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from datetime import date

from sqlalchemy import Connection, select

from tallystick.insight.scope import FEES
from tallystick.store.books.schema import posting
from tallystick.store.profit.cells import REVENUE
from tallystick.views.agreed import Agreed

FEE, VARIABLE = 0, 1


class Earned:
    """By contract: minor units of its currency by month, fees and the rest; and the currencies of
    what it earned besides."""

    def __init__(self) -> None:
        self._sums: dict[str, dict[date, list[int]]] = defaultdict(dict)
        self.foreign: dict[str, set[str]] = defaultdict(set)

    def add(self, contract: str, month: date, kind: int, minor: int) -> None:
        months = self._sums[contract]
        sums = months.get(month)
        if sums is None:
            sums = months[month] = [0, 0]
        sums[kind] += minor

    def of(self, contract: str) -> Mapping[date, Sequence[int]]:
        return self._sums.get(contract, {})


def earned(
    connection: Connection, agreed: Sequence[Agreed], since: date, until: date, only: str | None
) -> Earned:
    """What the journal credits to income in the months from `since` to before `until`."""
    currencies = {one.contract.id: one.contract.currency for one in agreed}
    fees = _fees(agreed)
    of = posting.c
    asked = select(of.contract, of.service_month, of.line, of.currency, -of.amount_minor).where(
        of.account.startswith(REVENUE), of.service_month >= since, of.service_month < until
    )
    if only is not None:
        asked = asked.where(of.contract.in_(sorted(currencies)))
    found = Earned()
    for contract, month, line, currency, minor in connection.execute(asked).all():
        own = currencies.get(contract)
        if own == currency:
            found.add(contract, month, FEE if line in fees else VARIABLE, minor)
        elif own is not None:
            found.foreign[contract].add(currency)
    return found


def _fees(agreed: Sequence[Agreed]) -> Set[str]:
    """The lines whose revenue does not follow the work."""
    return {line.id for one in agreed for line in one.lines if line.model in FEES}
