"""One camt.053.001.08 document: a statement per account, each tying out to its balances."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from tallystick.demo.people import BERLIN
from tallystick.period import Period

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
OWNER = "Haselkerbe IT GmbH"


@dataclass(frozen=True, slots=True)
class Exchange:
    """What the payer of a booking paid, the `rate` at which the bank bought it, and its charges,
    by which the booking is less."""

    paid: Decimal
    currency: str
    rate: Decimal
    charges: Decimal

    @property
    def bought(self) -> Decimal:
        return round(self.paid * self.rate, 2)


@dataclass(frozen=True, slots=True)
class Booked:
    """One booking: `amount` is positive for money in, `code` is family/subfamily of PMNT."""

    reference: str
    on: date
    amount: Decimal
    currency: str
    counterparty: str
    iban: str
    text: str
    code: str
    end_to_end_id: str = ""
    batch: str = ""
    mandate: str = ""
    return_reason: str = ""
    exchange: Exchange | None = None

    def returned(self, reference: str, on: date, reason: str) -> Booked:
        """The same debit sent back."""
        return replace(
            self,
            reference=reference,
            on=on,
            amount=-self.amount,
            code="IDDT/UPDD",
            return_reason=reason,
        )


def statement(
    period: Period,
    accounts: Mapping[str, str],
    opening: Mapping[str, Decimal],
    moves: Sequence[Booked],
) -> bytes:
    """The document's bytes: `accounts` is IBAN by currency, `opening` balance by currency."""
    document = Element("Document", xmlns=NAMESPACE)
    report = SubElement(document, "BkToCstmrStmt")
    start, end = (datetime.combine(day, time(), BERLIN).isoformat() for day in period)
    header = SubElement(report, "GrpHdr")
    _text(header, "MsgId", f"CAMT053-{period}")
    _text(header, "CreDtTm", end)
    for currency, iban in accounts.items():
        own = [move for move in moves if move.currency == currency]
        closing = opening[currency] + sum((move.amount for move in own), Decimal(0))
        node = SubElement(report, "Stmt")
        _text(node, "Id", f"{currency}-{period}")
        _text(node, "ElctrncSeqNb", f"{period.start:%m}".lstrip("0"))
        _text(node, "CreDtTm", end)
        span = SubElement(node, "FrToDt")
        _text(span, "FrDtTm", start)
        _text(span, "ToDtTm", end)
        account = SubElement(node, "Acct")
        _text(account, "Id/IBAN", iban)
        _text(account, "Ccy", currency)
        _text(account, "Ownr/Nm", OWNER)
        _balance(node, "OPBD", opening[currency], currency, period.start)
        _balance(node, "CLBD", closing, currency, period.last_day)
        for move in own:
            _entry(SubElement(node, "Ntry"), move)
    indent(document)
    body: bytes = tostring(document, encoding="utf-8", xml_declaration=True)
    return body + b"\n"


def _balance(node: Element, code: str, amount: Decimal, currency: str, day: date) -> None:
    balance = SubElement(node, "Bal")
    _text(balance, "Tp/CdOrPrtry/Cd", code)
    _amount(balance, amount, currency)
    _text(balance, "Dt/Dt", str(day))


def _entry(entry: Element, move: Booked) -> None:
    _amount(entry, move.amount, move.currency)
    _text(entry, "Sts/Cd", "BOOK")
    _text(entry, "BookgDt/Dt", str(move.on))
    _text(entry, "ValDt/Dt", str(move.on))
    _text(entry, "AcctSvcrRef", move.reference)
    domain = SubElement(SubElement(entry, "BkTxCd"), "Domn")
    family, subfamily = move.code.split("/")
    _text(domain, "Cd", "PMNT")
    kind = SubElement(domain, "Fmly")
    _text(kind, "Cd", family)
    _text(kind, "SubFmlyCd", subfamily)
    details = SubElement(SubElement(entry, "NtryDtls"), "TxDtls")
    references = SubElement(details, "Refs")
    if move.batch:
        _text(references, "PmtInfId", move.batch)
    _text(references, "EndToEndId", move.end_to_end_id or "NOTPROVIDED")
    if move.mandate:
        _text(references, "MndtId", move.mandate)
    _amount(details, move.amount, move.currency)
    if move.exchange is not None:
        _exchange(details, move.exchange, move.currency)
    parties = SubElement(details, "RltdPties")
    _text(parties, "Dbtr/Pty/Nm", move.counterparty)
    if move.iban:
        _text(parties, "DbtrAcct/Id/IBAN", move.iban)
    if move.text:
        _text(details, "RmtInf/Ustrd", move.text)
    if move.return_reason:
        _text(details, "RtrInf/Rsn/Cd", move.return_reason)


def _exchange(details: Element, told: Exchange, currency: str) -> None:
    amounts = SubElement(details, "AmtDtls")
    _text(amounts, "InstdAmt/Amt", f"{told.paid:.2f}").set("Ccy", told.currency)
    worth = SubElement(amounts, "CntrValAmt")
    _text(worth, "Amt", f"{told.bought:.2f}").set("Ccy", currency)
    rate = SubElement(worth, "CcyXchg")
    _text(rate, "SrcCcy", told.currency)
    _text(rate, "TrgtCcy", currency)
    _text(rate, "XchgRate", str(told.rate))
    charge = SubElement(SubElement(details, "Chrgs"), "Rcrd")
    _amount(charge, -told.charges, currency)
    _text(charge, "ChrgInclInd", "true")


def _amount(parent: Element, amount: Decimal, currency: str) -> None:
    _text(parent, "Amt", f"{abs(amount):.2f}").set("Ccy", currency)
    _text(parent, "CdtDbtInd", "CRDT" if amount >= 0 else "DBIT")


def _text(parent: Element, path: str, text: str) -> Element:
    """A new chain of elements below `parent`, the last one holding `text`."""
    for tag in path.split("/"):
        parent = SubElement(parent, tag)
    parent.text = text
    return parent
