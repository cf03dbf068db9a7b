"""What money is matched against: open invoices, collections, and what was applied to them. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final, Literal

from tallystick.money import Money

Kind = Literal["payment", "refund", "return", "transfer", "suspense"]
Rule = Literal[
    "end_to_end",
    "returned",
    "reinstated",
    "refunded",
    "payout",
    "batch",
    "remittance",
    "returned_transfer",
    "collected_beyond_open",
    "second_payment_of_collection",
    "second_return_of_collection",
    "charges_of_return",
    "returned_but_money_in",
    "nothing_to_return",
    "nothing_to_reinstate",
    "second_movement_of_refund",
    "overpayment",
    "invoice_not_open",
    "less_than_all_named",
    "batch_differs",
    "unknown_payer",
    "money_out",
    "nothing_moved",
    "payer_differs",
    "other_amount",
    "scored",
    "accepted",
    "by_hand",
]
PLACEABLE: Final[frozenset[Rule]] = frozenset(
    {
        *("overpayment", "invoice_not_open", "less_than_all_named", "unknown_payer"),
        *("nothing_to_return", "other_amount"),
    }
)
"""Rules whose suspended money is placed once an invoice it names is open, or was paid."""

SCORED: Final[frozenset[Rule]] = frozenset(
    {
        *("overpayment", "invoice_not_open", "less_than_all_named", "unknown_payer"),
        *("payer_differs", "other_amount"),
    }
)
"""Rules whose suspended money is looked at by what else is known of it."""


@dataclass(frozen=True, slots=True)
class Claim:
    """An invoice, or with negative amounts a credit note, as far as money goes."""

    number: str
    client: str
    gross: Money
    settled: Money
    due_on: date

    @property
    def open(self) -> Money:
        return self.gross - self.settled


@dataclass(frozen=True, slots=True)
class Debit:
    """A collection as far as the bank has shown it: what its payment settled of the invoice,
    what of it went to suspense, and what came `back` and stayed so, which is negative.

    `batch` is empty for one that did not go out; `block` is the part of the batch it was sent
    in, empty where the collector does not say.
    """

    key: str
    invoice: str
    amount: Money
    batch: str
    block: str
    settled: Money
    suspended: Money
    back: Money

    def booked_under(self, name: str) -> bool:
        """Whether a bank that books several debits as one may call that one `name`: the
        batch, or the block of it, which a file numbers (`batch-1`)."""
        if not self.batch:
            return False
        if self.block:
            return name in (self.batch, self.block)
        return self.batch in (name, name.rpartition("-")[0])

    @property
    def paid(self) -> bool:
        return bool(self.settled + self.suspended)

    @property
    def returned(self) -> bool:
        return self.back.minor < 0


@dataclass(frozen=True, slots=True)
class Repaid:
    """A refund we asked for: the document it settles, and whether its money was seen to go."""

    key: str
    invoice: str
    amount: Money
    shown: bool


@dataclass(frozen=True, slots=True)
class Application:
    """Part of a movement, positive for money in, and where it goes: to an invoice, to suspense,
    or `against` another account of ours."""

    kind: Kind
    amount: Money
    rule: Rule
    invoice: str | None = None
    attempt: str | None = None
    against: str | None = None
    refund: str | None = None


BACK: Final[frozenset[Rule]] = frozenset({"returned", "reinstated"})
"""Rules whose parts say what of a collection came back, or was taken back from that."""


NO_PAYMENT: Final[frozenset[Rule]] = BACK | {"nothing_to_reinstate"}
"""Rules whose parts name a collection and are not its payment."""


@dataclass(slots=True)
class Standing:
    """What is claimed and collected while movements are matched one after the other."""

    claims: dict[str, Claim] = field(default_factory=dict)
    debits: dict[str, Debit] = field(default_factory=dict)
    refunds: dict[str, Repaid] = field(default_factory=dict)

    def apply(self, applications: Iterable[Application]) -> None:
        for one in applications:
            if one.invoice is not None:
                claim = self.claims[one.invoice]
                self.claims[one.invoice] = replace(claim, settled=claim.settled + one.amount)
            if one.refund is not None:
                shown = one.amount.minor < 0
                self.refunds[one.refund] = replace(self.refunds[one.refund], shown=shown)
            if one.attempt is not None:
                self.debits[one.attempt] = _shown(self.debits[one.attempt], one)

    def batch(self, name: str, currency: str) -> list[Debit]:
        return [
            debit
            for debit in self.debits.values()
            if debit.booked_under(name) and debit.amount.currency == currency
        ]


def _shown(debit: Debit, one: Application) -> Debit:
    if one.rule in BACK:
        return replace(debit, back=debit.back + one.amount)
    if one.rule in NO_PAYMENT:
        return debit
    if one.kind == "suspense":
        return replace(debit, suspended=debit.suspended + one.amount)
    return replace(debit, settled=debit.settled + one.amount)
