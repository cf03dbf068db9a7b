"""Dunning with what the installation brings."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from tallystick.cash.telling import dunning
from tallystick.cash.telling.overdue import DunningReport, DunningTerms
from tallystick.config.mail import mail_password
from tallystick.cycle.smtp import Server, open_mailer
from tallystick.engine.collection import policy_terms, steps_of
from tallystick.engine.installation import Installation
from tallystick.engine.mailing import PREVIEW
from tallystick.engine.progress import Progress
from tallystick.errors import Stop
from tallystick.store.cash.attempts import COLLECTABLE


def due(installation: Installation) -> DunningReport:
    """What would be sent today, whatever the hour."""
    return dunning.due_letters(
        installation.database, dunning_terms(installation), installation.today
    )


def send(installation: Installation, progress: Progress) -> DunningReport:
    """Send what is due, if it is a time for letters."""
    config = installation.config.email
    if config is None:
        raise Stop(
            "There is no [email] in tallystick.toml, so nothing can be sent.",
            do="Add host and sender there; docs/configuration.md describes the keys.",
        )
    password = mail_password(installation.config, installation.path, installation.environ)
    server = Server(config.host, config.port, config.security, config.user, password)
    terms = dunning_terms(installation)
    with progress.step("send reminders") as more:
        given = (installation.database, terms, partial(open_mailer, server), installation.now, more)
        return dunning.send_letters(*given)


def preview(installation: Installation) -> tuple[DunningReport, Path]:
    """What `send` would hand over, as .eml files that any mail program opens."""
    terms, today = dunning_terms(installation), installation.today
    report = dunning.due_letters(installation.database, terms, today)
    shown = installation.root / PREVIEW
    shown.mkdir(exist_ok=True)
    for old in shown.glob("*.eml"):
        old.unlink()
    for one in report.letters:
        number = next(iter(one.steps))
        mail = dunning.message(one, terms, today)
        (shown / f"dunning-{number}.eml").write_bytes(mail.as_bytes())
    return report, shown


def dunning_terms(installation: Installation) -> DunningTerms:
    """Where nothing is posted to accounting, an invoice is open as soon as it is issued."""
    config = installation.config
    own, mail = config.collection, config.email
    posts = installation.takers_of("invoice")
    return DunningTerms(
        steps=steps_of(config),
        letters=own.letters,
        per=own.letters_per,
        interest_percent=own.interest_percent,
        basis=own.claim_basis or "",
        policy=policy_terms(config),
        zone=config.msp.zone,
        states=COLLECTABLE if posts else ("issued", *COLLECTABLE),
        sender=mail.sender if mail else "",
        sender_name=config.msp.name,
        copy_to=mail.copy_to if mail else None,
    )
