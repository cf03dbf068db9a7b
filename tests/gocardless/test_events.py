"""Deliveries are taken when GoCardless signed them, for us, about now."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tallystick.connector import Event, Listener
from tallystick.errors import SkipRecord, Stop
from tallystick_gocardless.session import GoCardlessSession

from .conftest import NOW, SECRET, At
from .spec import SPECS


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    return {"webhook-signature": hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}


def delivered(session: GoCardlessSession, *events: dict[str, Any]) -> Sequence[Event]:
    body = json.dumps({"events": events, "meta": {"webhook_id": "WB1"}}).encode()
    return session.read_events(signed(body), body)


def event(**changes: Any) -> dict[str, Any]:
    return {
        "id": "EV1",
        "created_at": NOW.isoformat(),
        "resource_type": "payments",
        "action": "failed",
        "links": {"payment": "PM001"},
        "details": {"cause": "insufficient_funds"},
        "metadata": {},
        **changes,
    }


def test_every_event_of_a_delivery_is_told(session: GoCardlessSession) -> None:
    assert isinstance(session, Listener)
    ours = {"tallystick_attempt": "INV-1-1"}
    found = delivered(
        session,
        event(resource_metadata=ours),
        event(id="EV2", resource_type="refunds", action="paid", links={"refund": "RF1"}),
        event(id="EV3", resource_type="new_things", action="made", links={}, details=None),
    )
    assert [(one.id, one.kind, one.key, one.vendor_ref) for one in found] == [
        ("EV1", "payments.failed", "INV-1-1", "PM001"),
        ("EV2", "refunds.paid", None, "RF1"),
        ("EV3", "new_things.made", None, None),
    ]
    assert found[0].occurred_at == NOW


def test_the_official_example_is_read(at: At) -> None:
    body = (SPECS / "webhook_body.json").read_bytes().strip()
    of = datetime(2018, 7, 5, 10, tzinfo=UTC)
    session = at.session()
    session._context = type(session._context)("debits", at.root, lambda: of)
    first, second = session.read_events(signed(body), body)
    assert (first.kind, second.kind) == ("subscriptions.created", "mandates.created")
    assert second.vendor_ref == "MD000AMA19XGEC"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"webhook-signature": ""},
        {"webhook-signature": "é"},
        signed(b"other"),
        signed(b"", "no"),
    ],
)
def test_a_delivery_that_is_not_signed_by_them_is_refused(
    session: GoCardlessSession, headers: dict[str, str]
) -> None:
    with pytest.raises(SkipRecord, match="not signed"):
        session.read_events(headers, json.dumps({"events": [event()]}).encode())


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b'{"events": [{"id": 1}]}', b"\xff", b"{"])
def test_what_holds_no_events_is_refused(session: GoCardlessSession, body: bytes) -> None:
    with pytest.raises(SkipRecord, match="no events"):
        session.read_events(signed(body), body)


@pytest.mark.parametrize(
    "at_time", [NOW - timedelta(days=4), NOW + timedelta(minutes=6), NOW.replace(tzinfo=None)]
)
def test_an_event_of_another_time_is_refused(session: GoCardlessSession, at_time: datetime) -> None:
    with pytest.raises(SkipRecord):
        delivered(session, event(), event(id="EV2", created_at=at_time.isoformat()))


@pytest.mark.parametrize("secret", [None, "", " "])
def test_without_a_secret_nothing_is_taken(at: At, secret: str | None) -> None:
    body = json.dumps({"events": [event()]}).encode()
    with pytest.raises(Stop, match="webhook_secret"):
        at.session(webhook_secret=secret).read_events(signed(body, ""), body)
