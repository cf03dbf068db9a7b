"""SMTP: hands messages to the MSP's mail server, and says what it knows about each."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Literal

from tallystick.errors import Retry, SkipRecord, Stop

TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Server:
    """Where the mail server is and how to log in; the password never shows."""

    host: str
    port: int
    security: Literal["starttls", "tls", "none"]
    user: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class SmtpMailer:
    """One open session with the mail server."""

    session: smtplib.SMTP

    def send(self, message: EmailMessage) -> None:
        """Hand over one message; raises `SkipRecord` when it was certainly not taken, `Retry`
        when nobody can tell."""
        number = str(message["Message-ID"])
        try:
            self.session.send_message(message)
        except (
            smtplib.SMTPRecipientsRefused,
            smtplib.SMTPSenderRefused,
            smtplib.SMTPDataError,
            smtplib.SMTPNotSupportedError,
        ) as error:
            raise SkipRecord(
                f"The mail server did not take {number}: {_said(error)}.",
                do="Correct the address or the mail server, and send again.",
            ) from None
        except (smtplib.SMTPException, OSError) as error:
            raise Retry(
                f"The mail server fell silent over {number}: {_said(error)}.",
                do="Ask the client whether it arrived before sending it again.",
            ) from None


@contextmanager
def open_mailer(server: Server) -> Iterator[SmtpMailer]:
    """A session while messages are sent; raises `Stop` when there is none to be had."""
    try:
        session = _connect(server)
    except (smtplib.SMTPException, OSError) as error:
        raise Stop(
            f"The mail server {server.host}:{server.port} cannot be used: {_said(error)}.",
            do="Check [email] in tallystick.toml. Nothing was sent.",
        ) from None
    try:
        yield SmtpMailer(session)
    finally:
        try:
            session.quit()
        except (smtplib.SMTPException, OSError):
            session.close()


def _connect(server: Server) -> smtplib.SMTP:
    secure = ssl.create_default_context()
    if server.security == "tls":
        session: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, timeout=TIMEOUT_S, context=secure
        )
    else:
        session = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_S)
        if server.security == "starttls":
            session.starttls(context=secure)
    if server.user is not None and server.password is not None:
        session.login(server.user, server.password)
    return session


def _said(error: Exception) -> str:
    """What the server said, on one line and without what we sent."""
    code, text = getattr(error, "smtp_code", None), getattr(error, "smtp_error", None)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, text = next(iter(error.recipients.values()), (None, None))
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    said = f"{code} {text}" if code else str(error) or type(error).__name__
    return " ".join(said.split())
