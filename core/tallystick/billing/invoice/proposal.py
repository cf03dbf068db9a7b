"""The proposal: one client's invoice or credit note as it would go out, with its objections.

A proposal is a value: the same dues make the same `content_hash`, and an approval names
that hash, so any change to what would be billed voids the approval.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Literal

from msgspec import Raw, Struct
from msgspec.json import Encoder
from msgspec.structs import asdict, replace

from tallystick.billing.invoice.detail import Detail
from tallystick.billing.invoice.difference import Due
from tallystick.billing.invoice.lines import InvoiceLine, as_line, joined
from tallystick.billing.tax.rates import Taxing, TaxLine, no_rate
from tallystick.billing.tax.taxation import Taxable, refused, settled, take_out, tax_lines
from tallystick.money import Money, total
from tallystick.period import Period

Severity = Literal["hold", "note"]
JSON = Encoder()


class Objection(Struct, frozen=True, gc=False):
    """Why a proposal may not go out unseen (`hold`), or what to know about it (`note`)."""

    code: str
    severity: Severity
    what: str
    do: str


class Agreed(Struct, frozen=True, gc=False):
    """A contract as its invoice names it."""

    contract: str
    name: str
    po_number: str | None = None
    payment_terms_days: int | None = None


class Proposal(Struct, frozen=True, dict=True):
    """What one client should be invoiced in one currency for a period, and nothing yet issued.

    `group` tells invoices of one client and currency apart (`billing/invoice/grouping.py`);
    `contracts` are those whose charges are on it. `detail` is what its annex says beyond the
    charges, None where none is written.
    """

    client: str
    currency: str
    period: Period
    lines: tuple[InvoiceLine, ...]
    dues: tuple[Due, ...]
    taxes: tuple[TaxLine, ...]
    objections: tuple[Objection, ...] = ()
    group: str = ""
    contracts: tuple[Agreed, ...] = ()
    detail: Detail | None = None

    @cached_property
    def net(self) -> Money:
        return total([line.net for line in self.lines], self.currency)

    @cached_property
    def tax(self) -> Money:
        return total([tax.amount for tax in self.taxes], self.currency)

    @cached_property
    def gross(self) -> Money:
        return self.net + self.tax

    def why_not_taxed(self, lines: object) -> str:
        """Why `lines` cannot be the tax of this proposal, empty if they can."""
        nets: dict[str, Money] = {}
        contained: dict[str, Money] = {}
        for line in self.lines:
            _add(nets, line.tax_category, line.net)
        for due in self.dues:
            if due.charge.tax_included:
                tax = Money(due.included_tax_minor, self.currency)
                _add(contained, due.charge.tax_category or "", tax)
        return refused(nets, contained, lines)

    @property
    def po_number(self) -> str | None:
        """The order all its contracts name; None when they name none, or not the same."""
        orders = {one.po_number for one in self.contracts}
        return next(iter(orders)) if len(orders) == 1 else None

    @property
    def payment_terms_days(self) -> int | None:
        """The shortest its contracts agree on, None where they say nothing."""
        agreed = [one.payment_terms_days for one in self.contracts]
        return min((days for days in agreed if days is not None), default=None)

    @property
    def kind(self) -> Literal["invoice", "credit_note"]:
        return "credit_note" if self.gross.minor < 0 else "invoice"

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 of what would be billed: dues, lines, tax, the contracts' names, orders and
        payment terms, and the detail; not the objections."""
        content = (
            (self.client, self.currency, self.group, self.period, self.contracts),
            tuple(self._parts.values()),
            *(() if self.detail is None else (self.detail,)),
        )
        return hashlib.sha256(JSON.encode(content)).hexdigest()

    @property
    def body(self) -> str:
        """All of it as one JSON document."""
        return JSON.encode({**asdict(self), **self._parts}).decode()

    @cached_property
    def _parts(self) -> dict[str, Raw]:
        """The long parts as JSON, made once for the hash and for the body."""
        return {name: Raw(JSON.encode(getattr(self, name))) for name in ("lines", "dues", "taxes")}

    def reviewed(self, objections: Sequence[Objection]) -> Proposal:
        """The same content with these objections: its sums and its hash stay as they are."""
        found = replace(self, objections=tuple(objections))
        found.__dict__.update(self.__dict__)
        return found

    @property
    def holds(self) -> tuple[Objection, ...]:
        return tuple(one for one in self.objections if one.severity == "hold")


def _add(sums: dict[str, Money], category: str, amount: Money) -> None:
    sums[category] = sums.get(category, Money.zero(amount.currency)) + amount


Decide = Callable[[Proposal], "tuple[TaxLine, ...] | None"]
"""The tax of a proposal in place of the table's, or None to leave it to the table."""


def leave_it(_: Proposal) -> tuple[TaxLine, ...] | None:
    """Nobody has a say: the table decides."""
    return None


def compose(
    client: str,
    currency: str,
    period: Period,
    dues: Sequence[Due],
    taxing: Taxing,
    decide: Decide = leave_it,
    group: str = "",
    contracts: Sequence[Agreed] = (),
) -> Proposal:
    """Join dues to invoice lines and add tax.

    A due without a tax category takes the client's here and keeps it with its percentage, so that
    a correction goes back to what was billed. Raises `SkipRecord` when the table has no rate for
    a category and `decide` leaves it to the table.
    """
    priced = tuple([_settled(due, taxing) for due in dues])
    groups = joined(priced)
    priced = tuple(take_out(priced, groups, taxing))
    lines = tuple(as_line(priced, indices) for indices in groups)
    draft = Proposal(
        client, currency, period, lines, priced, (), group=group, contracts=tuple(contracts)
    )
    missing = [one.charge for one in priced if one.charge.tax_percent is None]
    if not missing:
        items = [item for line in lines for item in _taxable(line, priced)]
        draft = replace(draft, taxes=tax_lines(items, currency, taxing))
    answer = decide(draft)
    if answer is not None:
        return _decided(draft, answer)
    for charge in missing:
        raise no_rate(charge.tax_category or taxing.category, charge.service.last_day)
    return draft


def _settled(due: Due, taxing: Taxing) -> Due:
    charge = settled(due.charge, taxing)
    return due if charge is due.charge else replace(due, charge=charge)


def _taxable(line: InvoiceLine, dues: Sequence[Due]) -> list[Taxable]:
    if line.tax_percent is None:
        return []
    own = [dues[index] for index in line.charges]
    included = None
    if own[0].charge.tax_included:
        included = Money(sum(due.included_tax_minor for due in own), line.net.currency)
    return [Taxable(line.tax_category, line.tax_percent, line.net, included)]


def _decided(draft: Proposal, taxes: tuple[TaxLine, ...]) -> Proposal:
    """The draft taxed by a plugin: the table's percentages mean nothing, and a later run does not
    compare them."""
    return replace(
        draft,
        taxes=taxes,
        lines=tuple(replace(line, tax_percent=None) for line in draft.lines),
        dues=tuple(
            replace(due, charge=replace(due.charge, tax_percent=None)) for due in draft.dues
        ),
    )
