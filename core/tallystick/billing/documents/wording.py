"""What a document says, word for word, whichever way it is laid out.

A credit note states what is credited as positive amounts, as its title says so already; a
charge among them carries a minus sign.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tallystick.billing.documents.annex import Annex, annex
from tallystick.billing.documents.speech import Speech, clean, speech
from tallystick.billing.invoice.document import DocumentLine, InvoiceDocument, Party
from tallystick.billing.tax.rates import EXEMPTIONS

UNTAXED = {
    "AE": "reverse_charge",
    "E": "exempt",
    "O": "outside_scope",
    "K": "intra_community",
    "G": "export",
}
"""Which sentence says why there is no tax, by the code of the category."""

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Heads:
    """The heads of the columns; `tax` is empty where no line names its tax."""

    description: str
    quantity: str
    unit_price: str
    tax: str
    net: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line as it is printed; a correction shows no quantity and price."""

    position: str
    text: str
    detail: str
    quantity: str
    unit_price: str
    tax: str
    net: str


@dataclass(frozen=True, slots=True)
class Wording:
    """Everything printed, in reading order; all of it plain text that still has to be escaped.

    `page` has {page} and {pages} to be filled in.
    """

    language: str
    title: str
    number: str
    facts: Pairs
    seller: tuple[str, ...]
    identity: Pairs
    buyer: tuple[str, ...]
    heads: Heads
    rows: tuple[Row, ...]
    totals: Pairs
    due: tuple[str, str]
    notes: tuple[str, ...]
    payment: tuple[str, ...]
    account: Pairs
    annex_title: str
    annex_heads: tuple[str, str, str, str, str]
    annex: tuple[Annex, ...]
    page: str


def wording(document: InvoiceDocument) -> Wording:
    """The words and figures of `document`, in its language."""
    say = speech(document.language)
    words = say.words
    credit = document.kind == "credit_note"
    sign = -1 if credit else 1
    rows = tuple(row(document, index, say) for index, _ in enumerate(document.lines))
    taxed = any(one.tax for one in rows)
    to_pay = words.credited if credit else words.amount_due
    abroad = document.buyer.country != document.seller.country
    return Wording(
        language=str(say.locale).replace("_", "-"),
        title=words.credit_note if credit else words.invoice,
        number=clean(document.number),
        facts=_known(facts(document, say)),
        seller=tuple(address(document.seller, say)),
        identity=_known(identity(document.seller, say)),
        buyer=tuple(address(document.buyer, say, country=abroad, vat_id=True)),
        heads=Heads(
            words.description, words.quantity, words.unit_price, words.tax * taxed, words.net
        ),
        rows=rows,
        totals=tuple(totals(document, say, sign)),
        due=(to_pay.format(currency=document.currency), say.amount(document.gross * sign)),
        notes=tuple(notes(document, say)),
        payment=tuple(payment(document, say)),
        account=_known(account(document, say)),
        annex_title=words.annex,
        annex_heads=(
            *(words.annex_date, words.annex_ref, words.description),
            *(words.quantity, words.annex_amount),
        ),
        annex=tuple(annex(document, say, sign)),
        page=words.page,
    )


def _known(pairs: Iterator[tuple[str, str | None]]) -> Pairs:
    return tuple((label, clean(value)) for label, value in pairs if value and clean(value))


def facts(document: InvoiceDocument, say: Speech) -> Iterator[tuple[str, str | None]]:
    """What stands beside the address."""
    words = say.words
    yield words.date, say.day(document.issued_on)
    if document.kind == "invoice":
        yield words.due, say.day(document.due_on)
    yield words.po_number, document.po_number
    yield words.buyer_reference, document.buyer_reference


def address(one: Party, say: Speech, country: bool = True, vat_id: bool = False) -> Iterator[str]:
    """The address block; lines that are not known are left out, as is the buyer's country at
    home."""
    place = " ".join(part for part in (one.postcode, one.city) if part)
    land = say.country(one.country) if one.country and country else None
    taxed = f"{say.words.vat_id} {one.vat_id}" if one.vat_id and vat_id else None
    for line in (one.name, one.street, place, land, taxed):
        if line and clean(line):
            yield clean(line)


def identity(one: Party, say: Speech) -> Iterator[tuple[str, str | None]]:
    """How to reach the seller, and under which numbers it is registered."""
    words = say.words
    yield words.contact, one.contact
    yield words.phone, one.phone
    yield words.email, one.email
    yield words.vat_id, one.vat_id
    yield words.tax_number, one.tax_number
    yield words.registration, one.registration


def row(document: InvoiceDocument, index: int, say: Speech) -> Row:
    line = document.lines[index]
    sign = -1 if document.kind == "credit_note" else 1
    priced = not line.corrects
    percents = [tax.percent for tax in document.taxes if tax.category == line.tax_category]
    percent = percents[0] if line.tax_percent is None and percents else line.tax_percent
    return Row(
        position=str(index + 1),
        text=say.text(line.text),
        detail=_detail(document, line, say),
        quantity=say.quantity(line.quantity, line.unit) if priced else "",
        unit_price=say.price(line.unit_price * sign, line.net.currency) if priced else "",
        tax="" if percent is None else say.percent(percent),
        net=say.amount(line.net * sign),
    )


def _detail(document: InvoiceDocument, line: DocumentLine, say: Speech) -> str:
    served = say.service(line.service)
    if not line.corrects:
        return served
    issued = dict(document.corrects)
    named = [
        say.words.of_date.format(number=one, date=say.short_day(issued[one]))
        if one in issued and document.kind == "invoice"
        else one
        for one in line.corrects
    ]
    return f"{served}, {say.words.corrects.format(numbers=clean(', '.join(named)))}"


def totals(document: InvoiceDocument, say: Speech, sign: int) -> Iterator[tuple[str, str]]:
    words = say.words
    yield words.net_total, say.amount(document.net * sign)
    for tax in document.taxes:
        label = words.tax_total.format(
            percent=say.percent(tax.percent),
            category=say.category(tax.category),
            net=say.amount(tax.net * sign),
        )
        yield label, say.amount(tax.amount * sign)


def notes(document: InvoiceDocument, say: Speech) -> Iterator[str]:
    words = say.words
    if document.kind == "credit_note":
        if document.corrects:
            dated = [
                words.of_date.format(number=number, date=say.day(day))
                for number, day in document.corrects
            ]
            yield words.corrected.format(numbers=clean(", ".join(dated)))
        yield words.credit_note_says
        if any(line.net.minor > 0 for line in document.lines):
            yield words.set_off
    yield words.currency.format(currency=document.currency)
    for tax in document.taxes:
        if not tax.percent:
            no_tax = words.no_tax.format(category=say.category(tax.category))
            known = words.untaxed.get(UNTAXED.get(tax.code, tax.category), no_tax)
            shipped = tax.exemption == EXEMPTIONS.get(tax.code)
            yield known if shipped else clean(tax.exemption) or known


def payment(document: InvoiceDocument, say: Speech) -> Iterator[str]:
    """Who pays how: by the mandate, or by transfer; a credit note asks for nothing."""
    paid = document.payment
    due = say.day(document.due_on)
    if document.gross.minor > 0 and paid.mandate:
        iban = clean(paid.debited_iban or "")
        yield say.words.debit.format(
            date=due, account=f"{iban[:4]} … {iban[-4:]}", mandate=clean(paid.mandate)
        )
    elif document.gross.minor > 0:
        yield say.words.transfer.format(date=due, number=clean(document.number))
    yield from filter(None, map(clean, document.payment_note.splitlines()))


def account(document: InvoiceDocument, say: Speech) -> Iterator[tuple[str, str | None]]:
    """Where to transfer to, or under which numbers it is debited."""
    words, paid = say.words, document.payment
    if document.gross.minor <= 0:
        return
    if paid.mandate:
        yield words.mandate, paid.mandate
        yield words.creditor_id, paid.creditor_id
    elif paid.iban:
        yield "IBAN", _in_fours(paid.iban)
        yield "BIC", paid.bic
        yield words.account_holder, paid.holder
        yield words.reference, document.number


def _in_fours(iban: str) -> str:
    """An IBAN as ISO 13616 prints it."""
    joined = clean(iban).replace(" ", "")
    return " ".join(joined[at : at + 4] for at in range(0, len(joined), 4))
