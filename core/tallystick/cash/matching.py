"""Which invoice a movement of the bank belongs to. Pure; the first rule that applies decides.

    end_to_end   it carries the key of one of our collections: its payment
    returned     it undoes such a collection: the payment's mirror image
    batch        a bank booked a whole batch as one: each of its collections is paid
    remittance   the payer names invoices that are open
    (suspense)   nothing fits: the money waits, and the rule says why

What is applied always sums to what moved. Nothing is settled twice: a second payment or return
of one collection, money beyond what is open, and part of a sum over several invoices all wait
in suspense.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final, Literal

from tallystick.money import Money, total
from tallystick.records import BankTransaction

Kind = Literal["payment", "refund", "return", "suspense"]
Rule = Literal[
    "end_to_end",
    "returned",
    "batch",
    "remittance",
    "collected_beyond_open",
    "second_payment_of_collection",
    "second_return_of_collection",
    "charges_of_return",
    "returned_but_money_in",
    "overpayment",
    "invoice_not_open",
    "less_than_all_named",
    "batch_differs",
    "unknown_payer",
    "money_out",
    "nothing_moved",
]
PLACEABLE: Final[frozenset[Rule]] = frozenset(
    {"overpayment", "invoice_not_open", "less_than_all_named", "unknown_payer"}
)
"""Rules whose suspended money is placed once an invoice it names is open."""


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
    what of it went to suspense, and whether it came back.

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
    returned: bool

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


@dataclass(frozen=True, slots=True)
class Application:
    """Part of a movement, positive for money in, and where it goes."""

    kind: Kind
    amount: Money
    rule: Rule
    invoice: str | None = None
    attempt: str | None = None


@dataclass(slots=True)
class Standing:
    """What is claimed and collected while movements are matched one after the other."""

    claims: dict[str, Claim] = field(default_factory=dict)
    debits: dict[str, Debit] = field(default_factory=dict)

    def apply(self, applications: Iterable[Application]) -> None:
        for one in applications:
            if one.invoice is not None:
                claim = self.claims[one.invoice]
                self.claims[one.invoice] = replace(claim, settled=claim.settled + one.amount)
            if one.attempt is not None:
                self.debits[one.attempt] = _shown(self.debits[one.attempt], one)

    def batch(self, name: str, currency: str) -> list[Debit]:
        return [
            debit
            for debit in self.debits.values()
            if debit.booked_under(name) and debit.amount.currency == currency
        ]


def _shown(debit: Debit, one: Application) -> Debit:
    if one.rule == "returned":
        return replace(debit, returned=True)
    if one.kind == "suspense":
        return replace(debit, suspended=debit.suspended + one.amount)
    return replace(debit, settled=debit.settled + one.amount)


def match(
    transaction: BankTransaction, amount: Money, standing: Standing, named: Sequence[str]
) -> list[Application]:
    """Where the `amount` of `transaction` goes; never empty, and it sums to `amount`.

    `standing` holds every invoice in `named` (the numbers its remittance names) and every
    collection its end-to-end id or batch stands for, with their invoices.
    """
    if not amount:
        return [Application("suspense", amount, "nothing_moved")]
    debit = standing.debits.get(transaction.end_to_end_id or "")
    if debit is not None and debit.amount.currency == amount.currency:
        if amount.minor < 0:
            return _returned(debit, amount)
        if transaction.returned:
            return [Application("suspense", amount, "returned_but_money_in")]
        return _paid(debit, amount, standing.claims, "end_to_end")
    if transaction.batch and (members := standing.batch(transaction.batch, amount.currency)):
        return _batch(members, amount, standing.claims)
    applications, rest, why = place(amount, [standing.claims[number] for number in named])
    if rest or not applications:
        applications.append(Application("suspense", rest, why))
    return applications


def place(amount: Money, named: Sequence[Claim]) -> tuple[list[Application], Money, Rule]:
    """What of `amount` the invoices named by its payer take, the rest, and why it is left.

    All of them when they sum to the amount (less credit notes they name); else those that money
    of this direction can settle: one takes what there is, several only when all can be settled,
    as nobody but the payer knows which of them is meant.
    """
    same = [claim for claim in named if claim.gross.currency == amount.currency]
    open_ = [claim for claim in same if claim.open]
    if open_ and _sum(open_, amount) == amount:
        return [_settles(claim, claim.open) for claim in open_], amount - amount, "overpayment"
    fitting = [claim for claim in open_ if (claim.open.minor > 0) == (amount.minor > 0)]
    if not fitting:
        unnamed: Rule = "unknown_payer" if amount.minor >= 0 else "money_out"
        return [], amount, "invoice_not_open" if same else unnamed
    wanted = _sum(fitting, amount)
    if abs(wanted.minor) <= abs(amount.minor):
        return [_settles(claim, claim.open) for claim in fitting], amount - wanted, "overpayment"
    if len(fitting) > 1:
        return [], amount, "less_than_all_named"
    return [_settles(fitting[0], amount)], amount - amount, "overpayment"


def _sum(claims: Iterable[Claim], like: Money) -> Money:
    return total((claim.open for claim in claims), like.currency)


def _settles(claim: Claim, amount: Money) -> Application:
    kind: Kind = "payment" if amount.minor > 0 else "refund"
    return Application(kind, amount, "remittance", claim.number)


def _paid(
    debit: Debit, amount: Money, claims: Mapping[str, Claim], rule: Rule
) -> list[Application]:
    """A collection's payment: as much as was asked for and is open, the rest to suspense."""
    if debit.paid:
        return [Application("suspense", amount, "second_payment_of_collection")]
    taken = max(0, min(amount.minor, debit.amount.minor, claims[debit.invoice].open.minor))
    settles = Money(taken, amount.currency)
    parts = [
        Application("payment", settles, rule, debit.invoice, debit.key),
        Application("suspense", amount - settles, "collected_beyond_open", None, debit.key),
    ]
    return [part for part in parts if part.amount]


def _returned(debit: Debit, amount: Money) -> list[Application]:
    """A collection sent back: first what its payment left in suspense and settled, then what
    banks add as charges. A return that comes before its payment stands for all of it."""
    if debit.returned:
        return [Application("suspense", amount, "second_return_of_collection")]
    settled = debit.settled if debit.paid else debit.amount
    from_invoice = min(settled.minor, -amount.minor)
    from_suspense = min(debit.suspended.minor, -amount.minor - from_invoice)
    charges = -amount.minor - from_invoice - from_suspense
    parts = [
        Application("return", Money(-from_invoice, amount.currency), "returned", debit.invoice),
        Application("suspense", Money(-from_suspense, amount.currency), "returned"),
    ]
    parts = [replace(part, attempt=debit.key) for part in parts if part.amount]
    if charges:
        parts.append(Application("suspense", Money(-charges, amount.currency), "charges_of_return"))
    return parts


def _batch(
    members: Sequence[Debit], amount: Money, claims: Mapping[str, Claim]
) -> list[Application]:
    """Every collection of the batch, if together they are the amount."""
    if total((debit.amount for debit in members), amount.currency) != amount:
        return [Application("suspense", amount, "batch_differs")]
    return [part for debit in members for part in _paid(debit, debit.amount, claims, "batch")]
