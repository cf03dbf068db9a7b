"""What a reminder says: the overdue invoices of one client, in its language, and what is claimed.

Fees and interest are claimed in the letter and booked nowhere: damages for late payment are no
supply, so they bear no VAT and stand on no invoice, and whether the client owes them shows when
it pays. What it pays of them comes as more than its invoices, into suspense, where a person says
what it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency

from tallystick.billing.documents.speech import speech
from tallystick.billing.invoice.letter import Letter, Wording, written
from tallystick.money import Money, total

Tone = Literal["first", "again", "last"]
WORDS: dict[tuple[str, Tone], Wording] = {
    ("en", "first"): Wording(
        "Payment reminder from {seller}",
        "Dear customer,\n\nthe following is due and has not reached us yet:\n\n{invoices}\n\n"
        "Please transfer {amount} now. If you have just paid, thank you.\n{claims}\n"
        "Kind regards\n{seller}\n",
    ),
    ("en", "again"): Wording(
        "Second payment reminder from {seller}",
        "Dear customer,\n\nin spite of our reminder the following is still open:\n\n{invoices}\n\n"
        "Please transfer {amount} without delay.\n{claims}\nKind regards\n{seller}\n",
    ),
    ("en", "last"): Wording(
        "Final payment reminder from {seller}",
        "Dear customer,\n\nwe have reminded you before of what is still open:\n\n{invoices}\n\n"
        "If {amount} do not reach us within seven days, we shall have to take further steps.\n"
        "{claims}\nKind regards\n{seller}\n",
    ),
    ("de", "first"): Wording(
        "Zahlungserinnerung von {seller}",
        "Guten Tag,\n\nFolgendes ist fällig und noch nicht bei uns eingegangen:\n\n{invoices}\n\n"
        "Bitte überweisen Sie {amount}. Sollten Sie eben gezahlt haben, vielen Dank.\n{claims}\n"
        "Mit freundlichen Grüßen\n{seller}\n",
    ),
    ("de", "again"): Wording(
        "Mahnung von {seller}",
        "Guten Tag,\n\ntrotz unserer Erinnerung ist Folgendes noch offen:\n\n{invoices}\n\n"
        "Bitte überweisen Sie {amount} umgehend.\n{claims}\nMit freundlichen Grüßen\n{seller}\n",
    ),
    ("de", "last"): Wording(
        "Letzte Mahnung von {seller}",
        "Guten Tag,\n\nwir haben Sie bereits gemahnt; noch immer ist offen:\n\n{invoices}\n\n"
        "Gehen {amount} nicht binnen sieben Tagen bei uns ein, müssen wir weitere Schritte "
        "einleiten.\n{claims}\nMit freundlichen Grüßen\n{seller}\n",
    ),
    ("fr", "first"): Wording(
        "Rappel de paiement de {seller}",
        "Madame, Monsieur,\n\nsauf erreur de notre part, nous n'avons pas encore reçu :\n\n"
        "{invoices}\n\nNous vous prions de nous virer {amount}. Si vous venez de payer, merci.\n"
        "{claims}\nCordialement\n{seller}\n",
    ),
    ("fr", "again"): Wording(
        "Deuxième rappel de paiement de {seller}",
        "Madame, Monsieur,\n\nmalgré notre rappel, reste impayé :\n\n{invoices}\n\n"
        "Nous vous prions de nous virer {amount} sans délai.\n{claims}\nCordialement\n{seller}\n",
    ),
    ("fr", "last"): Wording(
        "Mise en demeure de {seller}",
        "Madame, Monsieur,\n\nmalgré nos rappels, reste impayé :\n\n{invoices}\n\n"
        "À défaut de réception de {amount} sous sept jours, nous devrons prendre d'autres "
        "mesures.\n{claims}\nCordialement\n{seller}\n",
    ),
}
LINE: dict[str, str] = {
    "en": "  {number}   {amount}, due on {due}",
    "de": "  {number}   {amount}, fällig seit {due}",
    "fr": "  {number}   {amount}, échue le {due}",
}
CLAIMS: dict[str, tuple[str, str, str]] = {
    "en": (
        "For late payment we also claim a fee of {fee}.",
        "For late payment we also claim interest of {interest}.",
        "For late payment we also claim a fee of {fee} and interest of {interest}.",
    ),
    "de": (
        "Wegen des Verzugs fordern wir außerdem eine Pauschale von {fee}.",
        "Wegen des Verzugs fordern wir außerdem Zinsen von {interest}.",
        "Wegen des Verzugs fordern wir zudem eine Pauschale von {fee} und Zinsen von {interest}.",
    ),
    "fr": (
        "Pour ce retard, nous réclamons une indemnité de {fee}.",
        "Pour ce retard, nous réclamons des intérêts de {interest}.",
        "Pour ce retard, nous réclamons une indemnité de {fee} et des intérêts de {interest}.",
    ),
}


class Line(NamedTuple):
    number: str
    open: Money
    due_on: date


@dataclass(frozen=True, slots=True)
class Notice:
    """One letter. `tone` is that of its furthest step; `basis` the law behind what is claimed,
    in the MSP's words."""

    lines: Sequence[Line]
    tone: Tone
    fee: Money
    interest: Money
    seller: str
    buyer: str
    email: str | None
    language: str
    basis: str = ""

    @property
    def amount(self) -> Money:
        return total((one.open for one in self.lines), self.fee.currency)


def tone_of(ordinal: int, steps: int) -> Tone:
    """The first step asks kindly, the last of several warns."""
    if ordinal == 1:
        return "first"
    return "last" if ordinal == steps else "again"


def notice_letter(one: Notice, own: Wording | None = None) -> Letter:
    """The letter, in `own` words if there are any; raises `SkipRecord` without an address."""
    locale = speech(one.language).locale
    language = locale.language if locale.language in LINE else "en"
    facts = {
        "amount": _said(one.amount, locale),
        "fee": _said(one.fee, locale),
        "interest": _said(one.interest, locale),
        "total": _said(one.amount + one.fee + one.interest, locale),
        "seller": one.seller,
        "buyer": one.buyer,
        "invoices": "\n".join(_line(line, language, locale) for line in one.lines),
    }
    facts["claims"] = _claims(one, language, facts)
    words = own or WORDS[language, one.tone]
    return written(one.lines[0].number, one.email, one.buyer, words, facts)


def _line(line: Line, language: str, locale: Locale) -> str:
    due = format_date(line.due_on, "long", locale=locale)
    return LINE[language].format(number=line.number, amount=_said(line.open, locale), due=due)


def _claims(one: Notice, language: str, facts: dict[str, str]) -> str:
    """A paragraph about fee and interest, nothing where neither is claimed."""
    which = (bool(one.fee) and 1) + (bool(one.interest) and 2)
    if not which:
        return ""
    said = CLAIMS[language][which - 1].format(fee=facts["fee"], interest=facts["interest"])
    return f"\n{said}{f' {one.basis}' if one.basis else ''}\n"


def _said(amount: Money, locale: Locale) -> str:
    return format_currency(amount.amount, amount.currency, locale=locale)
