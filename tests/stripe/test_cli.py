"""From tallystick.toml to Stripe and back, by the commands people type: mandate by page, collected,
paid by its balance, given back, paid by hand on a page.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from tests.cash.world import World as Books

from tallystick.cli.app import main
from tallystick.records import Client
from tallystick.store.database import Database, open_database
from tallystick.store.migrate import upgrade

from .api import Api
from .conftest import KEY, WEBHOOK_SECRET
from .server import FakeStripe, serving
from .world import World

CONFIG = """
[msp]
name = "Nordlicht IT"
country = "DE"
zone = "Europe/Berlin"
[store]
url = "sqlite:///test.db"
[[tax]]
category = "standard"
percent = "19"
[connection.psa]
connector = "files"
home = ["client"]
[connection.psa.settings]
folder = "exports"
[connection.psa.settings.files]
client = "clients.csv"
[connection.cards]
connector = "stripe"
home = ["mandate", "bank_transaction"]
allow_private = true
[connection.cards.settings]
key = "env:STRIPE_KEY"
webhook_secret = "env:STRIPE_HOOK"
return_url = "https://nordlicht.example/paid"
base_url = "{url}"
{more}
[collection]
on = "issue"
"""


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("STRIPE_KEY", KEY)
    monkeypatch.setenv("STRIPE_HOOK", WEBHOOK_SECRET)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports" / "clients.csv").write_text("id,name\n1001,Contoso\n")


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as exited:
        main(list(words))
    return int(exited.value.code or 0)


@contextmanager
def stripe(more: str = "") -> Iterator[FakeStripe]:
    with serving(Api(World(lambda: int(time.time())), KEY)) as fake:
        Path("tallystick.toml").write_text(CONFIG.format(url=fake.url, more=more))
        yield fake
    assert fake.violations == []


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database("sqlite:///test.db", tmp_path)
    upgrade(opened)
    yield opened
    opened.close()


def test_an_invoice_is_collected_paid_and_given_back(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    books = Books(database)
    with stripe() as fake:
        assert run("sync") == 0
        assert run("cash", "page", "Contoso", "--currency", "EUR", "--as", "anna") == 0
        [page] = fake.api.world.store["checkout.session"].values()
        assert page["url"] in capsys.readouterr().out.replace("\n", "")
        fake.api.world.complete(page)
        assert run("sync") == 0
        books.invoice("INV-1", "119.00", due_on=date(2026, 10, 1))
        assert run("cash", "collect") == 0
        assert run("sync") == run("cash", "settle") == 0
        assert books.states()["INV-1"][0] == "paid"
        given = ("cash", "refund", "INV-1", "19.00", "--why", "outage", "--as", "anna")
        assert run(*given) == 0
        assert run("cash", "refund", "--approve", "RF-INV-1-1-1", "--as", "ben") == 0
        [refund] = fake.api.world.store["refund"].values()
        assert (refund["amount"], refund["metadata"]["tallystick_refund"]) == (
            1900,
            "RF-INV-1-1-1",
        )
        assert run("sync") == run("cash", "settle") == 0
    assert ("refund", "refunded", "INV-1", "-19.00") in books.rules()
    assert books.suspense() == 0


def test_an_invoice_is_paid_by_hand_on_a_page_of_its_own(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    books = Books(database)
    books.clients(Client(id="1001", name="Contoso", email="ap@contoso.example"))
    books.invoice("INV-1", "119.00", due_on=date(2026, 10, 1))
    with stripe() as fake:
        assert run("cash", "page", "--invoice", "INV-1", "--as", "anna") == 0
        [page] = fake.api.world.store["checkout.session"].values()
        assert page["line_items"][0]["price_data"]["unit_amount"] == "11900"
        fake.api.world.complete(page)
        assert run("sync") == run("cash", "settle") == 0
    assert books.states()["INV-1"][0] == "paid"
    assert books.attempts() == {"INV-1-1": "succeeded"}


def test_check_proves_the_key_and_refuses_a_live_one_without_naming_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with stripe() as fake:
        run("check")
        assert ("get", "/v1/account", {}) in fake.requests
        monkeypatch.setenv("STRIPE_KEY", "sk_live_CANARY")
        before = len(fake.requests)
        assert run("check") == 1
        said = capsys.readouterr()
        text = (said.out + said.err).replace("\n", " ")
        assert "would move real money" in text and "CANARY" not in text
        assert len(fake.requests) == before


def test_the_trace_shows_what_was_asked_and_no_secret(capsys: pytest.CaptureFixture[str]) -> None:
    with stripe() as fake:
        fake.api.world.customer(name="Contoso")
        assert run("sync", "--trace", "trace.jsonl") == 0
    text = Path("trace.jsonl").read_text()
    assert "/v1/customers" in text and "Contoso" in text
    kept = [one.read_text(errors="replace") for one in Path(".tallystick").iterdir()]
    assert "CANARY" not in "".join([text, *kept]) + capsys.readouterr().out
