"""Review: the objections every proposal is held against before it may go out unseen."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tallystick.billing.invoice.proposal import Objection
from tallystick.billing.objections import agreement, amounts, einvoicing, history, taxes, unfinished
from tallystick.billing.objections.case import Case

RULES: tuple[Callable[[Case], Iterable[Objection]], ...] = (
    unfinished.quarantine,
    unfinished.held_work,
    unfinished.incidents,
    history.first_invoice,
    history.deviation,
    amounts.quantities,
    amounts.credit,
    amounts.negative_balance,
    taxes.tax,
    einvoicing.einvoice,
    agreement.order,
    agreement.ending,
)


def review(case: Case) -> list[Objection]:
    """What every rule objects to, in the order of the rules."""
    return [objection for rule in RULES for objection in rule(case)]
