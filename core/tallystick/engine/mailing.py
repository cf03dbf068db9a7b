"""Sending invoices by e-mail with what the installation brings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tallystick.billing.invoice.letter import Wording
from tallystick.config.email import Email
from tallystick.config.mail import mail_password
from tallystick.cycle import send as sending
from tallystick.cycle.send import MailTerms, SendReport
from tallystick.cycle.smtp import Server, open_mailer
from tallystick.engine.billing import INVOICES
from tallystick.engine.documents import ending
from tallystick.engine.installation import Installation
from tallystick.engine.progress import Progress
from tallystick.errors import Stop

IN_ACCOUNTING = ("posted", "collecting", "part_paid", "paid", "reopened", "written_off")
PREVIEW = "mail-preview"
"""The folder beside `tallystick.toml` that previews are written to."""


def send(installation: Installation, again: Sequence[str], progress: Progress) -> SendReport:
    """Send what waits; `again` names documents to send whatever became of them before."""
    config, folder, terms, states = _what(installation)
    password = mail_password(installation.config, installation.path, installation.environ)
    server = Server(config.host, config.port, config.security, config.user, password)
    database = installation.database
    found = sending.waiting(database, folder, terms, states, again)
    if not found.sent:
        return found
    with open_mailer(server) as mailer, progress.step("send invoices") as more:
        return sending.send(database, found, terms, again, mailer, installation.now, more)


def preview(installation: Installation, again: Sequence[str]) -> tuple[SendReport, Path]:
    """What `send` would hand over, written as .eml files that any mail program opens."""
    _, folder, terms, states = _what(installation)
    report = sending.waiting(installation.database, folder, terms, states, again)
    shown = installation.root / PREVIEW
    shown.mkdir(exist_ok=True)
    for old in shown.glob("*.eml"):
        old.unlink()
    for mail in report.sent:
        (shown / f"{mail.number}.eml").write_bytes(sending.message(mail, terms).as_bytes())
    return report, shown


def _what(installation: Installation) -> tuple[Email, Path, MailTerms, Sequence[str]]:
    config = installation.config.email
    if config is None:
        raise Stop(
            "There is no [email] in tallystick.toml, so nothing can be sent.",
            do="Add host and sender there; docs/configuration.md describes the keys.",
        )
    words = {
        kind: Wording(own.subject, own.text)
        for kind, own in (("invoice", config.invoice), ("credit_note", config.credit_note))
        if own is not None
    }
    name, attach = installation.config.msp.name, [ending(one) for one in config.attach]
    terms = MailTerms(config.sender, name, attach, words, config.copy_to)
    posts = installation.takers_of("invoice")
    states = IN_ACCOUNTING if posts else ("issued", *IN_ACCOUNTING)
    return config, installation.root / INVOICES, terms, states
