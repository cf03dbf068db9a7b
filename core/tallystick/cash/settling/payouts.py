"""Payouts: which movements carry money between a provider's account and the bank. Pure.

    provider   -970.00   payout po_7          Assets:Transfer:Pay   970.00
    bank       +970.00   "PAY LTD po_7"       Assets:Transfer:Pay  -970.00

Each half is told by itself, whichever comes first: on the provider's account by the payout's id,
at the bank by that id in the remittance, or by the provider's name where the payer names no
invoice. So the two need not agree for neither to wait in suspense; what is left on the transfer
account is what is still under way, or the difference.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from tallystick.books.entries import transfer_account
from tallystick.records import BankTransaction

REFERENCE_LENGTH_MIN: Final = 6
"""A shorter payout id stands in too many texts by chance to mean anything."""
_LEFT_OUT: Final = re.compile(r"[^A-Z0-9]")


@dataclass(frozen=True, slots=True)
class Provider:
    """A connection at a payment provider: the names a bank statement may call it by, and the ids
    of its payouts seen so far."""

    connection: str
    names: frozenset[str]
    payouts: Collection[str] = ()


def transfer_of(
    connection: str,
    record: BankTransaction,
    named: Collection[str],
    providers: Mapping[str, Provider],
) -> str | None:
    """The transfer account of a movement on the account of `connection`, None when it is no
    payout; `named` are the invoices its remittance names."""
    if connection in providers:
        return transfer_account(connection) if record.payout else None
    if record.end_to_end_id or record.returned:
        return None
    told = f"{record.counterparty or ''} {record.remittance} {record.bank_reference or ''}".upper()
    bare = _LEFT_OUT.sub("", told)
    for name, provider in sorted(providers.items()):
        if any(_bare(one) in bare for one in provider.payouts if _tells(one)):
            return transfer_account(name)
    if named:
        return None
    for name, provider in sorted(providers.items()):
        if any(re.search(rf"\b{re.escape(word.upper())}\b", told) for word in provider.names):
            return transfer_account(name)
    return None


def _tells(payout: str) -> bool:
    return len(_bare(payout)) >= REFERENCE_LENGTH_MIN


def _bare(text: str) -> str:
    return _LEFT_OUT.sub("", text.upper())
