"""The difference: what the facts say, less what issued invoices already billed.

    priced now     fee:July 100.00   booking:7  95.00   booking:9  47.50
    billed before  fee:July 100.00   booking:7  90.00
    proposed                         booking:7  +5.00   booking:9  47.50
                                     (correction)       (new)

Running it again proposes nothing. A late booking, a changed price and a backdated start
all come out as the difference they make, beside the invoices they correct.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from tallystick.billing.charges import Charge
from tallystick.errors import Stop
from tallystick.money import Money
from tallystick.period import Period

Key = tuple[str, str, str]


class Billed(Struct, frozen=True):
    """What issued invoices say about one basis: the sum, and the invoices it stands on."""

    contract: str
    line: str
    basis: str
    service: Period
    group: str
    amount: Money
    account: str
    tax_category: str | None
    deferred: bool
    invoices: tuple[str, ...]
    due_on: date | None = None

    @property
    def key(self) -> Key:
        return (self.contract, self.line, self.basis)

    def due_before(self, until: date) -> bool:
        """Whether a run up to `until` speaks about this basis at all: where it does not say, what
        is bought in advance falls due when its service starts, everything else when it ends."""
        if self.due_on is not None:
            return self.due_on < until
        return self.service.start < until if self.deferred else self.service.end <= until


class Due(Struct, frozen=True):
    """A charge to be invoiced; `corrects` names the invoices it corrects, none for a new one.

    A correction keeps the account and tax category of what it corrects.
    """

    charge: Charge
    corrects: tuple[str, ...] = ()


def difference(charges: Iterable[Charge], billed: Iterable[Billed], until: date) -> list[Due]:
    """What is left to invoice, ordered by contract, line and basis.

    A billed basis without a charge is taken back, unless it only falls due after `until`: a
    quarter billed in October stays when August is run again. The amounts of the result plus
    those billed equal the amounts of `charges`, per basis. Raises `Stop` when two charges name
    the same basis, since one of them would be lost.
    """
    now = _by_basis(charges)
    before = {one.key: one for one in billed}
    result = []
    for key in sorted(now.keys() | before.keys()):
        due = _one(now.get(key), before.get(key), until)
        if due is not None:
            result.append(due)
    return result


def _by_basis(charges: Iterable[Charge]) -> dict[Key, Charge]:
    found: dict[Key, Charge] = {}
    for charge in charges:
        if found.setdefault((charge.contract, charge.line, charge.basis), charge) is not charge:
            raise Stop(
                f"Two charges have the basis {charge.basis}.",
                do="Correct the charge model of the line: each priced fact has one basis.",
                record="contract_line",
                ref=charge.line,
            )
    return found


def _one(charge: Charge | None, billed: Billed | None, until: date) -> Due | None:
    if billed is None:
        return Due(charge) if charge is not None and charge.amount else None
    if charge is None:
        if not billed.amount or not billed.due_before(until):
            return None
        return Due(_withdrawn(billed), billed.invoices)
    change = charge.amount - billed.amount
    if not change:
        return None
    was = f"billed before: {billed.amount} on {', '.join(billed.invoices)}"
    correction = replace(
        charge,
        group=f"Correction: {charge.group}",
        quantity=Decimal(1),
        unit="correction",
        unit_price=change.amount,
        amount=change,
        reason=(*charge.reason, f"comes to {charge.amount}", was),
        account=billed.account,
        tax_category=billed.tax_category,
        deferred=billed.deferred,
    )
    return Due(correction, billed.invoices)


def _withdrawn(billed: Billed) -> Charge:
    """The charge that takes back a basis the facts no longer support."""
    return Charge(
        contract=billed.contract,
        line=billed.line,
        basis=billed.basis,
        service=billed.service,
        group=f"Correction: {billed.group.removeprefix('Correction: ')}",
        quantity=Decimal(1),
        unit="correction",
        unit_price=-billed.amount.amount,
        amount=-billed.amount,
        account=billed.account,
        reason=(
            "the facts no longer support this charge",
            f"billed before: {billed.amount} on {', '.join(billed.invoices)}",
        ),
        tax_category=billed.tax_category,
        deferred=billed.deferred,
        due_on=billed.due_on,
    )
