"""Sending: a real mail server takes each invoice once, whatever breaks on the way."""

from __future__ import annotations

import email
import socket
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import date
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from tests.crash import Crash

from tallystick.billing.invoice.letter import Letter
from tallystick.config.document_values import FORMATS
from tallystick.cycle.send import Mail, Mailer, MailTerms, SendReport, message, send, waiting
from tallystick.cycle.smtp import Server, open_mailer
from tallystick.engine.documents import ending
from tallystick.errors import Retry, Stop
from tallystick.store.billing import outbound

from .msp import JULY, Msp
from .told import client, contract, fixed

TERMS = MailTerms("billing@msp.example", "Nordlicht IT GmbH", ("html",), {})
STATES = ("issued",)


@dataclass
class Inbox:
    """What the mail server took; `says` is what it answers to the next letter."""

    letters: list[EmailMessage] = field(default_factory=list)
    says: str = "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd calls it so
        if self.says.startswith("250"):
            self.letters.append(email.message_from_bytes(envelope.content, policy=default))  # type: ignore[arg-type]  # the default policy makes an EmailMessage
        return self.says


@pytest.fixture
def inbox() -> Iterator[tuple[Inbox, Server]]:
    box = Inbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield box, Server("127.0.0.1", port, "none")
    controller.stop()


@pytest.fixture
def folder(msp: Msp, tmp_path: Path) -> Path:
    """Two issued invoices, one to a client without an address, as HTML files."""
    msp.terms = replace(msp.terms, language="de-DE")
    for ref, address in (("K1", "office@sommer.example"), ("K2", None)):
        msp.tell(client(ref, email=address), contract(f"C{ref}", ref), fixed(f"L{ref}", f"C{ref}"))
    for number in msp.bill(JULY):
        (tmp_path / f"{number}.html").write_text(f"<p>{number}</p>")
    return tmp_path


def sent_by(mailer: Mailer, msp: Msp, folder: Path, *again: str) -> SendReport:
    found = waiting(msp.database, folder, TERMS, STATES, again)
    return send(msp.database, found, TERMS, again, mailer, msp.now, lambda _: None)


def sent(msp: Msp, folder: Path, server: Server, *again: str) -> SendReport:
    with open_mailer(server) as mailer:
        return sent_by(mailer, msp, folder, *again)


def state(msp: Msp, number: str = "INV-2026-0001") -> str | None:
    with msp.database.read() as connection:
        return outbound.states(connection, "e-mail", "invoice").get(number)


def test_each_goes_out_once_with_its_document(
    msp: Msp, folder: Path, inbox: tuple[Inbox, Server]
) -> None:
    box, server = inbox
    report = sent(msp, folder, server)
    assert [one.number for one in report.sent] == ["INV-2026-0001"]
    [(held, why)] = report.held
    assert held == "INV-2026-0002" and "there is no e-mail address for" in why
    [found] = box.letters
    assert (found["To"], found["From"]) == (
        "office@sommer.example",
        "Nordlicht IT GmbH <billing@msp.example>",
    )
    assert found["Subject"] == "Rechnung INV-2026-0001 von Nordlicht IT GmbH"
    assert "119,00\xa0€" in found.get_body().get_content()  # type: ignore[union-attr]  # a letter has a text
    [attached] = found.iter_attachments()
    assert attached.get_filename() == "INV-2026-0001.html"
    assert attached.get_content() == (folder / "INV-2026-0001.html").read_text()
    assert sent(msp, folder, server).sent == []
    assert (len(box.letters), state(msp)) == (1, "confirmed")
    assert len(sent(msp, folder, server, "INV-2026-0001").sent) == 1
    assert [one["Message-ID"] for one in box.letters] == [found["Message-ID"]] * 2


def test_the_letter_is_in_the_language_of_its_document(msp: Msp, tmp_path: Path) -> None:
    languages = {"K1": "fr-CH", "K2": "en", "K3": None}
    for ref, language in languages.items():
        email = f"office@{ref}.example"
        msp.tell(client(ref, email=email, language=language), contract(f"C{ref}", ref))
        msp.tell(fixed(f"L{ref}", f"C{ref}"))
    msp.terms = replace(msp.terms, language="de-DE")
    for number in msp.bill(JULY):
        (tmp_path / f"{number}.html").touch()
    report = waiting(msp.database, tmp_path, TERMS, STATES, ())
    assert [mail.letter.subject.split()[0] for mail in report.sent] == [
        *("Facture", "Invoice", "Rechnung"),
    ]
    assert "due on 15 October 2026" in report.sent[1].letter.text, "as the document says it"


def test_a_refused_letter_goes_out_once_it_is_taken(
    msp: Msp, folder: Path, inbox: tuple[Inbox, Server]
) -> None:
    box, server = inbox
    box.says = "552 Mailbox full"
    report = sent(msp, folder, server)
    assert report.sent == [] and "552 Mailbox full" in report.held[-1][1]
    assert state(msp) == "refused"
    box.says = "250 OK"
    assert len(sent(msp, folder, server).sent) == 1
    assert (len(box.letters), state(msp)) == (1, "confirmed")


class Breaking:
    """A mailer after whose first letter something breaks."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def send(self, message: EmailMessage) -> None:
        raise self.error


@pytest.mark.parametrize("crash", [True, False])
def test_what_may_have_arrived_is_left_to_a_person(
    msp: Msp, folder: Path, inbox: tuple[Inbox, Server], crash: bool
) -> None:
    box, server = inbox
    error: Exception = Crash("power") if crash else Retry("Silence.", do="Ask.")
    with pytest.raises(Crash) if crash else nullcontext():
        sent_by(Breaking(error), msp, folder)
    assert state(msp) == ("intended" if crash else "unknown")
    report = sent(msp, folder, server)
    assert report.sent == [] and box.letters == []
    assert "may have arrived" in dict(report.held)["INV-2026-0001"]
    assert len(sent(msp, folder, server, "INV-2026-0001").sent) == 1
    assert (len(box.letters), state(msp)) == (1, "confirmed")


def test_a_connection_that_breaks_within_a_letter_is_not_known(msp: Msp, folder: Path) -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        port = listening.getsockname()[1]

        def serve() -> None:
            peer, _ = listening.accept()
            with peer, peer.makefile("rwb") as line:
                for answer in (b"220 hi", b"250 hi", b"250 ok", b"250 ok", b"354 go"):
                    line.write(answer + b"\r\n")
                    line.flush()
                    line.readline()

        thread = Thread(target=serve)
        thread.start()
        report = sent(msp, folder, Server("127.0.0.1", port, "none"))
        thread.join()
    assert "fell silent" in dict(report.held)["INV-2026-0001"]
    assert state(msp) == "unknown"


def test_two_runs_at_once_send_once(msp: Msp, folder: Path, inbox: tuple[Inbox, Server]) -> None:
    box, server = inbox

    class Second:
        """While the first letter is on its way, another run comes by."""

        def send(self, message: EmailMessage) -> None:
            assert sent(msp, folder, server).sent == []

    sent_by(Second(), msp, folder)
    assert (box.letters, state(msp)) == ([], "confirmed")


def test_without_a_server_nothing_is_noted(msp: Msp, folder: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(Stop, match=f"127.0.0.1:{port} cannot be used"):
        sent(msp, folder, Server("127.0.0.1", port, "none", "user", "geheim"))
    assert state(msp) is None
    assert "geheim" not in repr(Server("h", 1, "none", "user", "geheim"))


def test_a_missing_file_holds_the_letter(msp: Msp, folder: Path) -> None:
    (folder / "INV-2026-0001.html").unlink()
    report = waiting(msp.database, folder, TERMS, STATES, ())
    assert "INV-2026-0001.html is not there" in dict(report.held)["INV-2026-0001"]


@pytest.mark.parametrize("name", FORMATS)
def test_a_document_of_every_format_can_go_along(name: str, tmp_path: Path) -> None:
    file = tmp_path / f"INV-1.{ending(name)}"
    file.write_bytes(b"%PDF")
    mail = Mail("INV-1", date(2026, 7, 31), Letter("a@b.example", "Invoice", "Please."), (file,))
    [attached] = message(mail, TERMS).iter_attachments()
    assert attached.get_filename() == file.name
