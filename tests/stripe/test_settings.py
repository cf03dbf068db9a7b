"""Which keys and addresses are taken, how Stripe counts money, and that secrets stay secret."""

from __future__ import annotations

import base64
import logging
import traceback
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest
import stripe
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tallystick.connector import Quota
from tallystick.errors import SkipRecord, TallystickError
from tallystick.money import Money, exponent
from tallystick.transport.pace import ours
from tallystick_stripe.amounts import amount, units
from tallystick_stripe.intents import Intent
from tallystick_stripe.recovery import scrubbed
from tallystick_stripe.session import StripeSession
from tallystick_stripe.settings import API_VERSION, StripeSettings
from tallystick_stripe.wire import limits

from .conftest import KEY, WEBHOOK_SECRET, asking
from .server import FakeStripe
from .world import World


def settings(**given: Any) -> StripeSettings:
    return StripeSettings.model_validate({"key": "sk_test_abc", **given})


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"key": "sk_live_abc"}, "would move real money"),
        ({"key": "rk_live_abc", "live": False}, "would move real money"),
        ({"live": True}, "is a test key"),
        ({"key": "pk_test_abc"}, "no secret key"),
        ({"key": ""}, "no secret key"),
        ({"account": "contoso"}, "starts with acct_"),
        ({"return_url": "http://msp.example"}, "https://"),
        ({"base_url": "https://evil.example"}, "on this machine"),
        ({"base_url": "http://127.0.0.1.evil.example:80"}, "on this machine"),
        ({"key": "sk_live_abc", "live": True, "base_url": "http://127.0.0.1:1"}, "Stripe only"),
    ],
)
def test_what_could_do_harm_is_refused_without_naming_the_key(
    given: dict[str, Any], what: str
) -> None:
    with pytest.raises(ValidationError, match=what) as caught:
        settings(**given)
    assert "_abc" not in str(caught.value)


def test_a_live_key_moves_real_money_where_that_is_said() -> None:
    assert settings(key="sk_live_abc", live=True).key_is_live
    assert not settings(key="rk_test_abc").key_is_live


def test_the_pinned_version_is_the_one_the_library_was_made_for() -> None:
    """A new library means new parameters: read its changes, then pin the new version."""
    assert stripe.api_version == API_VERSION


def test_every_request_asks_for_the_pinned_version_and_carries_no_telemetry(
    session: StripeSession, fake: FakeStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[dict[str, str]] = []
    handle = fake.handle
    monkeypatch.setattr(
        fake, "handle", lambda m, p, headers, t: seen.append(headers) or handle(m, p, headers, t)
    )
    session.whoami()
    session.whoami()
    assert [one["stripe-version"] for one in seen] == [API_VERSION] * 2
    assert not any("telemetry" in name for one in seen for name in one)


@pytest.mark.parametrize(
    ("money", "count"),
    [
        ("12.34 EUR", 1234),
        ("500 JPY", 500),
        ("5 ISK", 500),
        ("5 UGX", 500),
        ("5.00 MGA", 5),
        ("5.120 KWD", 5120),
        ("10.45 HUF", 1045),
        ("800.45 TWD", 80045),
    ],
)
def test_money_is_counted_as_stripe_counts_it(money: str, count: int) -> None:
    value, currency = money.split()
    assert units(Money.exact(value, currency)) == count
    assert amount(count, currency) == Decimal(value)


@pytest.mark.parametrize("money", ["5.123 KWD", "5.50 MGA"])
def test_what_stripe_cannot_move_is_set_aside(money: str) -> None:
    value, currency = money.split()
    with pytest.raises(SkipRecord, match="finer than it counts"):
        units(Money.exact(value, currency))


@pytest.mark.parametrize(("count", "currency"), [(550, "ISK"), (1, "UGX"), (100, "XAU")])
def test_what_is_finer_than_our_minor_unit_is_set_aside(count: int, currency: str) -> None:
    with pytest.raises(SkipRecord):
        amount(count, currency)


@given(st.integers(-(10**12), 10**12), st.sampled_from(["EUR", "JPY", "ISK", "BHD", "USD", "XOF"]))
def test_there_and_back_is_the_same_money(minor: int, currency: str) -> None:
    money = Money(minor - minor % 10 if exponent(currency) == 3 else minor, currency)
    assert amount(units(money), currency) == money.amount


def test_nearly_all_that_stripe_bears_is_asked() -> None:
    live = settings(key="sk_live_abc", live=True)
    for one, quota in ((settings(), 24), (live, 96)):
        assert ours(limits(one)) == (Quota(quota, 1),)


def spellings(secret: str) -> list[str]:
    raw = secret.encode()
    return [secret, quote(secret), base64.b64encode(raw).decode(), raw.hex()]


@pytest.mark.parametrize("fault", ["", "lost", "fails", "busy", "cut", "page", "echo", "stranger"])
def test_no_secret_in_any_sentence_traceback_log_or_repr(
    open_session: Callable[..., StripeSession],
    world: World,
    fake: FakeStripe,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    session = open_session()
    customer = world.customer(name="Contoso")["id"]
    method = world.method(customer, fault or "ok")["id"]
    if fault == "echo":  # a vendor that quotes what it was sent
        told = f"You said Bearer {KEY} and 4242 4242 4242 4242, {WEBHOOK_SECRET}."
        monkeypatch.setattr(fake.api, "do_payment_intents", _saying(told))
    elif fault == "stranger":
        session = open_session(key=KEY + "x")
    elif fault:
        fake.faults.extend([fault] * 5)
    shown = [repr(session), repr(session.__dict__), str(settings(key=KEY))]
    try:
        shown.append(repr(session.collect([asking(customer, method)], "K")))
        assert not fault
    except TallystickError as error:
        shown += [str(error), repr(error), traceback.format_exc()]
    text = "\n".join([*shown, caplog.text])
    for secret in (KEY, WEBHOOK_SECRET):
        assert not [one for one in spellings(secret) if one in text]
    assert "4242 4242" not in text


def _saying(told: str) -> Callable[..., Any]:
    from .payments import invalid

    def refuse(*_: Any) -> Any:
        raise invalid("parameter_invalid", told)

    return refuse


def test_what_looks_like_a_key_or_a_card_is_masked() -> None:
    text = "sk_live_9aB and whsec_x, 4000-0000-0000-0341, pi_3PabcDEF on 2026-11-02 for 1234.56"
    assert scrubbed(text) == (
        "sk_(secret) and whsec_(secret), (number), pi_3PabcDEF on 2026-11-02 for 1234.56"
    )
    assert Intent("pi_1", "succeeded").link is None
