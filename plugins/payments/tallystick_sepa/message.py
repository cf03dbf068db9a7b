"""A batch of direct debits as one pain.008 message, and what a written message collects.

Format: ISO 20022 CustomerDirectDebitInitiation, as the SEPA implementation guidelines
EPC130-08 (Core) and EPC131-08 (B2B) narrow it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Literal, NamedTuple
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]  # package ships no type hints

from tallystick.connector import CollectionRequest
from tallystick.money import total
from tallystick_sepa.characters import sepa_text
from tallystick_sepa.identifiers import compact
from tallystick_sepa.settings import NAME_LENGTH_MAX, SepaSettings
from tallystick_sepa.target_days import collection_day

REMITTANCE_LENGTH_MAX = 140
IDENTIFIER_LENGTH_MAX = 35


class Bundle(NamedTuple):
    """What one payment-information block has in common."""

    collect_on: date
    sequence: Literal["FRST", "RCUR", "OOFF"]


Bundles = Mapping[Bundle, Sequence[CollectionRequest]]


def bundled(requests: Sequence[CollectionRequest], today: date) -> Bundles:
    """The requests by the day they can be collected and their place in its mandate's uses."""
    bundles: dict[Bundle, list[CollectionRequest]] = {}
    for request in requests:
        day = collection_day(request.due_on, today)
        bundles.setdefault(Bundle(day, _sequence(request)), []).append(request)
    return dict(sorted(bundles.items()))


def _sequence(request: CollectionRequest) -> Literal["FRST", "RCUR", "OOFF"]:
    """Its place among the uses of its mandate. FNAL is never said: a mandate ends by being revoked
    or unused for 36 months, and nobody knows of a debit that it is the last (EPC130-08, AT-21)."""
    if request.one_off:
        return "OOFF"
    return "FRST" if request.first else "RCUR"


def message(settings: SepaSettings, key: str, bundles: Bundles, created_at: datetime) -> bytes:
    """The file's bytes; the same arguments always give the same ones."""
    namespace = f"urn:iso:std:iso:20022:tech:xsd:{settings.version}"
    document = Element("Document", xmlns=namespace)
    initiation = SubElement(document, "CstmrDrctDbtInitn")
    header = SubElement(initiation, "GrpHdr")
    _text(header, "MsgId", key)
    _text(header, "CreDtTm", f"{created_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}")
    _sums(header, [request for requests in bundles.values() for request in requests])
    _text(header, "InitgPty/Nm", settings.creditor_name)
    for number, (bundle, requests) in enumerate(bundles.items(), start=1):
        block = SubElement(initiation, "PmtInf")
        _text(block, "PmtInfId", f"{key}-{number}"[-IDENTIFIER_LENGTH_MAX:])
        _payment_information(block, settings, bundle, requests)
    indent(document)
    body: bytes = tostring(document, encoding="utf-8", xml_declaration=True)
    return body + b"\n"


class Collected(NamedTuple):
    """What a written message asked for: its id, and for the end-to-end id of each debit the id
    of the payment block it went out in, which is what a bank books several debits under."""

    message_id: str
    blocks: Mapping[str, str]


def collected_by(body: bytes) -> Collected:
    """Reads a message back; raises `ValueError` when it is none."""
    try:
        document = fromstring(body, forbid_dtd=True)
    except SyntaxError as error:
        raise ValueError(str(error)) from error
    message_id = document.findtext("{*}CstmrDrctDbtInitn/{*}GrpHdr/{*}MsgId")
    if not message_id:
        raise ValueError("it has no MsgId")
    blocks = {
        debit.findtext("{*}EndToEndId", ""): block.findtext("{*}PmtInfId", "")
        for block in document.iterfind("{*}CstmrDrctDbtInitn/{*}PmtInf")
        for debit in block.iterfind("{*}DrctDbtTxInf/{*}PmtId")
    }
    return Collected(message_id, blocks)


def _payment_information(
    block: Element, settings: SepaSettings, bundle: Bundle, requests: Sequence[CollectionRequest]
) -> None:
    _text(block, "PmtMtd", "DD")
    _sums(block, requests)
    kind = SubElement(block, "PmtTpInf")
    _text(kind, "SvcLvl/Cd", "SEPA")
    _text(kind, "LclInstrm/Cd", settings.scheme)
    _text(kind, "SeqTp", bundle.sequence)
    _text(block, "ReqdColltnDt", bundle.collect_on.isoformat())
    _text(block, "Cdtr/Nm", settings.creditor_name)
    _text(block, "CdtrAcct/Id/IBAN", settings.creditor_iban)
    _agent(block, "CdtrAgt", settings.creditor_bic, settings.version)
    _text(block, "ChrgBr", "SLEV")
    identifier = SubElement(SubElement(SubElement(block, "CdtrSchmeId"), "Id"), "PrvtId")
    other = SubElement(identifier, "Othr")
    _text(other, "Id", settings.creditor_id)
    _text(other, "SchmeNm/Prtry", "SEPA")
    for request in requests:
        _debit(SubElement(block, "DrctDbtTxInf"), request, settings.version)


def _debit(debit: Element, request: CollectionRequest, version: str) -> None:
    _text(debit, "PmtId/EndToEndId", request.key)
    _text(debit, "InstdAmt", f"{request.amount.amount:f}").set("Ccy", request.amount.currency)
    mandate = SubElement(SubElement(debit, "DrctDbtTx"), "MndtRltdInf")
    _text(mandate, "MndtId", request.mandate)
    _text(mandate, "DtOfSgntr", request.signed_on.isoformat())
    _agent(debit, "DbtrAgt", request.bic and compact(request.bic), version)
    _text(debit, "Dbtr/Nm", sepa_text(request.payer, NAME_LENGTH_MAX))
    _text(debit, "DbtrAcct/Id/IBAN", compact(str(request.iban)))
    if remittance := sepa_text(request.remittance, REMITTANCE_LENGTH_MAX):
        _text(debit, "RmtInf/Ustrd", remittance)


def _agent(parent: Element, tag: str, bic: str | None, version: str) -> None:
    """A bank by its BIC, or the words that stand for none since the IBAN suffices."""
    if bic is None:
        _text(parent, f"{tag}/FinInstnId/Othr/Id", "NOTPROVIDED")
    else:
        element = "BIC" if version == "pain.008.001.02" else "BICFI"
        _text(parent, f"{tag}/FinInstnId/{element}", bic)


def _sums(parent: Element, requests: Sequence[CollectionRequest]) -> None:
    _text(parent, "NbOfTxs", str(len(requests)))
    amount: Decimal = total((request.amount for request in requests), "EUR").amount
    _text(parent, "CtrlSum", f"{amount:f}")


def _text(parent: Element, path: str, text: str) -> Element:
    """A new chain of elements below `parent`, the last one holding `text`."""
    for tag in path.split("/"):
        parent = SubElement(parent, tag)
    parent.text = text
    return parent
