"""Disputes as they stand, under the key of the payment they are about."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tallystick.connector import Broken, Cursor, Pulled
from tallystick.records import Dispute
from tallystick_stripe.session import StripeSession

from .conftest import Clock, asking
from .server import FakeStripe
from .world import World

KEY = "INV-2026-0007-1"


def pulled(session: StripeSession, since: str | None = None) -> tuple[list[Dispute], str]:
    items = list(session.pull("dispute", since))
    [token] = [item.token for item in items if isinstance(item, Cursor)]
    return [Dispute(**item.raw) for item in items if isinstance(item, Pulled)], token


def test_a_dispute_is_open_until_somebody_decided(
    session: StripeSession, world: World, fake: FakeStripe, clock: Clock
) -> None:
    customer = world.customer(name="Contoso")["id"]
    [attempt] = session.collect([asking(customer, world.method(customer)["id"])], KEY)
    assert pulled(session)[0] == []
    made = world.dispute(world.store["payment_intent"][attempt.vendor_ref], "product_not_received")
    made["evidence_details"]["due_by"] = clock.seconds() + 7 * 86400
    told = Dispute(
        id=made["id"],
        attempt=KEY,
        amount=Decimal("123.45"),
        currency="EUR",
        state="open",
        reason="product_not_received",
        opened_on=date(2026, 11, 2),
        evidence_due_on=date(2026, 11, 9),
    )
    clock.pass_(hours=1)
    records, token = pulled(session)
    assert records == [told]
    before = len(fake.requests)
    assert pulled(session, token)[0] == [] and len(fake.requests) - before == 1
    world.win(made)
    [won], _ = pulled(session, token)
    assert (won.id, won.state) == (told.id, "won")


def test_one_of_an_unknown_currency_is_set_aside(
    session: StripeSession, world: World, fake: FakeStripe
) -> None:
    customer = world.customer(name="Contoso")["id"]
    [attempt] = session.collect([asking(customer, world.method(customer)["id"])], KEY)
    made = world.dispute(world.store["payment_intent"][attempt.vendor_ref])
    made["currency"] = "xxx"
    [broken, _] = session.pull("dispute", None)
    assert isinstance(broken, Broken) and "not a currency" in broken.what
    made.update(currency="eur", amount=None)
    [broken, _] = session.pull("dispute", None)
    assert isinstance(broken, Broken) and "cannot be read" in broken.what
    fake.violations.clear()


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("warning_needs_response", "open"),
        ("needs_response", "open"),
        ("under_review", "open"),
        ("warning_closed", "won"),
        ("won", "won"),
        ("lost", "lost"),
    ],
)
def test_every_status_of_stripes_has_one_of_our_words(
    session: StripeSession, world: World, status: str, state: str
) -> None:
    customer = world.customer(name="Contoso")["id"]
    [attempt] = session.collect([asking(customer, world.method(customer)["id"])], KEY)
    world.dispute(world.store["payment_intent"][attempt.vendor_ref])["status"] = status
    assert [one.state for one in pulled(session)[0]] == [state]
