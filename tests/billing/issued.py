"""What is billed once proposals are issued, as the store keeps it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from tallystick.billing.charges import Charge
from tallystick.billing.invoice.difference import Billed, Due


def issue(billed: Sequence[Billed], dues: Iterable[Due], invoice: str) -> list[Billed]:
    """What is billed once `dues` are issued: sums per basis and tax, as the store keeps them."""
    found = {(*one.key, one.tax_category, one.tax_percent): one for one in billed}
    known = {one.key for one in billed}
    for due in dues:
        charge = due.charge
        basis = (charge.contract, charge.line, charge.basis)
        key = (*basis, charge.tax_category, charge.tax_percent)
        before = found.get(key)
        assert bool(due.corrects) == (basis in known)
        found[key] = Billed(
            *basis,
            tax_percent=charge.tax_percent,
            tax_included=charge.tax_included,
            service=charge.service,
            group=charge.group,
            amount=before.amount + charge.amount if before else charge.amount,
            account=charge.account,
            tax_category=charge.tax_category,
            deferred=charge.deferred,
            invoices=(*(before.invoices if before else ()), invoice),
            due_on=charge.due_on,
        )
    return list(found.values())


def by_tax(amounts: Iterable[Charge | Billed]) -> dict[tuple[object, ...], int]:
    """Minor units per (line, basis, tax category and percentage), zeros left out."""
    found: dict[tuple[object, ...], int] = defaultdict(int)
    for one in amounts:
        found[one.line, one.basis, one.tax_category, one.tax_percent] += one.amount.minor
    return {key: minor for key, minor in found.items() if minor}
