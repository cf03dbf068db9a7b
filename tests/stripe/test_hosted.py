"""Pages of Stripe's on which clients pay or set up a mandate, opened once and closed for good."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import stripe.params.checkout._session_create_params as allowed

from tallystick.connector import PageRequest, Pulled
from tallystick.errors import Retry, SkipRecord
from tallystick.money import Money
from tallystick_stripe.session import StripeSession

from .conftest import asking
from .payments import Refused
from .server import FakeStripe
from .world import World

PAGE = PageRequest(
    key="P-1",
    client="psa:1001",
    name="Contoso",
    email="ap@contoso.example",
    schemes=("card", "sepa_debit", "other_debit"),
    currency="EUR",
)
PAYING = PageRequest(
    key="P-2",
    client="psa:1001",
    name="Contoso",
    email=None,
    schemes=("card",),
    currency="EUR",
    amount=Money(12345, "EUR"),
    invoice="INV-2026-0007",
    payer_id="cus_00000000000001",
)


def created(fake: FakeStripe) -> dict[str, Any]:
    [sent] = [one for _, path, one in fake.requests if path == "/v1/checkout/sessions" and one]
    return sent


def test_a_mandate_is_set_up_for_a_customer_who_carries_our_ref(
    session: StripeSession, world: World, fake: FakeStripe
) -> None:
    page = session.open_page(PAGE)
    [customer] = world.store["customer"].values()
    [made] = world.store["checkout.session"].values()
    assert customer["metadata"] == {"tallystick_client": "psa:1001"}
    assert (page.state, page.url, page.vendor_ref) == ("open", made["url"], made["id"])
    assert page.expires_at == datetime(2026, 11, 3, 9, tzinfo=UTC)
    sent = created(fake)
    assert (sent["mode"], sent["customer"]) == ("setup", customer["id"])
    assert sent["allowed_payment_method_types"] == ["card", "sepa_debit"]


def test_a_page_that_pays_makes_an_intent_with_its_key(
    session: StripeSession, world: World, fake: FakeStripe
) -> None:
    world.customer(name="Contoso")
    session.open_page(PAYING)
    sent = created(fake)
    assert sent["line_items"][0]["price_data"] == {
        "currency": "eur",
        "unit_amount": "12345",
        "product_data": {"name": "Invoice INV-2026-0007"},
    }
    assert sent["payment_intent_data"]["metadata"]["tallystick_attempt"] == "P-2"


@pytest.mark.parametrize("request_", [PAGE, PAYING])
def test_what_is_sent_is_what_the_librarys_own_types_allow(
    session: StripeSession, world: World, fake: FakeStripe, request_: PageRequest
) -> None:
    """Checkout is not in the document; the library's types are made from a newer one."""
    world.customer(name="Contoso")
    session.open_page(request_)
    sent = created(fake)
    parts = {
        "": sent,
        "SetupIntentData": sent.get("setup_intent_data", {}),
        "PaymentIntentData": sent.get("payment_intent_data", {}),
    }
    for line in sent.get("line_items", []):
        price = line["price_data"]
        parts |= {"LineItem": line, "LineItemPriceData": price}
        parts |= {"LineItemPriceDataProductData": price["product_data"]}
    for name, part in parts.items():
        known = getattr(allowed, f"SessionCreateParams{name}").__annotations__
        assert part.keys() <= known.keys(), name


def test_a_page_is_opened_once_and_found_and_closed(
    session: StripeSession, world: World, fake: FakeStripe
) -> None:
    assert session.find_page("P-1") is None and session.close_page("P-1") is None
    customer = world.customer(name="Contoso")["id"]
    asked = replace(PAGE, payer_id=customer)
    fake.faults.extend(["lost"] * 5)
    with pytest.raises(Retry):
        session.open_page(asked)
    page = session.open_page(asked)
    assert session.find_page("P-1") == page and len(world.store["checkout.session"]) == 1
    closed = session.close_page("P-1")
    assert closed is not None and closed.state == "expired"
    assert session.close_page("P-1") == session.find_page("P-1") == closed


def test_a_client_who_was_quicker_than_the_closing_has_paid(
    session: StripeSession, world: World, fake: FakeStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.customer(name="Contoso")
    session.open_page(PAYING)
    [made] = world.store["checkout.session"].values()
    expire = fake.api.do_checkout_expire

    def late(id_: str, sent: dict[str, Any]) -> Any:
        made.update(status="complete", payment_status="paid", url=None)
        return expire(id_, sent)

    monkeypatch.setattr(fake.api, "do_checkout_expire", late)
    closed = session.close_page("P-2")
    assert closed is not None and closed.state == "done"


def test_closing_an_attempts_link_ends_the_attempt(session: StripeSession, world: World) -> None:
    customer = world.customer(name="Contoso")["id"]
    method = world.method(customer, "needs_action")["id"]
    [attempt] = session.collect([asking(customer, method)], "K")
    assert attempt.link
    closed = session.close_page(attempt.key)
    assert closed is not None and closed.state == "expired"
    found = session.find_attempt(attempt.key)
    assert found is not None and (found.state, found.reason) == ("cancelled", "abandoned")
    [paid] = session.collect([asking(customer, world.method(customer)["id"], key="INV-8-1")], "K")
    assert paid.state == "succeeded"
    closed = session.close_page("INV-8-1")
    assert closed is not None and closed.state == "done"


def test_what_is_paid_on_a_page_is_known_by_its_key(session: StripeSession, world: World) -> None:
    world.customer(name="Contoso")
    session.open_page(PAYING)
    [made] = world.store["checkout.session"].values()
    assert session.find_attempt("P-2") is None
    world.complete(made)
    page, attempt = session.find_page("P-2"), session.find_attempt("P-2")
    assert page is not None and page.state == "done"
    assert attempt is not None and attempt.state == "succeeded"
    [move, _] = session.pull("bank_transaction", None)
    assert isinstance(move, Pulled) and move.raw["end_to_end_id"] == "P-2"


def test_who_is_declined_on_a_page_may_try_again_there(
    session: StripeSession, world: World
) -> None:
    world.customer(name="Contoso")
    session.open_page(PAYING)
    [made] = world.store["checkout.session"].values()
    with pytest.raises(Refused):
        world.complete(made, fate="insufficient_funds")
    page, attempt = session.find_page("P-2"), session.find_attempt("P-2")
    assert page is not None and page.state == "open"
    assert attempt is not None
    assert (attempt.state, attempt.reason) == ("requires_customer", "insufficient_funds")
    session.close_page("P-2")
    attempt = session.find_attempt("P-2")
    assert attempt is not None and attempt.state == "declined"


def test_a_debit_that_failed_after_its_page_was_done_is_declined(
    session: StripeSession, world: World
) -> None:
    world.customer(name="Contoso")
    session.open_page(replace(PAYING, schemes=("sepa_debit",)))
    [made] = world.store["checkout.session"].values()
    world.complete(made, "sepa_debit")
    attempt = session.find_attempt("P-2")
    assert attempt is not None and attempt.state == "processing"
    world.fail(world.store["payment_intent"][attempt.vendor_ref])
    attempt = session.find_attempt("P-2")
    assert attempt is not None
    assert (attempt.state, attempt.reason) == ("declined", "insufficient_funds")


def test_a_mandate_set_up_on_a_page_names_our_client(session: StripeSession, world: World) -> None:
    session.open_page(PAGE)
    [made] = world.store["checkout.session"].values()
    world.complete(made, "sepa_debit")
    [mandate, *_] = session.pull("mandate", None)
    assert isinstance(mandate, Pulled)
    assert (mandate.raw["client"], mandate.raw["scheme"]) == ("psa:1001", "sepa_debit")


def test_a_customer_who_is_there_stays_as_they_are(session: StripeSession, world: World) -> None:
    kept = world.customer(
        name="Contoso AG", email="x@y.example", metadata={"tallystick_client": "psa:1001"}
    )
    session.open_page(PAGE)
    assert [one["name"] for one in world.store["customer"].values()] == ["Contoso AG"]
    assert kept["email"] == "x@y.example"


def test_a_way_to_pay_that_stripe_has_not_is_not_offered(
    session: StripeSession, world: World
) -> None:
    world.customer(name="Contoso")
    asked = replace(PAYING, schemes=("other_debit",))
    with pytest.raises(SkipRecord, match="takes no other_debit"):
        session.open_page(asked)


def test_a_page_needs_a_place_to_return_to(open_session: Callable[..., StripeSession]) -> None:
    with pytest.raises(SkipRecord, match="return_url"):
        open_session(return_url=None).open_page(PAGE)
