"""The letter an invoice is sent with: to whom, its subject and its few lines, in their language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from babel.dates import format_date
from babel.numbers import format_currency

from tallystick.billing.documents.speech import speech
from tallystick.errors import SkipRecord
from tallystick.money import Money


@dataclass(frozen=True, slots=True)
class Letter:
    """One e-mail's words; `to` is the one address it goes to."""

    to: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Wording:
    """The patterns of a letter; {number}, {amount}, {due}, {seller} and {buyer} stand for facts."""

    subject: str
    text: str


WORDS: dict[tuple[str, str], Wording] = {
    ("en", "invoice"): Wording(
        "Invoice {number} from {seller}",
        "Dear customer,\n\nplease find attached invoice {number} over {amount}, due on {due}.\n\n"
        "Kind regards\n{seller}\n",
    ),
    ("en", "credit_note"): Wording(
        "Credit note {number} from {seller}",
        "Dear customer,\n\nplease find attached credit note {number} over {amount}.\n\n"
        "Kind regards\n{seller}\n",
    ),
    ("de", "invoice"): Wording(
        "Rechnung {number} von {seller}",
        "Guten Tag,\n\nanbei erhalten Sie Rechnung {number} über {amount}, fällig am {due}.\n\n"
        "Mit freundlichen Grüßen\n{seller}\n",
    ),
    ("de", "credit_note"): Wording(
        "Rechnungskorrektur {number} von {seller}",
        "Guten Tag,\n\nanbei erhalten Sie Rechnungskorrektur {number} über {amount}.\n\n"
        "Mit freundlichen Grüßen\n{seller}\n",
    ),
    ("fr", "invoice"): Wording(
        "Facture {number} de {seller}",
        "Madame, Monsieur,\n\nveuillez trouver ci-joint la facture {number} de {amount}, payable "
        "le {due}.\n\nCordialement\n{seller}\n",
    ),
    ("fr", "credit_note"): Wording(
        "Avoir {number} de {seller}",
        "Madame, Monsieur,\n\nveuillez trouver ci-joint l'avoir {number} de {amount}.\n\n"
        "Cordialement\n{seller}\n",
    ),
}


@dataclass(frozen=True, slots=True)
class Sendable:
    """What a letter says of one issued document; `gross` has the sign it has in the books."""

    number: str
    kind: str
    gross: Money
    due_on: date
    seller: str
    buyer: str
    email: str | None
    language: str


def letter(one: Sendable, own: Wording | None = None) -> Letter:
    """The letter for `one`, in `own` words if there are any, else in its language or English.

    Raises `SkipRecord` when the client has no usable e-mail address.
    """
    locale = speech(one.language).locale
    words = own or WORDS.get((locale.language, one.kind)) or WORDS["en", one.kind]
    facts = {
        "number": one.number,
        "amount": format_currency(abs(one.gross.amount), one.gross.currency, locale=locale),
        "due": format_date(one.due_on, "long", locale=locale),
        "seller": one.seller,
        "buyer": one.buyer,
    }
    return written(one.number, one.email, one.buyer, words, facts)


def written(
    number: str, email: str | None, buyer: str, words: Wording, facts: Mapping[str, str]
) -> Letter:
    """The letter about document `number` in these words, their markers filled with `facts`.

    Raises `SkipRecord` when `email` is no usable address.
    """
    to = (email or "").strip()
    if not _address(to):
        said = f"{to!r} is no e-mail address" if to else "there is no e-mail address"
        raise SkipRecord(
            f"{number} cannot be sent: {said} for {buyer}.",
            do="Give the client an e-mail address at its source, sync, and send again.",
            record="invoice",
            ref=number,
        )
    subject = " ".join(_filled(words.subject, facts).split())
    return Letter(to, subject, _filled(words.text, facts))


def _filled(pattern: str, facts: Mapping[str, str]) -> str:
    """`pattern` with its markers replaced once; whatever a fact contains stays plain text."""
    parts = pattern.split("{")
    filled = [parts[0]]
    for part in parts[1:]:
        name, brace, rest = part.partition("}")
        known = brace and name in facts
        filled.append(facts[name] + rest if known else "{" + part)
    return "".join(filled)


def _address(text: str) -> bool:
    """One plain address: nothing that could name a second one or begin another header."""
    local, at, domain = text.rpartition("@")
    odd = set(text) & set(' ,;:<>()[]\\"\r\n\t\0')
    one_at = at and "@" not in local
    return bool(one_at and local and "." in domain and not odd and text.isprintable())
