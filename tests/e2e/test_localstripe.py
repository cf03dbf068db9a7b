"""From an open invoice to money, or to the reason why not: the real library and sockets, a Stripe
that is not ours, its signed webhooks, and our receiver.

localstripe ignores idempotency keys, so this says nothing of "once"; our own fake does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.cash.world import World

from tallystick.cash.collecting.asking import refresh_attempt
from tallystick.cash.collecting.channels import Channel
from tallystick.cash.collecting.collect import collect
from tallystick.cash.collecting.round import Round
from tallystick.cash.settling.settle import settle
from tallystick.connector import Context, Event, Pulled
from tallystick.plugins import Plugins
from tallystick.records import BankTransaction, Mandate
from tallystick.store.database import open_database
from tallystick.store.facts import inbound
from tallystick.store.migrate import upgrade
from tallystick.transport.client import Way
from tallystick.web.listening import listening
from tallystick.web.receiver import application
from tallystick_stripe.session import StripeSession
from tallystick_stripe.settings import StripeSettings

from .conftest import CARDS, FAILING_IBAN, KEY, SECRET, card, until

pytestmark = pytest.mark.e2e


@dataclass
class Office:
    """An MSP whose cards and debits are at `url`; `told` are the events that came."""

    url: str
    world: World
    session: StripeSession
    told: list[Event] = field(default_factory=list)
    deliveries: int = 0
    hook: str = ""

    @property
    def channels(self) -> dict[str, Channel]:
        collects = Plugins().connector("stripe").collects
        assert collects is not None
        return {"cards": Channel(self.session, collects, keeps_mandates=True)}

    def post(self, path: str, **form: Any) -> dict[str, Any]:
        """As the client's browser or Stripe's own pages do."""
        answer = httpx.post(f"{self.url}{path}", auth=(KEY, ""), data=form)
        answer.raise_for_status()
        return answer.json() if answer.content else {}

    def client(self, ref: str, **method: str) -> str:
        customer = self.post("/v1/customers", name=f"Client {ref}")["id"]
        made = self.post("/v1/payment_methods", **method)["id"]
        self.post(f"/v1/payment_methods/{made}/attach", customer=customer)
        mandate = Mandate(
            id=made,
            client=f"psa:{ref}",
            scheme=method["type"],
            payer=customer,
            holder=f"Client {ref}",
            signed_on=date(2026, 1, 5),
        )
        with self.world.database.write() as connection:
            inbound.store_records(connection, "cards", "mandate", [mandate], now())
        self.world.invoice(f"INV-{ref}", "119.00", client=ref, due_on=date(2026, 10, 1))
        return customer

    def receive(self, connection: str, headers: Mapping[str, str], body: bytes) -> None:
        assert connection == "cards"
        self.deliveries += 1
        self.told += self.session.read_events(headers, body)

    def collect(self) -> None:
        collect(self.world.database, self.channels, {}, now, now().date(), lambda _: None)

    def ask(self, kind: str, number: str) -> None:
        """Wait for the event of an invoice, then ask as whoever processes it does."""
        key = f"INV-{number}-1"
        until(lambda: any(one.kind == kind and one.key == key for one in self.told))
        refresh_attempt(Round(self.world.database, self.channels, now), key)

    def state(self, number: str) -> tuple[str, str]:
        key = f"INV-{number}-1"
        return self.world.column(key, "state"), self.world.column(key, "reason")

    def settle(self) -> None:
        rows = self.session.pull("bank_transaction", None)
        moves = [BankTransaction(**one.raw) for one in rows if isinstance(one, Pulled)]
        with self.world.database.write() as connection:
            inbound.store_records(connection, "cards", "bank_transaction", moves, now())
        settle(self.world.database, ["cards"], now().date(), now, lambda _: None, [])


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def office(url: str, tmp_path: Path) -> Iterator[Office]:
    database = open_database("sqlite:///test.db", tmp_path)
    upgrade(database)
    settings = StripeSettings.model_validate(
        {"key": KEY, "webhook_secret": SECRET, "base_url": url}
    )
    way = Way("cards", tmp_path / "state", allow_private=True, secrets=[KEY, SECRET])
    session = StripeSession(settings, Context("cards", tmp_path, now, way.open))
    made = Office(url, World(database), session)
    with listening(application(made.receive, lambda: True), "127.0.0.1", 0) as port:
        made.hook = f"http://127.0.0.1:{port}/webhooks/cards"
        made.post("/_config/webhooks/ours", url=made.hook, secret=SECRET)
        yield made
    database.close()


def test_invoices_are_paid_declined_or_wait_for_their_payer(
    office: Office, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    office.client("1", **card(CARDS["pays"]))
    office.client("2", **card(CARDS["declines"]))
    office.client("3", **card(CARDS["asks"]))
    office.client("4", type="sepa_debit", **{"sepa_debit[iban]": FAILING_IBAN})
    office.collect()
    assert office.state("1")[0] == office.state("4")[0] == "processing"
    assert office.state("2") == ("declined", "card_declined")
    assert office.state("3")[0] == "requires_customer"

    office.ask("payment_intent.succeeded", "1")
    office.ask("payment_intent.payment_failed", "4")
    assert office.state("4") == ("declined", "card_declined")
    intent = office.world.column("INV-3-1", "vendor_ref")
    secret = httpx.get(f"{office.url}/v1/payment_intents/{intent}", auth=(KEY, "")).json()
    form = {"client_secret": secret["client_secret"], "success": "true", "key": "pk_test_x"}
    office.post(f"/v1/payment_intents/{intent}/_authenticate", **form)
    office.ask("payment_intent.succeeded", "3")
    assert office.state("3")[0] == "processing"

    office.settle()
    assert office.world.states() == {
        "INV-1": ("paid", Decimal("119.00")),
        "INV-2": ("posted", Decimal("0.00")),
        "INV-3": ("paid", Decimal("119.00")),
        "INV-4": ("posted", Decimal("0.00")),
    }
    assert office.state("1")[0] == office.state("3")[0] == "succeeded"
    files = [one.read_bytes() for one in tmp_path.rglob("*") if one.is_file()]
    kept = b"".join(files) + caplog.text.encode()
    for number in (*CARDS.values(), FAILING_IBAN, KEY, SECRET):
        assert number.encode() not in kept


def test_what_another_signs_is_not_taken(office: Office) -> None:
    office.post("/_config/webhooks/ours", url=office.hook, secret="whsec_other")
    office.client("1", **card(CARDS["pays"]))
    office.collect()
    until(lambda: office.deliveries > 0)
    assert httpx.post(office.hook, content=b"{}").status_code == 400
    assert office.told == [] and office.state("1")[0] == "processing"
