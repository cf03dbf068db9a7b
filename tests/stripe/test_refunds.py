"""Money back once per key, whatever the line does."""

from __future__ import annotations

from contextlib import suppress

import pytest

from tallystick.connector import Refund, RefundRequest
from tallystick.errors import Retry, SkipRecord
from tallystick.money import Money
from tallystick_stripe.session import StripeSession

from .conftest import asking
from .objects import Object
from .server import FakeStripe
from .world import World

KEY = "INV-2026-0007-1"


@pytest.fixture
def paid(session: StripeSession, world: World) -> Object:
    customer = world.customer(name="Contoso")["id"]
    [attempt] = session.collect([asking(customer, world.method(customer)["id"])], KEY)
    return world.store["payment_intent"][attempt.vendor_ref]


def asked(paid: Object, minor: int = 2000, key: str = "R-1") -> RefundRequest:
    return RefundRequest(key, KEY, paid["id"], Money(minor, "EUR"), "outage in May")


def test_a_refund_says_what_it_undoes(session: StripeSession, world: World, paid: Object) -> None:
    refund = session.refund(asked(paid))
    [made] = world.store["refund"].values()
    assert refund == session.find_refund("R-1") == Refund("R-1", "succeeded", made["id"])
    assert made["metadata"] == {
        "tallystick_refund": "R-1",
        "tallystick_attempt": KEY,
        "tallystick_reason": "outage in May",
    }
    world.fail_refund(made)
    failed = Refund("R-1", "failed", made["id"], "lost_or_stolen_card")
    assert session.find_refund("R-1") == failed
    assert session.find_refund("R-2") is None


@pytest.mark.parametrize("fault", ["lost", "unseen", "broken", "cut", "page"])
def test_a_refund_is_given_once(
    session: StripeSession, world: World, fake: FakeStripe, paid: Object, fault: str
) -> None:
    fake.faults.extend([fault] * 5)
    for _ in range(6):
        with suppress(Retry):
            session.refund(asked(paid))
    fake.faults.clear()
    found = session.find_refund("R-1")
    assert found is not None and found.state == "succeeded"
    assert [one["amount"] for one in world.store["refund"].values()] == [2000]


def test_more_than_came_or_what_is_disputed_is_not_refunded(
    session: StripeSession, world: World, paid: Object
) -> None:
    with pytest.raises(SkipRecord, match="greater than what is left") as caught:
        session.refund(asked(paid, 99999))
    assert caught.value.ref == "R-1"
    world.dispute(paid)
    with pytest.raises(SkipRecord, match="disputed"):
        session.refund(asked(paid, key="R-2"))
    assert not world.store.get("refund")


def test_a_refund_of_a_bank_debit_is_pending(session: StripeSession, world: World) -> None:
    customer = world.customer(name="Contoso")["id"]
    method = world.method(customer, kind="sepa_debit")["id"]
    [attempt] = session.collect([asking(customer, method, scheme="sepa_debit")], KEY)
    intent = world.store["payment_intent"][attempt.vendor_ref]
    world.settle(intent)
    assert session.refund(asked(intent)).state == "pending"
