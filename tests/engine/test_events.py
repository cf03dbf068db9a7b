"""An event from the wire to the state it is about: stored, acknowledged, then asked about."""

from __future__ import annotations

import http.client
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from tallystick.engine import cash
from tallystick.engine.receiving import receive
from tallystick.engine.serve import Health, Signals, look
from tallystick.store.cash.collection_schema import attempt
from tallystick.store.cash.provider_schema import event, pull_wanted
from tallystick.web.listening import listening
from tallystick.web.receiver import application

from .office import Office, issue

Deliver = Callable[..., int]


def go(office: Office) -> int:
    return look(office.installation, Signals(), Health(office.clock()))


@pytest.fixture
def deliver(small: Office) -> Iterator[Deliver]:
    """Delivers a body over real HTTP; the status it got."""
    web = application(lambda *told: receive(small.installation, *told) and None, lambda: True)
    with listening(web, "127.0.0.1", 0) as port:

        def post(body: bytes, signature: str = "whsec", to: str = "psa") -> int:
            wire = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            try:
                wire.request("POST", f"/webhooks/{to}", body, {"Signature": signature})
                return wire.getresponse().status
            finally:
                wire.close()

        yield post


def collecting(office: Office) -> str:
    issue(office.installation.database, ["INV-1"])
    go(office)
    cash.intend(office.installation)
    go(office)
    [row] = office.rows(attempt)
    assert row.state == "processing"
    return str(row.key)


def test_an_event_is_stored_once_and_asked_about_afterwards(
    small: Office, deliver: Deliver
) -> None:
    key = collecting(small)
    (small.debits.folder / f"declined-{key}").touch()
    assert [deliver(f"evt_1 {key}".encode()) for _ in range(3)] == [200, 200, 200]
    [row] = small.rows(event)
    assert (row.state, row.body, row.key) == ("stored", f"evt_1 {key}", key)
    assert [one.state for one in small.rows(attempt)] == ["processing"]
    go(small)
    assert [one.state for one in small.rows(event)] == ["processed"]
    assert [one.state for one in small.rows(attempt)] == ["declined"]
    assert small.rows(pull_wanted) == [], "its account was read"


def test_an_event_about_nothing_of_ours_is_stored_and_ignored(
    small: Office, deliver: Deliver
) -> None:
    assert (deliver(b"evt_1 INV-9-1"), deliver(b"evt_2")) == (200, 200)
    go(small)
    assert [row.state for row in small.rows(event)] == ["ignored", "ignored"]


def test_what_is_not_surely_the_providers_is_not_stored(small: Office, deliver: Deliver) -> None:
    assert deliver(b"evt_1", signature="somebody") == 400
    assert deliver(b"\xff\xfe") == 503, "a body that fails is sent again, and told in the log"
    assert (deliver(b"evt_1", to="books"), deliver(b"evt_1", to="nobody")) == (404, 404)
    assert small.rows(event) == []


def test_without_a_secret_nothing_is_taken(small: Office) -> None:
    config = small.installation.config
    psa = config.connection["psa"]
    psa = psa.model_copy(update={"settings": {**psa.settings, "secret": ""}})
    changed = config.model_copy(update={"connection": {**config.connection, "psa": psa}})
    open_ = replace(small.installation, config=changed)
    web = application(lambda *told: receive(open_, *told) and None, lambda: True)
    with listening(web, "127.0.0.1", 0) as port:
        wire = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        wire.request("POST", "/webhooks/psa", b"evt_1", {"Signature": ""})
        assert wire.getresponse().status == 503
        wire.close()
    assert small.rows(event) == []


def test_an_event_nobody_answers_for_waits_for_longer_each_time(
    small: Office, deliver: Deliver
) -> None:
    key = collecting(small)
    (small.debits.folder / "silent").touch()
    deliver(f"evt_1 {key}".encode())
    go(small)
    [row] = small.rows(event)
    assert (row.state, row.tries, row.due_at > small.clock()) == ("stored", 1, True)
    (small.debits.folder / "silent").unlink()
    small.clock.at = row.due_at
    go(small)
    assert [one.state for one in small.rows(event)] == ["processed"]
