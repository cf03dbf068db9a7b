"""Profit by contract line: revenue as the journal has it, work where pricing places it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from operator import add
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, func, select

from tallystick.cycle.pricing_client import PricedClient, price_client
from tallystick.cycle.terms import BillingTerms
from tallystick.insight.profit import Figures, Ledger
from tallystick.money import Money, split
from tallystick.store.effort_schema import effort
from tallystick.store.journal_schema import posting
from tallystick.views.profit_facts import placing
from tallystick.views.profit_parts import OF_EFFORT, cells_of, figures_of, within
from tallystick.views.profit_scope import Scope

NO_LINE = "no line"


def by_line(connection: Connection, terms: BillingTerms, scope: Scope) -> Ledger:
    """Revenue of each contract line as the journal has it, and the effort of the bookings the
    line took. Direct cost, and work no line took, is in the row `no line`."""
    ledger = Ledger()
    for row in connection.execute(_revenue(scope)):
        ledger.add(row.line or NO_LINE, row.currency, Figures(revenue_minor=int(row.minor)))
    for row in cells_of(connection, scope):
        rest = figures_of(row)
        spent = Figures(direct_minor=rest.direct_minor, unexchanged_costs=rest.unexchanged_costs)
        if any(spent):
            ledger.add(NO_LINE, row.currency, spent)
    for (line, currency), sums in _worked(connection, terms, scope).items():
        ledger.add(line, currency, Figures(**dict(zip(OF_EFFORT, sums, strict=True))))
    return ledger


def _revenue(scope: Scope) -> Select[Any]:
    return (
        select(posting.c.line, posting.c.currency, func.sum(-posting.c.amount_minor).label("minor"))
        .where(posting.c.account.startswith("Income:"))
        .where(*scope.of(posting.c.reported_in, posting.c.client))
        .group_by(posting.c.line, posting.c.currency)
    )


def _worked(
    connection: Connection, terms: BillingTerms, scope: Scope
) -> dict[tuple[str, str], list[int]]:
    """The sums of effort by line and currency."""
    taken = _taken(connection, terms, scope)
    columns = [effort.c[name] for name in ("booking", "currency", *OF_EFFORT)]
    sums: dict[tuple[str, str], list[int]] = {}
    for booking, currency, *figures in connection.execute(
        select(*columns).where(*within(scope, effort))
    ):
        for line, part in taken.parts(booking, figures, currency):
            key = (line, currency)
            sums[key] = list(map(add, sums[key], part)) if key in sums else list(part)
    return sums


class Taken(NamedTuple):
    """Which line took a booking, and the seconds each took of one that several did."""

    whole: dict[str, str]
    shared: dict[str, Mapping[str, int]]

    def see(self, priced: PricedClient) -> None:
        """Where pricing placed the client's bookings."""
        own: dict[str, dict[str, int]] = {}
        for one in priced.placements:
            lines = own.setdefault(one.booking, {})
            line = one.line or NO_LINE
            lines[line] = lines.get(line, 0) + one.seconds
        for booking, lines in own.items():
            if len(lines) == 1 or not any(lines.values()):
                self.whole[booking] = min(lines)
            else:
                self.shared[booking] = lines

    def parts(
        self, booking: str, figures: Sequence[int], currency: str
    ) -> Iterator[tuple[str, Sequence[int]]]:
        """A booking's figures over the lines that took it, in proportion to their seconds."""
        lines = self.shared.get(booking)
        if lines is None:
            yield self.whole.get(booking, NO_LINE), figures
            return
        names = sorted(lines)
        weights = [lines[name] for name in names]
        shares = [
            [part.minor for part in split(Money(value, currency), weights)] for value in figures
        ]
        yield from zip(names, zip(*shares, strict=True), strict=True)


def _taken(connection: Connection, terms: BillingTerms, scope: Scope) -> Taken:
    """What came late to a closed month is older than the period it is told in."""
    first = func.min(effort.c.work_date).label("first")
    asked = select(effort.c.client, first).where(*within(scope, effort)).group_by(effort.c.client)
    worked = {row.client: row.first for row in connection.execute(asked)}
    taken = Taken({}, {})
    since = min(worked.values(), default=scope.period.start)
    for facts in placing(connection, terms, scope, set(worked), since):
        taken.see(price_client(facts, terms, scope.period.end))
    return taken
