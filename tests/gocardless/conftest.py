"""A session at the fake GoCardless, over the real transport and sockets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from tests.transport.vendor import serving

from tallystick.connector import CollectionRequest, Context
from tallystick.money import Money
from tallystick.transport.client import Way
from tallystick_gocardless.session import GoCardlessSession
from tallystick_gocardless.settings import GoCardlessSettings

from .fake import TOKEN, World

NOW = datetime(2026, 7, 2, 9, tzinfo=UTC)
SECRET = "CANARYhookCANARY"


@dataclass
class At:
    """Where a session is opened."""

    root: Path
    url: str

    def session(self, **settings: Any) -> GoCardlessSession:
        way = Way("debits", self.root, True, [TOKEN, SECRET])
        chosen = {
            "access_token": SecretStr(TOKEN),
            "webhook_secret": SecretStr(SECRET),
            "return_url": "https://msp.example/paid",
            "base_url": self.url,
            **settings,
        }
        context = Context("debits", self.root, lambda: NOW, way.open)
        return GoCardlessSession(GoCardlessSettings.model_validate(chosen), context)


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Waits between the tries of the transport, noted and not waited for."""
    waits: list[float] = []
    monkeypatch.setattr("tallystick.transport.repeating.sleep", waits.append)
    return waits


@pytest.fixture
def world(slept: list[float]) -> World:
    """One creditor, one customer with one mandate."""
    made = World()
    made.add("creditors", id="CR001", name="Tally MSP")
    made.add(
        "customers",
        id="CU001",
        company_name="Harbour Ltd",
        email="ap@harbour.example",
        address_line1="1 Quay",
        city="Hull",
        postal_code="HU1",
        country_code="GB",
    )
    links = {"customer": "CU001", "creditor": "CR001"}
    made.add("mandates", id="MD001", scheme="bacs", status="active", links=links)
    return made


@pytest.fixture
def at(world: World, tmp_path: Path) -> Iterator[At]:
    with serving(world) as vendor:
        yield At(tmp_path, vendor.url)
    assert world.violations == []


@pytest.fixture
def session(at: At) -> GoCardlessSession:
    return at.session()


@pytest.fixture
def request_of() -> Callable[..., CollectionRequest]:
    def made(key: str = "INV-2026-0001-1", **changes: Any) -> CollectionRequest:
        values: dict[str, Any] = {
            "key": key,
            "amount": Money(119_00, "GBP"),
            "due_on": date(2026, 7, 10),
            "invoice": "INV-2026-0001",
            "payer": "Harbour Ltd",
            "mandate": "MD001",
            "iban": None,
            "bic": None,
            "signed_on": date(2026, 1, 1),
            "first": False,
            "remittance": "INV-2026-0001",
            "scheme": "bacs_debit",
            "payer_id": "CU001",
        }
        return CollectionRequest(**{**values, **changes})

    return made
