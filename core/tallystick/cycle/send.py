"""Send: issued documents by e-mail, each once.

    intended   noted; the mail server may or may not have it
    confirmed  the mail server took it
    refused    the mail server said no, or there is nobody to send it to: corrected, it is sent
    unknown    no answer after the text was sent: only a person may send it again

A mail server cannot be asked what it has, so a document left `intended` by a crash, or
`unknown`, is never sent again by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from email.message import EmailMessage
from email.utils import formataddr
from pathlib import Path
from typing import Any

from sqlalchemy import Row

from tallystick.billing.invoice.letter import Letter, Sendable, Wording, letter
from tallystick.delivery import Mailer
from tallystick.errors import Retry, SkipRecord
from tallystick.money import Money
from tallystick.store.billing import invoices, outbound
from tallystick.store.database import Database
from tallystick.store.turn import take_turn

TARGET, KIND = "e-mail", "invoice"
TYPES = {
    "pdf": ("application", "pdf"),
    "xml": ("application", "xml"),
    "html": ("text", "html"),
    "txt": ("text", "plain"),
    "xlsx": ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class MailTerms:
    """From whom, with which files of a document (by their endings), and in which words: `words`
    are the MSP's own by kind of document, in place of those in the document's language."""

    sender: str
    sender_name: str
    attach: Sequence[str]
    words: Mapping[str, Wording]
    copy_to: str | None = None


@dataclass(frozen=True, slots=True)
class Mail:
    """One document ready to go with the files it takes along."""

    number: str
    issued_on: date
    letter: Letter
    files: tuple[Path, ...]


@dataclass(slots=True)
class SendReport:
    """Mails handed over now, or shown in a preview, and why others did not go."""

    sent: list[Mail] = field(default_factory=list)
    held: list[tuple[str, str]] = field(default_factory=list)


def waiting(
    database: Database, folder: Path, terms: MailTerms, states: Sequence[str], again: Sequence[str]
) -> SendReport:
    """What would be sent now: documents in `states` not sent yet, and those named in `again`."""
    report = SendReport()
    with database.read() as connection:
        before = outbound.states(connection, TARGET, KIND)
        for row in invoices.in_state(connection, *states):
            if row.number not in again and before.get(row.number) == "confirmed":
                continue
            if row.number not in again and before.get(row.number) in ("intended", "unknown"):
                report.held.append((row.number, _unsure(row.number)))
                continue
            try:
                report.sent.append(_mail(row, folder, terms))
            except SkipRecord as error:
                report.held.append((row.number, str(error)))
    return report


def send(
    database: Database,
    found: SendReport,
    terms: MailTerms,
    again: Sequence[str],
    mailer: Mailer,
    now: Clock,
    progress: Callable[[int], None],
) -> SendReport:
    """Send what was `found` waiting, one after the other; what another run sends meanwhile is
    left to it."""
    report = SendReport(held=found.held)
    for mail in found.sent:
        composed = message(mail, terms)
        if not _intend(database, mail.number, again, now()):
            continue
        try:
            mailer.send(composed)
        except (Retry, SkipRecord) as error:
            state = "refused" if isinstance(error, SkipRecord) else "unknown"
            _note(database, mail.number, state, now(), str(error))
            report.held.append((mail.number, str(error)))
        else:
            _note(database, mail.number, "confirmed", now(), f"to {mail.letter.to}")
            report.sent.append(mail)
        progress(1)
    return report


def _intend(database: Database, number: str, again: Sequence[str], now: datetime) -> bool:
    """Note that it goes out; False when another process was first."""
    with database.write() as connection:
        take_turn(connection, TARGET)
        known = outbound.state_of(connection, TARGET, KIND, number)
        if known is None:
            outbound.intend(connection, TARGET, KIND, number, now)
            return True
        if known.state != "refused" and number not in again:
            return False
        outbound.intend_again(connection, TARGET, KIND, number, now)
        return True


def _note(database: Database, number: str, state: str, now: datetime, reason: str) -> None:
    with database.write() as connection:
        outbound.change(connection, TARGET, KIND, number, state, now, reason=reason)


def _unsure(number: str) -> str:
    return (
        f"{number} was on its way when the answer stayed out: it may have arrived or not. "
        f"Ask the client, then `tallystick bill send --again {number}` or leave it."
    )


def _mail(row: Row[Any], folder: Path, terms: MailTerms) -> Mail:
    buyer = row.parties["buyer"]
    words = letter(
        Sendable(
            number=row.number,
            kind=row.kind,
            gross=Money(row.gross_minor, row.currency),
            due_on=row.due_on,
            seller=row.parties["seller"].get("name", terms.sender_name),
            buyer=buyer.get("name", row.client),
            email=buyer.get("email"),
            language=row.parties["language"],
        ),
        terms.words.get(row.kind),
    )
    files = tuple(folder / f"{row.number}.{ending}" for ending in terms.attach)
    for file in files:
        if not file.is_file():
            raise SkipRecord(
                f"{row.number} cannot be sent: {file.name} is not there.",
                do="Add the format to [documents], run `tallystick bill issue` for its period, "
                "or take it out of `attach` in [email].",
            )
    return Mail(row.number, row.issued_on, words, files)


def message(mail: Mail, terms: MailTerms) -> EmailMessage:
    """The mail as it goes out, its files read now."""
    composed = EmailMessage()
    composed["From"] = formataddr((terms.sender_name, terms.sender))
    composed["To"] = mail.letter.to
    if terms.copy_to:
        composed["Bcc"] = terms.copy_to
    composed["Subject"] = mail.letter.subject
    domain = terms.sender.partition("@")[2]
    composed["Message-ID"] = f"<{mail.number}.{mail.issued_on:%Y%m%d}@{domain}>"
    composed.set_content(mail.letter.text)
    for file in mail.files:
        kind, subtype = TYPES[file.suffix.removeprefix(".")]
        composed.add_attachment(
            file.read_bytes(), maintype=kind, subtype=subtype, filename=file.name
        )
    return composed
