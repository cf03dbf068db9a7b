"""The difference: what the facts say, less what issued invoices already billed.

    priced now     fee:July 100.00   booking:7  95.00   booking:9  47.50
    billed before  fee:July 100.00   booking:7  90.00
    proposed                         booking:7  +5.00   booking:9  47.50
                                     (correction)       (new)

What was billed under another tax category or percentage is taken back under the old one and
charged whole under the new one.

Running it again proposes nothing. A late booking, a changed price and a backdated start
all come out as the difference they make, beside the invoices they correct.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from datetime import date
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from tallystick.billing.charges import Charge
from tallystick.errors import Stop
from tallystick.money import Money, total
from tallystick.period import Period

Key = tuple[str, str, str]
CORRECTION = "Correction: "
"""What the text of a line that corrects begins with."""
GONE = "the facts no longer support this charge"
OTHER_TAX = "it is taxed differently now"


class Billed(Struct, frozen=True, gc=False):
    """What issued invoices say about one basis at one tax: the sum, and the invoices it stands on.

    `tax_percent` is None where a plugin decided the tax; `included_tax_minor` is the tax that
    `amount` contains.
    """

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
    tax_percent: Decimal | None = None
    tax_included: bool = False
    included_tax_minor: int = 0

    @property
    def net(self) -> Money:
        return Money(self.amount.minor - self.included_tax_minor, self.amount.currency)

    @property
    def key(self) -> Key:
        return (self.contract, self.line, self.basis)

    def due_before(self, until: date) -> bool:
        """Whether a run up to `until` speaks about this basis at all: where it does not say, what
        is bought in advance falls due when its service starts, everything else when it ends."""
        if self.due_on is not None:
            return self.due_on < until
        return self.service.start < until if self.deferred else self.service.end <= until


class Due(Struct, frozen=True, gc=False, omit_defaults=True):
    """A charge to be invoiced; `corrects` names the invoices it corrects, none for a new one.

    A correction keeps the account of what it corrects. `included_tax_minor` is the tax that the
    charge's amount contains, once it is composed to a document.
    """

    charge: Charge
    corrects: tuple[str, ...] = ()
    included_tax_minor: int = 0

    @property
    def net(self) -> Money:
        amount = self.charge.amount
        return Money(amount.minor - self.included_tax_minor, amount.currency)


def difference(
    charges: Iterable[Charge],
    billed: Iterable[Billed],
    until: date,
    later: Set[str] = frozenset(),
) -> list[Due]:
    """What is left to invoice, ordered by contract, line and basis.

    A billed basis without a charge is taken back, unless it only falls due after `until`: a
    quarter billed in October stays when August is run again. What was billed for facts that lie
    after `until` now stays too, since the period they lie in decides about it: `later` names them
    as bases do. The amounts of the result plus those billed equal the amounts of `charges`, per
    basis. Raises `Stop` when two charges name the same basis, since one of them would be lost.
    """
    now = _by_basis(charges)
    before: dict[Key, list[Billed]] = {}
    for one in billed:
        before.setdefault(one.key, []).append(one)
    result: list[Due] = []
    for key in sorted(now.keys() | before.keys()):
        charge, parts = now.get(key), sorted(before.get(key, ()), key=_first_billed)
        if charge is None:
            result += [
                _take_back(one, GONE)
                for one in parts
                if one.amount and one.due_before(until) and not _moved(one.basis, later)
            ]
        else:
            result += _one(charge, parts)
    return result


def _moved(basis: str, later: Set[str]) -> bool:
    """Whether the basis, or the whole of which it is a part or a fee, is among `later`."""
    return basis in later or basis.rpartition(":")[0] in later


def _first_billed(one: Billed) -> tuple[tuple[str, ...], str, Decimal]:
    """An order in which to take what was billed for one basis, however it arrived."""
    percent = Decimal(-1) if one.tax_percent is None else one.tax_percent
    return one.invoices, one.tax_category or "", percent


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


def _one(charge: Charge, parts: Sequence[Billed]) -> Iterator[Due]:
    """What is left of `charge`, of which `parts` were billed, each at another tax."""
    if not parts:
        if charge.amount:
            yield Due(charge)
        return
    alike = [one for one in parts if _taxed_alike(charge, one)]
    for one in parts:
        if one not in alike and one.amount:
            yield _take_back(one, OTHER_TAX)
    standing = total((one.amount for one in alike), charge.amount.currency)
    change = charge.amount - standing
    if change:
        yield _correction(charge, alike or parts, bool(alike), change)


def _taxed_alike(charge: Charge, billed: Billed) -> bool:
    """Whether the charge is taxed as what was billed; what is not settled stays as it was."""
    if None in (charge.tax_category, billed.tax_category):
        return True
    if charge.tax_category != billed.tax_category:
        return False
    if None in (charge.tax_percent, billed.tax_percent):
        return True
    return (charge.tax_percent, charge.tax_included) == (billed.tax_percent, billed.tax_included)


def _correction(charge: Charge, parts: Sequence[Billed], at_their_tax: bool, change: Money) -> Due:
    before = parts[0]
    invoices = tuple(dict.fromkeys(number for one in parts for number in one.invoices))
    was = f"billed before: {_sum(parts)} on {', '.join(invoices)}"
    taxed = before if at_their_tax else charge
    correction = replace(
        charge,
        group=f"{CORRECTION}{charge.group}",
        quantity=Decimal(1),
        unit="correction",
        unit_price=change.amount,
        amount=change,
        reason=(*charge.reason, f"comes to {charge.amount}", was),
        account=before.account,
        tax_category=taxed.tax_category,
        tax_percent=taxed.tax_percent,
        tax_included=taxed.tax_included,
        deferred=before.deferred,
    )
    return Due(correction, invoices)


def _sum(parts: Sequence[Billed]) -> Money:
    return total((one.amount for one in parts), parts[0].amount.currency)


def _take_back(billed: Billed, why: str) -> Due:
    """The whole of what was billed, at the tax it was billed at."""
    charge = Charge(
        contract=billed.contract,
        line=billed.line,
        basis=billed.basis,
        service=billed.service,
        group=f"{CORRECTION}{billed.group.removeprefix(CORRECTION)}",
        quantity=Decimal(1),
        unit="correction",
        unit_price=-billed.amount.amount,
        amount=-billed.amount,
        account=billed.account,
        reason=(
            why,
            f"billed before: {billed.amount} on {', '.join(billed.invoices)}",
        ),
        tax_category=billed.tax_category,
        deferred=billed.deferred,
        due_on=billed.due_on,
        tax_percent=billed.tax_percent,
        tax_included=billed.tax_included,
    )
    return Due(charge, billed.invoices)
