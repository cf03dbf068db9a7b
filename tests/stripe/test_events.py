"""Only what Stripe signed just now about our account, in our mode, is an event."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.connector import Event
from tallystick.errors import SkipRecord, Stop
from tallystick.money import Money
from tallystick_stripe.events import read_event
from tallystick_stripe.session import StripeSession
from tallystick_stripe.settings import StripeSettings

from .conftest import START, WEBHOOK_SECRET, Clock, asking
from .world import World


def signed(body: bytes, at: int, secret: str = WEBHOOK_SECRET) -> dict[str, str]:
    """As docs.stripe.com/webhooks/signature writes it, by hand."""
    mac = hmac.new(secret.encode(), str(at).encode() + b"." + body, hashlib.sha256).hexdigest()
    return {"stripe-signature": f"t={at},v1={mac},v0=unused"}


def body(**change: Any) -> bytes:
    about = {"object": "payment_intent", "id": "pi_1", "metadata": {"tallystick_attempt": "K-1"}}
    told = {
        "id": "evt_1",
        "object": "event",
        "type": "payment_intent.succeeded",
        "created": int(START.timestamp()),
        "livemode": False,
        "data": {"object": about},
    }
    return json.dumps({**told, **change}).encode()


def read(session: StripeSession, sent: bytes, seconds: int = 0) -> Event:
    [event] = session.read_events(signed(sent, int(START.timestamp()) + seconds), sent)
    return event


def test_an_event_names_what_it_is_about(session: StripeSession) -> None:
    assert read(session, body()) == Event("evt_1", "payment_intent.succeeded", START, "K-1", "pi_1")


@pytest.mark.parametrize(
    ("about", "key", "ref"),
    [
        ({"object": "charge", "id": "ch_1", "payment_intent": "pi_1",
          "metadata": {"tallystick_attempt": "K-1"}}, "K-1", "pi_1"),
        ({"object": "refund", "id": "re_1", "payment_intent": "pi_1",
          "metadata": {"tallystick_attempt": "K-1", "tallystick_refund": "R-1"}}, "R-1", "re_1"),
        ({"object": "dispute", "id": "dp_1", "payment_intent": "pi_1", "metadata": {}},
         None, "pi_1"),
        ({"object": "checkout.session", "id": "cs_1", "payment_intent": None,
          "metadata": {"tallystick_page": "P-1"}}, "P-1", "cs_1"),
        ({"object": "something.new", "id": "x_1"}, None, "x_1"),
        ({"object": 7, "id": 8, "metadata": "none"}, None, None),
    ],
)  # fmt: skip
def test_every_kind_is_told_with_the_key_it_carries(
    session: StripeSession, about: dict[str, Any], key: str | None, ref: str | None
) -> None:
    event = read(session, body(type="a.kind.nobody.knows", data={"object": about}))
    assert (event.kind, event.key, event.vendor_ref) == ("a.kind.nobody.knows", key, ref)


@pytest.mark.parametrize("seconds", [-300, -299, 0, 299, 300])
def test_its_age_may_differ_by_five_minutes_either_way(
    session: StripeSession, seconds: int
) -> None:
    assert read(session, body(), seconds).id == "evt_1"


@pytest.mark.parametrize("seconds", [-301, 301, -(10**9), 10**9])
def test_older_or_newer_is_refused(session: StripeSession, seconds: int) -> None:
    with pytest.raises(SkipRecord, match="more than 5 minutes"):
        read(session, body(), seconds)


@pytest.mark.parametrize("secret", [None, "", "  "])
def test_without_a_secret_nothing_is_taken(
    open_session: Callable[..., StripeSession], secret: str | None
) -> None:
    sent = body()
    for by in ("", "  ", WEBHOOK_SECRET):
        with pytest.raises(Stop, match="without a secret"):
            open_session(webhook_secret=secret).read_events(
                signed(sent, int(START.timestamp()), by), sent
            )


@pytest.mark.parametrize(
    "header",
    ["", "t=1", "v1=abc", "t=x,v1=abc", "t=,v1=", "nonsense", "t=1,v1=\u00e9", "t=1=2,v1=3"],
)
def test_a_signature_that_is_none_is_refused(session: StripeSession, header: str) -> None:
    with pytest.raises(SkipRecord, match="not signed"):
        session.read_events({"stripe-signature": header}, body())
    with pytest.raises(SkipRecord, match="not signed"):
        session.read_events({}, body())


def test_one_changed_byte_or_another_secret_is_refused(session: StripeSession) -> None:
    sent = body()
    at = int(START.timestamp())
    with pytest.raises(SkipRecord, match="not signed"):
        session.read_events(signed(sent, at, "whsec_other"), sent)
    with pytest.raises(SkipRecord, match="not signed"):
        session.read_events(signed(sent, at), sent.replace(b"succeeded", b"succeedeD"))


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"livemode": True}, "It is a live event, and the connection's key is a test key"),
        ({"account": "acct_other"}, "about account acct_other"),
        ({"created": "2026-11-02T09:00:00Z"}, "no event of Stripe's"),
        ({"data": None}, "no event of Stripe's"),
    ],
)
def test_rightly_signed_but_not_ours_is_refused(
    session: StripeSession, change: dict[str, Any], what: str
) -> None:
    with pytest.raises(SkipRecord, match=what):
        read(session, body(**change))


def test_a_connected_account_is_ours_where_it_is_named(
    open_session: Callable[..., StripeSession],
) -> None:
    session = open_session(account="acct_1NordlichtIT")
    assert read(session, body(account="acct_1NordlichtIT")).id == "evt_1"


@pytest.mark.parametrize("sent", [b"\xff\xfe{}", b"\xc3\x28", b""])
def test_what_is_not_utf_8_or_nothing_is_refused(session: StripeSession, sent: bytes) -> None:
    with pytest.raises(SkipRecord, match=r"UTF-8|no event"):
        session.read_events(signed(sent, int(START.timestamp())), sent)


SETTINGS = StripeSettings.model_validate({"key": "sk_test_x", "webhook_secret": WEBHOOK_SECRET})


@given(st.binary(max_size=60), st.text(max_size=60))
def test_nothing_sent_ever_does_more_than_be_refused(sent: bytes, header: str) -> None:
    with pytest.raises(SkipRecord):
        read_event(SETTINGS, {"stripe-signature": header}, sent, START + timedelta(0))
    with pytest.raises(SkipRecord):
        read_event(SETTINGS, signed(sent, int(START.timestamp())), sent, START)


def test_what_the_fake_tells_is_read(session: StripeSession, world: World, clock: Clock) -> None:
    customer = world.customer(name="Contoso")["id"]
    session.collect([asking(customer, world.method(customer)["id"])], "K")
    intent = world.store["payment_intent"]["pi_00000000000001"]
    world.dispute(intent)
    world.pay_out()
    read_ = [read(session, json.dumps(one).encode()) for one in world.store["event"].values()]
    assert [(one.kind, one.key, one.vendor_ref) for one in read_] == [
        ("customer.created", None, customer),
        ("payment_method.attached", None, "pm_00000000000001"),
        ("payment_intent.succeeded", "INV-2026-0007-1", intent["id"]),
        ("charge.dispute.created", None, intent["id"]),
        ("payout.created", None, "po_00000000000001"),
    ]
    assert Money(12345, "EUR") == Money(intent["amount"], "EUR")
