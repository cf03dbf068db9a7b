"""Which invoice a movement of the bank belongs to. Pure; the first rule that applies decides.

    end_to_end   it carries the key of one of our collections: its payment
    returned     it undoes such a collection: the payment's mirror image
    reinstated   it takes such a return back, as a dispute does that was won
    refunded     it carries the key of a refund we asked for
    payout       it goes from a provider's account to the bank, or comes from there
    batch        a bank booked a whole batch as one: each of its collections is paid
    remittance   the payer names invoices that are open
    returned_transfer   what the payer of an invoice sent goes back
    (suspense)   nothing fits: the money waits, and the rule says why

What is applied always sums to what was paid: to what moved and the bank's fee, or in the payer's
own currency to what was told in that. Nothing is settled twice: a second payment or return of one
collection, money beyond what is open, and part of a sum over several invoices all wait in suspense.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from tallystick.cash.settling.claims import Application, Claim, Debit, Kind, Repaid, Rule, Standing
from tallystick.cash.settling.received import Received
from tallystick.money import Money, total
from tallystick.records import BankTransaction


def match(
    transaction: BankTransaction,
    received: Received,
    standing: Standing,
    named: Sequence[str],
    transfer: str | None = None,
) -> list[Application]:
    """Where all of `received` goes; never empty, all in one currency, and it sums to what was
    received in that. `transfer` is the account against which it is one half of a payout.

    `standing` holds every invoice in `named` (the numbers its remittance names) and every
    collection its end-to-end id or batch stands for, with their invoices.
    """
    worth = received.worth
    if not worth:
        return [Application("suspense", worth, "nothing_moved")]
    debit = standing.debits.get(transaction.end_to_end_id or "")
    if debit is not None and (amount := received.within(debit.amount.currency)) is not None:
        if amount.minor < 0:
            return _returned(debit, amount)
        if transaction.returned:
            return reinstated(debit, amount, standing.claims)
        return _paid(debit, amount, standing.claims, "end_to_end")
    refund = standing.refunds.get(transaction.end_to_end_id or "")
    if refund is not None and (amount := received.within(refund.amount.currency)) is not None:
        return [_refunded(refund, amount)]
    if transfer is not None:
        return [Application("transfer", received.paid, "payout", against=transfer)]
    if transaction.batch and (members := standing.batch(transaction.batch, worth.currency)):
        return _batch(members, worth, standing.claims)
    applications, rest, why = place(
        received, [standing.claims[number] for number in named], transaction.returned
    )
    if rest or not applications:
        applications.append(Application("suspense", rest, why))
    return applications


def place(
    received: Received, named: Sequence[Claim], returned: bool
) -> tuple[list[Application], Money, Rule]:
    """What of `received` the invoices named by its payer take, the rest, and why it is left; in
    the payer's own currency where one of those invoices is in that, else in the account's.

    `returned` money goes back out of the one invoice it names.
    """
    wanted = [claim for claim in named if (claim.settled if returned else claim.open)]
    amount = received.worth
    for currency in (one.gross.currency for one in (*wanted, *named)):
        if (told := received.within(currency)) is not None:
            amount = told
            break
    same = [claim for claim in named if claim.gross.currency == amount.currency]
    if returned and amount.minor < 0 and same:
        return _sent_back(amount, same)
    return _place(amount, same)


def _sent_back(amount: Money, named: Sequence[Claim]) -> tuple[list[Application], Money, Rule]:
    settled = max(0, named[0].settled.minor) if len(named) == 1 else 0
    taken = Money(-min(settled, -amount.minor), amount.currency)
    back = Application("return", taken, "returned_transfer", named[0].number)
    return [back] if taken else [], amount - taken, "nothing_to_return"


def _place(amount: Money, same: Sequence[Claim]) -> tuple[list[Application], Money, Rule]:
    """All of them when they sum to the amount (less credit notes they name); else those that money
    of this direction can settle: one takes what there is, several only when all can be settled,
    as nobody but the payer knows which of them is meant.
    """
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
    """A collection sent back: what its payment settled and left in suspense, then what banks add
    as charges. A return that comes before its payment stands for all of it."""
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


def reinstated(debit: Debit, amount: Money, claims: Mapping[str, Claim]) -> list[Application]:
    """A return taken back: the collection has paid again, as much as is open. One that comes
    before the return waits for it."""
    if not debit.returned:
        return [Application("suspense", amount, "nothing_to_reinstate", None, debit.key)]
    taken = max(0, min(amount.minor, -debit.back.minor, claims[debit.invoice].open.minor))
    settles = Money(taken, amount.currency)
    parts = [
        Application("payment", settles, "reinstated", debit.invoice, debit.key),
        Application("suspense", amount - settles, "reinstated", None, debit.key),
    ]
    return [part for part in parts if part.amount]


def _refunded(refund: Repaid, amount: Money) -> Application:
    """What we gave back, or what came back of that because it could not be paid out."""
    if (amount.minor > 0) != refund.shown:
        return Application("suspense", amount, "second_movement_of_refund")
    kind: Kind = "refund" if amount.minor < 0 else "return"
    return Application(kind, amount, "refunded", refund.invoice, refund=refund.key)


def _batch(
    members: Sequence[Debit], amount: Money, claims: Mapping[str, Claim]
) -> list[Application]:
    """Every collection of the batch, if together they are the amount."""
    if total((debit.amount for debit in members), amount.currency) != amount:
        return [Application("suspense", amount, "batch_differs")]
    return [part for debit in members for part in _paid(debit, debit.amount, claims, "batch")]
