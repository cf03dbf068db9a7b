"""The case: one proposal, and what is known around it that may speak against it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from msgspec import Struct, field

from tallystick.billing.charges import Charge, Placement
from tallystick.billing.einvoice.profiles import Profile
from tallystick.billing.invoice.document import InvoiceDocument
from tallystick.billing.invoice.proposal import Proposal
from tallystick.billing.tax.rates import Taxing
from tallystick.money import Money
from tallystick.records import Contract

NOT_TAXED = Taxing(())


class Case(Struct, frozen=True):
    """What the rules look at. Everything but the proposal may be left out.

    `taxing` is how the client is taxed.

    `held` are the client's bookings that cannot be billed, `unapproved` the refs of bookings
    that wait for approval at their source, `uncounted` incidents with the reason, `quarantined`
    the number of the client's quarantined records.

    `contracts` are those of the proposal, `charges` what they are priced at in all; `billed` is
    what each contract, and `billed_lines` what each line, was billed before.

    `history` are the nets billed for earlier periods of the same length, the latest last, in the
    proposal's group; `same_period` what was billed for this period already. `on_order` is what was
    invoiced on each contract's current order. `first` says that the client has no invoice yet in
    this currency and group. `document` is what it would be if it were issued, where e-invoices of
    `profiles` are written.
    """

    proposal: Proposal
    taxing: Taxing = NOT_TAXED
    held: Sequence[Placement] = ()
    unapproved: frozenset[str] = frozenset()
    uncounted: Mapping[str, str] = field(default_factory=dict)
    quarantined: int = 0
    contracts: Sequence[Contract] = ()
    charges: Sequence[Charge] = ()
    billed: Mapping[str, Money] = field(default_factory=dict)
    billed_lines: Mapping[str, Money] = field(default_factory=dict)
    history: Sequence[Money] = ()
    same_period: Money | None = None
    on_order: Mapping[str, Money] = field(default_factory=dict)
    first: bool = False
    deviation_percent: Decimal = Decimal(50)
    document: InvoiceDocument | None = None
    profiles: Sequence[Profile] = ()

    def net_of(self, contract: str) -> Money:
        """What the proposal charges, or gives back, on one contract."""
        net = Money.zero(self.proposal.currency)
        for line in self.proposal.lines:
            if line.contract == contract:
                net += line.net
        return net
