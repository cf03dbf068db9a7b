"""The profit table: recognised revenue from the journal beside effort from the bookings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec
from sqlalchemy import Connection, func, select

from tallystick.billing.assemble import ClientFacts, assemble
from tallystick.billing.charges import ChargeModel
from tallystick.billing.facts import Work
from tallystick.books.effort import cost, rates_by_technician
from tallystick.books.exchange import ExchangeRate, convert
from tallystick.cycle.terms import BillingTerms
from tallystick.errors import Stop
from tallystick.insight.profit import UNROUTED, Cell, Effort, ProfitRow, rows, totals
from tallystick.money import Money
from tallystick.period import Period
from tallystick.records import CostRate
from tallystick.store.database import Database
from tallystick.store.facts import client_facts, record_of
from tallystick.store.facts_schema import FACTS
from tallystick.store.ledger_schema import posting

By = Literal["contract", "client"]
Cells = dict[tuple[str, str], Cell]


@dataclass(frozen=True, slots=True)
class ProfitView:
    """Rows and, per currency, their totals."""

    period: Period
    by: By
    rows: list[ProfitRow]
    totals: list[ProfitRow]


def profit(
    database: Database,
    terms: BillingTerms,
    period: Period,
    by: By,
    exchange: Sequence[ExchangeRate],
) -> ProfitView:
    """Profit of whole months; raises `Stop` for a period that cuts a month."""
    if period.start.day != 1 or period.end.day != 1:
        raise Stop(
            f"Revenue is kept by month, so profit of {period} cannot be told.",
            do="Ask for whole months, such as 2026-09 or 2026-07..2026-09.",
        )
    cells: Cells = {}
    with database.read() as connection:
        names: dict[str, str] = {}
        rates = rates_by_technician(cost_rates(connection, terms.homes.get("cost_rate", "")))
        house = _house_currency(rates, terms)
        for facts in client_facts(connection, terms.homes, period.end, terms.zone):
            names[facts.client.id] = facts.client.name
            names |= {agreed.id: agreed.name for agreed, _ in facts.contracts}
            currency_of = {agreed.id: agreed.currency for agreed, _ in facts.contracts}
            some = next(iter(currency_of.values()), house)
            for contract, work in _routed(facts, terms.models, period):
                spent = cost(work, rates)
                currency = currency_of.get(contract or "") or (spent.currency if spent else some)
                ref = facts.client.id if by == "client" else contract
                name = names[ref] if ref else f"{facts.client.name} ({UNROUTED})"
                shown = ref or f"{UNROUTED} ({facts.client.id})"
                cell = cells.setdefault((shown, currency), Cell(name, currency))
                cell.efforts.append(_effort(work, spent, currency, exchange))
        for ref, amount in _revenue(connection, period, by):
            cell = cells.setdefault(
                (ref, amount.currency), Cell(names.get(ref, ref), amount.currency)
            )
            cell.revenue.append(amount)
    computed = rows(cells)
    return ProfitView(period, by, computed, totals(computed))


def _routed(
    facts: ClientFacts, models: Mapping[str, ChargeModel], period: Period
) -> Iterator[tuple[str | None, Work]]:
    """Every booking of the period with its contract; nothing is priced for that."""
    of_contract = {
        work.ref: one.contract.id for one in assemble(facts, models).contracts for work in one.works
    }
    for work in facts.works:
        if period.covers(work.work_date):
            yield of_contract.get(work.ref), work


def _house_currency(rates: Mapping[str, Sequence[CostRate]], terms: BillingTerms) -> str:
    """The currency to show work in that has neither a contract nor a cost: a zero needs one."""
    costs = (rate.currency for own in rates.values() for rate in own)
    prices = (card.currency for card in terms.book.cards.values())
    return next(costs, None) or next(prices, "EUR")


def _effort(
    work: Work, spent: Money | None, currency: str, exchange: Sequence[ExchangeRate]
) -> Effort:
    if spent is None:
        return Effort(work.seconds, None, "without a cost rate")
    converted = convert(spent, currency, work.work_date, exchange)
    if converted is None:
        return Effort(work.seconds, None, f"without an exchange rate {spent.currency}/{currency}")
    return Effort(work.seconds, converted)


def cost_rates(connection: Connection, home: str) -> Iterator[CostRate]:
    """Every cost rate of the home connection, of technicians by their full refs."""
    table = FACTS["cost_rate"]
    for row in connection.execute(select(table).where(table.c.connection == home)):
        rate = record_of(row, CostRate)
        yield msgspec.structs.replace(rate, technician=f"{home}:{rate.technician}")


def _revenue(connection: Connection, period: Period, by: By) -> Iterator[tuple[str, Money]]:
    """Recognised revenue by the month it is reported in: what the journal credits to income."""
    ref = posting.c.client if by == "client" else posting.c.contract
    statement = (
        select(ref.label("ref"), posting.c.currency, func.sum(-posting.c.amount_minor).label("sum"))
        .where(
            posting.c.account.startswith("Income:"),
            posting.c.reported_in >= period.start,
            posting.c.reported_in < period.end,
        )
        .group_by(ref, posting.c.currency)
        .order_by(ref, posting.c.currency)
    )
    for row in connection.execute(statement):
        yield row.ref, Money(int(row.sum), row.currency)
