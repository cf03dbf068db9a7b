"""One camt entry (`Ntry`): what moved, and which transactions it is made of. Pure."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple
from xml.etree.ElementTree import Element

from tallystick.errors import SkipRecord
from tallystick.records import BankTransaction
from tallystick_bank.camt_amounts import amount_of, aside, charges_of
from tallystick_bank.transaction import ASK_THE_BANK, Identities, exact, iban, reference

log = logging.getLogger(__name__)
STATUSES = {"BOOK", "PDNG", "INFO", "FUTR"}
"""External code set EntryStatus; only what is booked has settled."""


class Move(NamedTuple):
    """The money of an entry. `indicated` is signed by CdtDbtInd alone."""

    indicated: Decimal
    currency: str
    reversal: bool
    booked: bool

    def signed(self, flips: bool | None) -> Decimal:
        """Positive for money in; `flips` is what a reversal does to its indicator.

        Raises `SkipRecord` for a reversal when `flips` is not known.
        """
        if not self.reversal:
            return self.indicated
        if flips is None:
            raise SkipRecord(
                "This is a reversal, and no balances in the file prove whether its indicator "
                "is its own direction or that of the booking it undoes.",
                do='Import the camt.053 of that day, or set `reversals` to "direction" or '
                '"original" as this bank uses it.',
            )
        return -self.indicated if flips else self.indicated


def indicated_amount(node: Element) -> tuple[Decimal, str]:
    """Amount (negative for DBIT) and currency of an entry or balance; raises `SkipRecord`."""
    found = amount_of(node.find("Amt"))
    sign = {"CRDT": 1, "DBIT": -1}.get(_text(node, "CdtDbtInd"))
    if found is None or sign is None:
        raise SkipRecord(
            "Amount, currency or CdtDbtInd is missing or is no valid value.", do=ASK_THE_BANK
        )
    return sign * found[0], found[1]


def read_move(entry: Element) -> Move:
    """Raises `SkipRecord` when amount, currency, direction or status cannot be read."""
    amount, currency = indicated_amount(entry)
    indicator = _text(entry, "RvslInd")
    status = _text(entry, "Sts/Cd") or _text(entry, "Sts/Prtry") or _text(entry, "Sts")
    if indicator not in {"", "false", "0", "true", "1"} or status not in STATUSES:
        raise SkipRecord(
            f"The status {status!r} or reversal indicator {indicator!r} is no valid value.",
            do=ASK_THE_BANK,
        )
    return Move(amount, currency, indicator in {"true", "1"}, status == "BOOK")


def transactions(
    entry: Element,
    move: Move,
    flips: bool | None,
    account: str,
    identities: Identities,
    place: str,
) -> Iterator[BankTransaction]:
    """The transactions of a booked entry; their amounts sum to the entry's.

    Split into its details when every detail has an amount in the entry's currency and they
    add up; otherwise one transaction with the batch's reference. The first detail shares the
    id of the undivided entry and carries a higher version, so a batch that one file shows
    whole and another in details ends as its details, whichever comes first.
    Raises `SkipRecord` when date or amount cannot be told.
    """
    booked_on = _day(entry, "BookgDt") or _day(entry, "ValDt")
    if booked_on is None:
        raise SkipRecord("The entry has neither a booking nor a value date.", do=ASK_THE_BANK)
    amount = exact(move.signed(flips), move.currency)
    details = entry.findall("NtryDtls/TxDtls") + entry.findall("TxDtls")
    parts = _parts(details, amount, move.currency)
    if len(parts) != len(details) and len(details) > 1:
        log.warning("%s: its details do not add up to %s; kept as one booking.", place, amount)
    own = reference(entry.findtext("AcctSvcrRef"))
    if own is None and len(details) == 1:
        own = reference(details[0].findtext("Refs/AcctSvcrRef"))
    told_by = [own] if own else [_end_to_end(details), _remittance(entry, details)]
    identity = identities.of(booked_on, amount, move.currency, *told_by)
    for number, (part, nodes) in enumerate(parts, 1):
        whole = len(parts) == 1
        detail_reference = None if whole else reference(nodes[0].findtext("Refs/AcctSvcrRef"))
        returned, reason = _returned(nodes)
        undone = returned or move.reversal
        name, counterparty_iban = _party(nodes, "Dbtr" if (part > 0) != undone else "Cdtr")
        alone = not whole or _alone(entry, details)
        end_to_end = _end_to_end(nodes) if alone else None
        told = aside(entry, nodes, part, move.currency, whole)
        yield BankTransaction(
            id=identity if number == 1 else f"{identity}/{number}",
            version=1 if alone else 0,
            account=account,
            booked_on=booked_on,
            amount=part,
            currency=move.currency,
            charges=told.charges or None,
            paid_amount=told.paid and told.paid.copy_sign(part + told.charges),
            paid_currency=told.currency,
            bank_reference=detail_reference or own,
            end_to_end_id=end_to_end,
            returned=returned,
            return_reason=reason,
            batch=_batch(entry, nodes) if end_to_end is None else None,
            counterparty=name,
            counterparty_iban=counterparty_iban,
            remittance=_remittance(entry, nodes),
        )


def _parts(
    details: list[Element], amount: Decimal, currency: str
) -> list[tuple[Decimal, list[Element]]]:
    """The entry's amount over its details, or all of it in one part.

    Details mostly share the entry's direction whatever their own indicator says; where that
    does not add up their own indicators may (a batch booked net of its returns), or their amounts
    less their charges.
    """
    whole = [(amount, details)]
    found = [_detail_amount(detail, currency) for detail in details]
    if len(details) < 2 or any(each is None for each in found):
        return whole
    unsigned = [each for each in found if each is not None]
    shared = [each.copy_sign(amount) for each in unsigned]
    indicated = [
        -each if _text(detail, "CdtDbtInd") == "DBIT" else each
        for each, detail in zip(unsigned, details, strict=True)
    ]
    less = [
        each - charges_of(detail, currency) for each, detail in zip(shared, details, strict=True)
    ]
    for signed in (shared, indicated, less):
        if sum(signed) == amount:
            exacts = [exact(each, currency) for each in signed]
            return [(each, [detail]) for each, detail in zip(exacts, details, strict=True)]
    return whole


def _alone(entry: Element, details: list[Element]) -> bool:
    """Is the undivided entry one payment, fully described by its one detail?"""
    counted = {_text(batch, "NbOfTxs") for batch in _batches(entry)} - {""}
    return len(details) == 1 and counted <= {"1"}


def _detail_amount(detail: Element, currency: str) -> Decimal | None:
    """The detail's own amount in the currency of the account (unsigned)."""
    for path in ("Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/CntrValAmt/Amt", "AmtDtls/InstdAmt/Amt"):
        found = amount_of(detail.find(path))
        if found and found[1] == currency:
            return found[0]
    return None


def _day(entry: Element, name: str) -> date | None:
    """The local date as the bank wrote it; a time is cut off, not moved to another zone."""
    text = _text(entry, f"{name}/Dt") or _text(entry, f"{name}/DtTm")
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _batches(entry: Element) -> list[Element]:
    return entry.findall("NtryDtls/Btch") + entry.findall("Btch")


def _batch(entry: Element, details: list[Element]) -> str | None:
    """The payment-information id (else message id) all of it was sent under."""
    for name in ("PmtInfId", "MsgId"):
        found = [_text(batch, name) for batch in _batches(entry)]
        found += [_text(detail, f"Refs/{name}") for detail in details]
        if only := _only(reference(each) for each in found if each):
            return only
    return None


def _end_to_end(details: list[Element]) -> str | None:
    return _only(reference(_text(detail, "Refs/EndToEndId")) for detail in details)


def _returned(details: list[Element]) -> tuple[bool, str | None]:
    information = [detail.find("RtrInf") for detail in details]
    if not information or None in information:
        return False, None
    reasons = [
        _text(each, "Rsn/Cd") or _text(each, "Rsn/Prtry")
        for each in information
        if each is not None
    ]
    return True, _only(each or None for each in reasons)


def _party(details: list[Element], side: str) -> tuple[str | None, str | None]:
    """Name and IBAN of the debtor or creditor; a bank or an ultimate party if only that."""
    paths = [f"{side}/Nm", f"{side}/Pty/Nm", f"{side}/Agt/FinInstnId/Nm"]
    paths += [f"Ultmt{side}/Nm", f"Ultmt{side}/Pty/Nm"]
    parties = [detail.find("RltdPties") for detail in details]
    names = [
        next((name for path in paths if (name := _text(party, path))), None) for party in parties
    ]
    return _only(names), _only(iban(_text(party, f"{side}Acct/Id/IBAN")) for party in parties)


def _remittance(entry: Element, details: list[Element]) -> str:
    """The payer's words and structured references, else the bank's own text."""
    paths = ("RmtInf/Ustrd", "RmtInf/Strd/CdtrRefInf/Ref")
    found = [node.text for path in paths for each in details for node in each.findall(path)]
    if not any(found):
        found = [*(_text(each, "AddtlTxInf") for each in details), _text(entry, "AddtlNtryInf")]
    return " ".join(text.strip() for text in found if text and text.strip())


def _only(values: Iterable[str | None]) -> str | None:
    """The one value all agree on, else None."""
    found = set(values)
    return found.pop() if len(found) == 1 else None


def _text(node: Element | None, path: str) -> str:
    return "" if node is None else (node.findtext(path) or "").strip()
