"""Scope: since when a contract sells what it sells now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from tallystick.billing.facts import ends, first_day
from tallystick.records import Contract, ContractLine

FEES = frozenset({"fixed", "per_unit", "percentage", "discount", "commitment"})
"""Charge models whose revenue does not follow the work of the month."""


def scope_from(contract: Contract, lines: Sequence[ContractLine], until: date) -> date:
    """The last day before `until` on which the charge models in force became others than the day
    before. A line that takes over from one of the same model changes the price, not the scope."""
    days = {day for line in lines for day in (first_day(line, contract), ends(line, contract))}
    since = contract.starts_on
    for day in sorted(day for day in days if since < day < until):
        before = day - timedelta(days=1)
        if _sold(contract, lines, day) != _sold(contract, lines, before):
            since = day
    return since


def _sold(contract: Contract, lines: Sequence[ContractLine], day: date) -> list[str]:
    return sorted(
        line.model for line in lines if first_day(line, contract) <= day < ends(line, contract)
    )
