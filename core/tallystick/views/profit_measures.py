"""The measures of other systems beside the rows of a table."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import Connection, case, func, select

from tallystick.billing.rates.rules import Rate
from tallystick.cycle.terms import BillingTerms
from tallystick.insight.measures import ADDITIONS, MEASURES, Basis, Value
from tallystick.insight.profit import RowKey, Sums, together
from tallystick.period import Period
from tallystick.store.billing.schema import charge, invoice


def measured(
    connection: Connection,
    sums: Sums,
    period: Period,
    by: str,
    names: Sequence[str],
    billing: BillingTerms | None,
) -> dict[RowKey, list[Value]]:
    """Each row's measures in the order of `names`, and the totals'. What was billed to a contract
    or client without a row is in no figure of the period, and in no total either."""
    if not names:
        return {}
    billed = _billed(connection, period, by)
    values = _hour_values(billing, period) if billing else {}
    found = {}
    for key, figures in sums.items():
        all_minor, additions_minor = billed.get(key, (0, 0))
        basis = Basis(key.currency, figures, all_minor, additions_minor, values.get(key.currency))
        found[key] = [MEASURES[name].of(basis) for name in names]
    for currency in {key.currency for key in sums}:
        own = [key for key in sums if key.currency == currency]
        figures = together(sums[key] for key in own)
        all_minor = sum(billed.get(key, (0, 0))[0] for key in own)
        additions_minor = sum(billed.get(key, (0, 0))[1] for key in own)
        basis = Basis(currency, figures, all_minor, additions_minor, values.get(currency))
        found[RowKey("total", currency)] = [MEASURES[name].of(basis) for name in names]
    return found


def _billed(connection: Connection, period: Period, by: str) -> dict[RowKey, tuple[int, int]]:
    """Net of the invoices issued in the period, and of that what was sold besides work."""
    ref = charge.c.contract if by == "contract" else invoice.c.client
    net = charge.c.amount_minor - charge.c.included_tax_minor
    statement = (
        select(
            ref.label("ref"),
            invoice.c.currency,
            func.sum(net).label("net"),
            func.sum(case((charge.c.account.in_(ADDITIONS), net), else_=0)).label("additions"),
        )
        .join(invoice, invoice.c.number == charge.c.invoice)
        .where(invoice.c.issued_on >= period.start, invoice.c.issued_on < period.end)
        .group_by(ref, invoice.c.currency)
    )
    return {
        RowKey(row.ref, row.currency): (int(row.net), int(row.additions))
        for row in connection.execute(statement)
    }


def _hour_values(billing: BillingTerms, period: Period) -> dict[str, Decimal]:
    """By currency the price of an hour without conditions, from the first card that has one."""
    found: dict[str, Decimal] = {}
    for card in billing.book.cards.values():
        plain = [one for one in card.rates if _is_plain(one, period)]
        if plain and card.currency not in found:
            latest = max(plain, key=lambda one: one.valid_from)
            if latest.hourly is not None:
                found[card.currency] = latest.hourly
    return found


def _is_plain(rate: Rate, period: Period) -> bool:
    same = Rate(rate.hourly, valid_from=rate.valid_from) if rate.hourly is not None else None
    return rate == same and rate.valid_from <= period.start
