"""Reminders: in their language, each step once, at a time for letters, and stopped by payment."""

from __future__ import annotations

import email
import socket
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select, update
from tests.cash.outside import Vendor
from tests.cash.world import World, copy_of, laid, movement
from tests.crash import Crash

from tallystick.billing.invoice.letter import Wording
from tallystick.billing.windows import Window
from tallystick.cash.collecting.holds import hold, lift
from tallystick.cash.collecting.plans import agree
from tallystick.cash.policy.decision import Terms
from tallystick.cash.policy.dunning import Step
from tallystick.cash.policy.notice import WORDS, Line, Notice, notice_letter, tone_of
from tallystick.cash.repaying.refunds import approve, ask
from tallystick.cash.showing.escalations import escalations
from tallystick.cash.telling.dunning import send_letters
from tallystick.cash.telling.overdue import DunningReport, DunningTerms, read_due
from tallystick.cycle.smtp import Server, open_mailer
from tallystick.errors import Retry, SkipRecord
from tallystick.money import Money
from tallystick.store.billing.schema import invoice, outbound
from tallystick.store.cash.attempts import COLLECTABLE

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = Window(since="08:00", until="18:00", days="mon-fri", calendar="DE", on_holidays="closed")
TERMS = DunningTerms(
    steps=[Step(7), Step(21, {"EUR": Decimal(40)}), Step(35)],
    letters=OFFICE,
    per="client",
    interest_percent=None,
    basis="",
    policy=Terms(),
    zone=BERLIN,
    states=COLLECTABLE,
    sender="billing@msp.example",
    sender_name="Nordlicht IT GmbH",
)
DUE = date(2026, 10, 1)


def eur(amount: str) -> Money:
    return Money.exact(amount, "EUR")


@dataclass
class Post:
    """A mail server in memory; `fails` are what it raises for the next letters."""

    letters: list[EmailMessage] = field(default_factory=list)
    fails: list[Exception] = field(default_factory=list)

    def send(self, message: EmailMessage) -> None:
        if self.fails:
            raise self.fails.pop(0)
        self.letters.append(message)


@dataclass
class Office:
    """A world, its clock and its mail server."""

    world: World
    post: Post = field(default_factory=Post)
    terms: DunningTerms = TERMS
    at: datetime = datetime(2026, 10, 8, 9, tzinfo=UTC)

    def invoice(self, number: str, amount: str, language: str = "de", **more: Any) -> None:
        self.world.invoice(number, amount, **{"due_on": DUE, **more})
        client = more.get("client", "1001")
        buyer = {"name": f"Kunde {client}", "email": f"office@k{client}.example"}
        parties = {"buyer": buyer, "seller": {"name": "Nordlicht IT GmbH"}, "language": language}
        with self.world.database.write() as connection:
            this = invoice.c.number == number
            connection.execute(update(invoice).where(this).values(parties=parties))

    def now(self) -> datetime:
        return self.at

    def send(self) -> DunningReport:
        opens = lambda: nullcontext(self.post)  # noqa: E731 - shorter than a function of its own
        given = (self.world.database, self.terms, opens, self.now, lambda _: None)
        return send_letters(*given)

    def sent(self) -> list[dict[str, int]]:
        return [dict(one.steps) for one in self.send().letters]

    def on(self, day: date, hour: int = 9) -> Office:
        self.at = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
        return self


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return laid(tmp_path_factory.mktemp("dunning"), lambda world: None)


@pytest.fixture
def office(template: Path) -> Iterator[Office]:
    with copy_of(template) as world:
        yield Office(world)


def test_each_step_goes_out_once_on_its_day(office: Office) -> None:
    office.invoice("INV-1", "119.00")
    assert office.on(date(2026, 10, 7)).sent() == []
    assert office.on(date(2026, 10, 8)).sent() == [{"INV-1": 1}]
    assert office.sent() == []
    assert office.on(date(2026, 10, 21)).sent() == []
    assert office.on(date(2026, 10, 22)).sent() == [{"INV-1": 2}]
    assert office.on(date(2026, 11, 5)).sent() == [{"INV-1": 3}]
    assert office.on(date(2027, 11, 5)).sent() == []
    subjects = [one["Subject"] for one in office.post.letters]
    assert subjects == [
        "Zahlungserinnerung von Nordlicht IT GmbH",
        "Mahnung von Nordlicht IT GmbH",
        "Letzte Mahnung von Nordlicht IT GmbH",
    ]
    text = office.post.letters[1].get_content()
    assert "INV-1   119,00\xa0€, fällig seit 1. Oktober 2026" in text
    assert "eine Pauschale von 40,00\xa0€" in text
    assert "Pauschale" not in office.post.letters[0].get_content()


def test_a_client_gets_one_letter_or_one_for_each_invoice(office: Office) -> None:
    office.invoice("INV-1", "119.00")
    office.invoice("INV-2", "50.00", due_on=date(2026, 9, 1))
    office.invoice("INV-3", "50.00", client="1002")
    office.invoice("INV-4", "50.00", currency="USD")
    with office.world.database.read() as connection:
        alone = read_due(connection, replace(TERMS, per="invoice"), date(2026, 10, 8))
    assert len(alone.letters) == 4
    report = office.send()
    assert [dict(one.steps) for one in report.letters] == [
        {"INV-2": 1, "INV-1": 1},
        {"INV-3": 1},
        {"INV-4": 1},
    ]
    assert report.letters[0].amount == eur("169")
    assert "169,00\xa0€" in office.post.letters[0].get_content()


@pytest.mark.parametrize(
    ("when", "is_time"),
    [
        (datetime(2026, 10, 8, 5, 59, tzinfo=UTC), False),
        (datetime(2026, 10, 8, 6, 0, tzinfo=UTC), True),
        (datetime(2026, 10, 8, 15, 59, tzinfo=UTC), True),
        (datetime(2026, 10, 8, 16, 0, tzinfo=UTC), False),
        (datetime(2026, 10, 10, 9, 0, tzinfo=UTC), False),
        (datetime(2026, 12, 25, 9, 0, tzinfo=UTC), False),
    ],
)
def test_letters_go_out_in_office_hours_of_the_msp(
    office: Office, when: datetime, is_time: bool
) -> None:
    office.invoice("INV-1", "119.00")
    office.at = when
    report = office.send()
    assert (report.quiet, len(report.letters)) == (not is_time, int(is_time))


def test_payment_stops_it_and_a_part_leaves_the_rest(office: Office) -> None:
    office.invoice("INV-1", "119.00")
    office.world.bank(movement("t1", "19.00", remittance="INV-1", day=5))
    office.world.settle()
    assert office.send().letters[0].amount == eur("100")
    office.world.bank(movement("t2", "100.00", remittance="INV-1", day=9))
    office.world.settle()
    assert office.on(date(2026, 10, 22)).sent() == []


def test_a_payment_that_comes_while_letters_are_written_stops_its_letter(office: Office) -> None:
    office.invoice("INV-1", "119.00")
    office.invoice("INV-2", "50.00", client="1002")

    @contextmanager
    def opens() -> Iterator[Post]:
        office.world.bank(movement("t1", "119.00", remittance="INV-1", day=7))
        office.world.settle()
        yield office.post

    given = (office.world.database, TERMS, opens, office.now, lambda _: None)
    assert [dict(one.steps) for one in send_letters(*given).letters] == [{"INV-2": 1}]


def test_what_is_held_disputed_collected_or_paid_in_parts_is_spared(office: Office) -> None:
    database = office.world.database
    for number in ("INV-1", "INV-2", "INV-3"):
        office.invoice(number, "300.00", client=number[-1])
    office.invoice("INV-4", "119.00", state="collecting")
    hold(database, "INV-1", "anna", "disputes it", office.now)
    hold(database, "psa:2", "anna", "a good client", office.now)
    agree(database, "INV-3", 3, "month", date(2026, 10, 10), "anna", office.now)
    report = office.send()
    assert report.letters == []
    assert report.spared == [
        ("INV-1", "held by anna: disputes it"),
        ("INV-2", "held by anna: a good client"),
        ("INV-3", "it is paid in instalments"),
    ]
    lift(database, "INV-1", "ben", office.now)
    hold(database, "payments", "anna", "wrong bank", office.now)
    assert office.sent() == []
    lift(database, "payments", "ben", office.now)
    assert office.sent() == [{"INV-1": 1}]
    assert office.on(date(2026, 10, 16)).sent() == [{"INV-3": 1}], "its instalment was missed"


def test_what_is_debited_again_soon_is_not_dunned_meanwhile(office: Office) -> None:
    world = office.world
    world.mandate()
    office.invoice("INV-1", "119.00")
    world.collect(Vendor())
    more = {"end_to_end_id": "INV-1-1", "day": 7}
    back = {"returned": True, "return_reason": "AM04"}
    world.bank(movement("t1", "119.00", **more), movement("t2", "-119.00", **more, **back))
    world.settle()
    report = office.on(date(2026, 10, 9)).send()
    assert (report.letters, report.spared) == ([], [("INV-1", "it is debited again on 2026-10-10")])
    assert office.on(date(2026, 10, 12)).sent() == [{"INV-1": 1}], "that day passed"


def test_what_was_given_back_on_purpose_is_not_asked_for_again(office: Office) -> None:
    world = office.world
    world.mandate()
    office.invoice("INV-1", "119.00")
    world.collect(Vendor())
    world.bank(movement("t1", "119.00", end_to_end_id="INV-1-1"))
    world.settle()
    given = ("INV-1", Decimal("19.00"), "goodwill", "anna", ["debits"], world.now)
    key = ask(world.database, *given).key
    approve(world.database, key, "ben", world.now)
    world.bank(movement("t2", "-19.00", end_to_end_id=key))
    with world.database.write() as connection:
        open_again = {"settled_minor": 10000, "state": "part_paid"}
        connection.execute(update(invoice).values(open_again))
    report = office.on(date(2027, 1, 4)).send()
    assert report.letters == []
    assert report.spared == [("INV-1", "what was paid of it was given back")]
    with world.database.read() as connection:
        [one] = escalations(connection, Terms(), 3, BERLIN, office.now(), date(2027, 1, 4))
    assert "given back" in one.why


def test_what_may_have_arrived_is_not_sent_again(office: Office) -> None:
    office.invoice("INV-1", "119.00")
    office.post.fails = [Retry("The mail server went away.", do="Try again.")]
    report = office.send()
    assert (report.letters, len(report.held)) == ([], 1)
    assert office.sent() == []
    assert office.on(date(2026, 10, 22)).sent() == [{"INV-1": 2}]


def test_what_was_refused_is_sent_again_when_corrected(office: Office) -> None:
    office.invoice("INV-1", "119.00")
    office.post.fails = [SkipRecord("No such address.", do="Correct it.")]
    assert office.sent() == []
    assert office.on(date(2026, 10, 12)).sent() == [{"INV-1": 1}]
    assert office.on(date(2026, 10, 25)).sent() == []
    assert office.on(date(2026, 10, 26)).sent() == [{"INV-1": 2}]


def test_a_crash_on_the_way_sends_no_step_twice(office: Office) -> None:
    office.invoice("INV-1", "119.00")
    office.post.fails = [Crash()]  # type: ignore[list-item]  # a crash is no Exception
    with pytest.raises(Crash):
        office.send()
    assert office.sent() == []
    with office.world.database.read() as connection:
        assert list(connection.execute(select(outbound.c.state)).scalars()) == ["intended"]
    [(number, why)] = office.on(date(2026, 10, 9), hour=10).send().held
    assert number == "INV-1"
    assert "may have arrived or not" in why
    assert office.send().held == []
    with office.world.database.read() as connection:
        [row] = connection.execute(select(outbound))
        assert (row.state, row.reason) == ("unknown", why)
    assert office.on(date(2026, 10, 22)).sent() == [{"INV-1": 2}]


def test_without_an_address_it_is_held(office: Office) -> None:
    office.world.invoice("INV-1", "119.00", due_on=DUE)
    [(client, why)] = office.send().held
    assert client == "psa:1001"
    assert "there is no e-mail address" in why


def test_interest_is_on_what_was_open_each_day(office: Office) -> None:
    office.terms = replace(TERMS, interest_percent=Decimal("11.27"), basis="§ 288 BGB.")
    office.invoice("INV-1", "1000.00", language="en")
    office.world.bank(movement("t1", "600.00", remittance="INV-1", day=12))
    office.world.settle()
    [one] = office.on(date(2026, 11, 2)).send().letters
    # 10 days of 1,000.00 from 2 October, 21 days of 400.00 to 1 November, as of 2 November
    assert one.interest == Money.rounded(Decimal(18400) * Decimal("0.1127") / 365, "EUR")
    text = office.post.letters[0].get_content()
    assert "we also claim interest of €5.68. § 288 BGB." in text
    assert office.world.balances() == {
        "Assets:Bank:Bank EUR": "600.00",
        "Assets:Receivable EUR": "400.00",
    }, "a claim is not booked"


def test_a_real_mail_server_takes_it(office: Office) -> None:
    office.invoice("INV-1", "119.00", language="fr")
    found: list[EmailMessage] = []

    class Handler:
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd calls it so
            found.append(email.message_from_bytes(envelope.content, policy=default))  # type: ignore[arg-type]  # the default policy makes an EmailMessage
            return "250 OK"

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(Handler(), hostname="127.0.0.1", port=port)
    controller.start()
    try:
        opens = lambda: open_mailer(Server("127.0.0.1", port, "none"))  # noqa: E731 - shorter so
        given = (office.world.database, TERMS, opens, office.now, lambda _: None)
        assert len(send_letters(*given).letters) == 1
    finally:
        controller.stop()
    [letter] = found
    assert letter["To"] == "office@k1001.example"
    assert letter["Subject"] == "Rappel de paiement de Nordlicht IT GmbH"
    assert letter["Message-ID"] == "<dunning.INV-1.1.20261008@msp.example>"


def notice(**changes: Any) -> Notice:
    plain = Notice(
        [Line("INV-1", eur("119"), DUE)], "first", eur("0"), eur("0"), "Nordlicht", "Kunde",
        "office@kunde.example", "en",
    )  # fmt: skip
    return replace(plain, **changes)


def test_every_language_has_every_tone() -> None:
    assert {tone for _, tone in WORDS} == {"first", "again", "last"}
    assert len(WORDS) == 9
    for language, tone in WORDS:
        letter = notice_letter(notice(language=language, tone=tone, fee=eur("40")))
        assert "{" not in letter.subject + letter.text
        assert "INV-1" in letter.text and "40" in letter.text
    assert [tone_of(n, 3) for n in (1, 2, 3)] == ["first", "again", "last"]
    assert tone_of(1, 1) == "first"


def test_a_clients_name_is_plain_text_and_never_a_marker_or_a_header() -> None:
    own = Wording("Reminder for {buyer}", "{buyer} owes {total}: {claims}{nothing}")
    hostile = notice(buyer="{amount}\r\nBcc: x@y.example", fee=eur("1"))
    letter = notice_letter(hostile, own)
    assert letter.subject == "Reminder for {amount} Bcc: x@y.example"
    assert letter.text.startswith("{amount}\r\nBcc: x@y.example owes €120.00: \n")
    assert letter.text.endswith("{nothing}")
    with pytest.raises(SkipRecord, match="no e-mail address"):
        notice_letter(notice(email="a@b.example, c@d.example"))
