"""A session at the fake Stripe, over the real library, transport and sockets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tallystick.connector import CollectionRequest, Context, Limits
from tallystick.money import Money
from tallystick.records import Scheme
from tallystick.transport.client import Way
from tallystick_stripe.session import StripeSession
from tallystick_stripe.settings import StripeSettings

from .api import Api
from .server import FakeStripe, serving
from .world import World

KEY = "sk_test_CANARYkeyCANARY"
WEBHOOK_SECRET = "whsec_CANARYhookCANARY"
START = datetime(2026, 11, 2, 9, tzinfo=UTC)


@dataclass
class Clock:
    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def seconds(self) -> int:
        return int(self.now.timestamp())

    def pass_(self, **much: float) -> None:
        self.now += timedelta(**much)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Waits between the tries of the transport, noted and not waited for; and no quota."""
    waits: list[float] = []
    monkeypatch.setattr("tallystick.transport.repeating.sleep", waits.append)
    monkeypatch.setattr("tallystick_stripe.wire.limits", lambda _: Limits(concurrency=12))
    return waits


@pytest.fixture
def fake(clock: Clock, slept: list[float]) -> Iterator[FakeStripe]:
    with serving(Api(World(clock.seconds), KEY)) as serving_fake:
        yield serving_fake
    assert serving_fake.violations == []


@pytest.fixture
def world(fake: FakeStripe) -> World:
    return fake.api.world


@pytest.fixture
def open_session(fake: FakeStripe, clock: Clock, tmp_path: Path) -> Callable[..., StripeSession]:
    def opened(**settings: Any) -> StripeSession:
        given = {
            "key": KEY,
            "webhook_secret": WEBHOOK_SECRET,
            "return_url": "https://nordlicht.example/paid",
            "base_url": fake.url,
            **settings,
        }
        way = Way("cards", tmp_path / "state", allow_private=True, secrets=[KEY, WEBHOOK_SECRET])
        context = Context("cards", tmp_path, clock, way.open)
        return StripeSession(StripeSettings.model_validate(given), context)

    return opened


@pytest.fixture
def session(open_session: Callable[..., StripeSession]) -> StripeSession:
    return open_session()


def asking(
    customer: str | None,
    mandate: str,
    key: str = "INV-2026-0007-1",
    minor: int = 12345,
    scheme: Scheme = "card",
) -> CollectionRequest:
    invoice = key.rpartition("-")[0]
    return CollectionRequest(
        key=key,
        amount=Money(minor, "EUR"),
        due_on=date(2026, 11, 2),
        invoice=invoice,
        payer="Ada",
        mandate=mandate,
        iban=None,
        bic=None,
        signed_on=date(2026, 1, 5),
        first=True,
        remittance=invoice,
        scheme=scheme,
        payer_id=customer,
    )
