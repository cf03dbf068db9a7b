"""Grouping: which charges of a client share an invoice.

Contracts with the same `consolidation` share one. A contract with an order of its own (`po_number`)
and no consolidation has its own invoice, since an invoice names one order. All others share the
client's plain invoice, the group "".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tallystick.billing.invoice.difference import Due
from tallystick.billing.invoice.proposal import Agreed
from tallystick.records import Contract


def group_of(contract: Contract | None) -> str:
    """The group of a contract's charges; of a contract that is gone, the plain one."""
    if contract is None:
        return ""
    if contract.consolidation:
        return contract.consolidation
    return f"PO {contract.po_number}" if contract.po_number else ""


def by_invoice(
    dues: Iterable[Due], contracts: Mapping[str, Contract]
) -> dict[tuple[str, str], list[Due]]:
    """The dues of each invoice, by (currency, group), in ascending order of both."""
    found: dict[tuple[str, str], list[Due]] = {}
    groups = {ref: group_of(contract) for ref, contract in contracts.items()}
    for due in dues:
        charge = due.charge
        key = (charge.amount.currency, groups.get(charge.contract, ""))
        found.setdefault(key, []).append(due)
    return dict(sorted(found.items()))


def agreed(dues: Sequence[Due], contracts: Mapping[str, Contract]) -> tuple[Agreed, ...]:
    """The contracts these dues belong to, by reference, as far as they are known."""
    named = sorted({due.charge.contract for due in dues})
    return tuple(
        Agreed(one.id, one.name, one.po_number or None, one.payment_terms_days)
        for ref in named
        if (one := contracts.get(ref)) is not None
    )
