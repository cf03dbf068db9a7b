"""Reviewing: drafts of many clients held against their own history, with two queries in all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from msgspec.structs import replace
from sqlalchemy import Connection

from tallystick.billing.invoice.proposal import Proposal
from tallystick.billing.invoice.review import review
from tallystick.billing.objections.case import Case
from tallystick.cycle.document import foreseen
from tallystick.cycle.pricing_client import Draft
from tallystick.cycle.printed import payment_days, printed
from tallystick.cycle.terms import BillingTerms
from tallystick.money import Money
from tallystick.period import Period
from tallystick.records import Client, Contract, Mandate
from tallystick.store.billing import invoices
from tallystick.store.cash.mandates import mandates_of
from tallystick.store.facts.clients import clients_of

PERIODS = 12
"""How many earlier periods the history goes back."""


def reviewed(
    connection: Connection, drafts: Sequence[Draft], terms: BillingTerms, period: Period
) -> list[Proposal]:
    """The proposals of `drafts`, in their order, each with its objections."""
    since = period.start - (period.end - period.start) * (PERIODS + 1)
    clients = sorted({one.case.proposal.client for one in drafts})
    nets = invoices.nets_by_period(connection, clients, since, period.end)
    orders = _on_order(connection, drafts)
    months = len(period.months())
    home = terms.homes.get("mandate")
    known = clients_of(connection, clients) if terms.einvoices else {}
    mandates = mandates_of(connection, home, clients) if terms.einvoices else {}
    result = []
    for draft in drafts:
        case = draft.case
        if draft.asked_by is None:
            case = _with_history(case, nets, orders, months)
        if terms.einvoices:
            ref = case.proposal.client
            case = _foreseen(case, known.get(ref), mandates.get(ref, ()), terms)
        proposal = case.proposal
        found = [*draft.objections, *review(case), *terms.review(proposal)]
        result.append(proposal.reviewed(found))
    return result


def _with_history(
    case: Case,
    nets: Mapping[invoices.Series, Mapping[Period, int]],
    orders: Mapping[str, Money],
    months: int,
) -> Case:
    """`case` beside what was billed for earlier periods of as many `months`."""
    one = case.proposal
    period, currency = one.period, one.currency
    series = nets.get((one.client, currency, one.group), {})
    earlier = [
        Money(minor, currency)
        for then, minor in sorted(series.items())
        if then.end <= period.start and len(then.months()) == months
    ]
    already = series.get(period)
    return replace(
        case,
        history=earlier[-PERIODS:],
        same_period=None if already is None else Money(already, currency),
        on_order={ref: orders[ref] for ref in (c.id for c in case.contracts) if ref in orders},
    )


def _foreseen(
    case: Case, client: Client | None, mandates: Sequence[Mandate], terms: BillingTerms
) -> Case:
    """`case` with the document it would be, issued the day after its period."""
    body, day = case.proposal, case.proposal.period.end
    due_on = day + timedelta(days=payment_days(body, client, terms))
    parties = printed(body, client, mandates, due_on, day, terms)
    document = foreseen(body, parties, day, due_on)
    return replace(case, document=document, profiles=terms.einvoices)


def _on_order(connection: Connection, drafts: Iterable[Draft]) -> dict[str, Money]:
    """What was invoiced on the current order of every contract that has one with an amount."""
    contracts: dict[str, Contract] = {
        contract.id: contract
        for draft in drafts
        for contract in draft.case.contracts
        if contract.po_amount is not None
    }
    if not contracts:
        return {}
    found: dict[str, Money] = {}
    for row in invoices.nets_by_contract(connection, sorted(contracts)):
        contract = contracts[row.contract]
        if row.currency != contract.currency or row.issued_on < (contract.po_from or date.min):
            continue
        before = found.get(contract.id, Money.zero(row.currency))
        found[contract.id] = before + Money(int(row.net_minor), row.currency)
    return found
