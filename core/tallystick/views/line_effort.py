"""Effort by contract line, told again of the clients of whom something changed.

Which line takes work is what pricing says, and that can depend on all work before: on what is left
of an allowance or a balance. So a client's work is priced from its beginning, and what each month
comes to by line is kept for as long as nothing of the client changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from operator import add
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from tallystick.billing.assemble import ClientFacts
from tallystick.cycle.pricing_client import PricedClient, price_client
from tallystick.cycle.terms import BillingTerms
from tallystick.money import Money, split
from tallystick.period import add_months
from tallystick.store.database import Database
from tallystick.store.facts import owners
from tallystick.store.facts.by_client import client_facts
from tallystick.store.facts.digests import digest
from tallystick.store.facts.schema import FACTS
from tallystick.store.profit import lines_behind
from tallystick.store.profit.cells import TURN
from tallystick.store.profit.schema import EFFORT_SUMS, effort
from tallystick.store.progress import Step, untold
from tallystick.store.turn import take_turn

CHUNK = 500
"""Clients told again in one transaction, so that it is over in a few seconds."""
NO_LINE = ""
OF_EFFORT = (effort.c.client, effort.c.month, effort.c.booking, effort.c.currency)
Months = dict[date, list[tuple[str, str, Sequence[int]]]]
"""By month: booking, currency and figures."""
Sums = dict[tuple[date, str, str], list[int]]
"""The figures by month, line and currency."""


class Taken(NamedTuple):
    """Which line took a booking, and the seconds each took of one that several did."""

    whole: Mapping[str, str]
    shared: Mapping[str, Mapping[str, int]]

    @classmethod
    def of(cls, priced: PricedClient) -> Taken:
        """Where pricing placed the client's bookings."""
        own: dict[str, dict[str, int]] = {}
        for one in priced.placements:
            lines = own.setdefault(one.booking, {})
            line = one.line or NO_LINE
            lines[line] = lines.get(line, 0) + one.seconds
        whole: dict[str, str] = {}
        shared: dict[str, Mapping[str, int]] = {}
        for booking, lines in own.items():
            if len(lines) == 1 or not any(lines.values()):
                whole[booking] = min(lines)
            else:
                shared[booking] = lines
        return cls(whole, shared)

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


NOTHING = Taken({}, {})


def keep_lines(
    database: Database, terms: BillingTerms, client: str | None, step: Step = untold
) -> None:
    """Bring the effort by line up to date, of `client` (a ref) or of all."""
    under = {lines_behind.PLACES: _places(terms), lines_behind.PRICES: _prices(terms)}
    with database.read() as connection:
        made = lines_behind.made_under(connection)
        if made == under and not lines_behind.behind(connection, client, 1):
            return
    if made != under:
        with database.write() as connection:
            take_turn(connection, TURN)
            if made.get(lines_behind.PLACES) == under[lines_behind.PLACES]:
                lines_behind.reprice(connection, under, _drawing(connection, terms))
            else:
                lines_behind.begin(connection, under)
    with step("clients whose work is placed on lines") as more:
        while many := _keep_some(database, terms, client):
            more(many)


def _keep_some(database: Database, terms: BillingTerms, client: str | None) -> int:
    """Tell some of those that are behind again; how many they were."""
    with database.write() as connection:
        take_turn(connection, TURN)
        clients = lines_behind.behind(connection, client, CHUNK)
        if clients:
            lines_behind.tell(connection, clients, [*_told(connection, terms, clients)])
    return len(clients)


def _places(terms: BillingTerms) -> str:
    """Changes when pricing under these terms would place anybody's work elsewhere."""
    book = (terms.book.indices, str(terms.book.zone))
    return digest((sorted(terms.homes.items()), str(terms.zone), sorted(terms.models), book))


def _prices(terms: BillingTerms) -> str:
    """Changes when what work draws on would last for more of it, or less."""
    return digest(
        {
            name: (card.currency, card.rates, card.minimum_s, card.increment_s, card.rounding_per)
            for name, card in terms.book.cards.items()
        }
    )


def _drawing(connection: Connection, terms: BillingTerms) -> set[str]:
    """The clients with a line that work draws on. What any other line takes has nothing to do with
    what it costs."""
    lines, line = owners.contract_lines(), FACTS["contract_line"].c
    drawn = [name for name, model in terms.models.items() if model.balance is not None]
    here = (line.connection == terms.homes.get("contract_line", ""), line.model.in_(drawn))
    client = lines.selected_columns["client_ref"]
    return set(connection.execute(lines.with_only_columns(client).where(*here)).scalars())


def _told(
    connection: Connection, terms: BillingTerms, clients: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """The rows of `line_effort` of these clients."""
    work = _effort(connection, clients)
    if not work:
        return
    until = _after(max(max(months) for months in work.values()))
    found: dict[str, Sums] = {}
    for facts in client_facts(connection, terms.homes, until, terms.zone, clients):
        if months := work.pop(facts.client.id, None):
            found[facts.client.id] = _sums(months, _taken(facts, terms, sorted(months)))
    for client, months in work.items():  # nobody's work, or of a client that is gone
        found[client] = _sums(months, dict.fromkeys(months, NOTHING))
    for client, sums in found.items():
        for (month, line, currency), figures in sums.items():
            of = {"client": client, "month": month, "line": line, "currency": currency}
            yield of | dict(zip(EFFORT_SUMS, figures, strict=True))


def _effort(connection: Connection, clients: Sequence[str]) -> dict[str, Months]:
    figures = [effort.c[name] for name in EFFORT_SUMS]
    asked = select(*OF_EFFORT, *figures).where(effort.c.client.in_(clients))
    found: dict[str, Months] = {}
    for client, month, booking, currency, *sums in connection.execute(asked).all():
        found.setdefault(client, {}).setdefault(month, []).append((booking, currency, sums))
    return found


def _after(month: date) -> date:
    return add_months(month, 1, 1)


def _sums(months: Months, taken: Mapping[date, Taken]) -> Sums:
    sums: Sums = {}
    for month, works in months.items():
        for booking, currency, figures in works:
            for line, part in taken[month].parts(booking, figures, currency):
                key = (month, line, currency)
                before = sums.get(key)
                sums[key] = list(map(add, before, part)) if before else [*part]
    return sums


def _taken(facts: ClientFacts, terms: BillingTerms, months: Sequence[date]) -> dict[date, Taken]:
    """What took the work of each month. Where a contract cannot be priced that far, since an index
    value is not published yet, each month is told as far as it is known at its end."""
    whole = price_client(facts, terms, _after(months[-1]))
    if len(whole.pricings) == len(whole.assembled.contracts):
        return dict.fromkeys(months, Taken.of(whole))
    return {one: Taken.of(price_client(facts, terms, _after(one))) for one in months}
