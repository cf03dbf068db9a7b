"""One PaymentIntent per key, whatever the line does, and its state in our words."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest

from tallystick.connector import Attempt, Trail
from tallystick.errors import Retry, SkipRecord, Stop
from tallystick_stripe.session import StripeSession

from .conftest import START, Clock, asking
from .server import FakeStripe
from .world import World

KEY = "INV-2026-0007-1"
TRIES = 5


def intents(world: World) -> int:
    return len(world.store.get("payment_intent", {}))


def collected(session: StripeSession, world: World, fate: str, kind: str = "card") -> Attempt:
    customer = world.customer(name="Contoso")["id"]
    method = world.method(customer, fate, kind)["id"]
    scheme = "ach_debit" if kind == "us_bank_account" else kind
    [attempt] = session.collect([asking(customer, method, scheme=scheme)], KEY)
    return attempt


def test_a_card_is_charged_at_once_under_our_key(session: StripeSession, world: World) -> None:
    attempt = collected(session, world, "ok")
    [intent] = world.store["payment_intent"].values()
    assert attempt == Attempt(KEY, "succeeded", intent["id"])
    assert (intent["amount"], intent["currency"]) == (12345, "eur")
    assert intent["metadata"] == {
        "tallystick_attempt": KEY,
        "tallystick_invoice": "INV-2026-0007",
    }
    assert world.store["charge"][intent["latest_charge"]]["metadata"] == intent["metadata"]


@pytest.mark.parametrize("code", ["insufficient_funds", "lost_card", "expired_card"])
def test_a_decline_is_told_in_stripes_own_word(
    session: StripeSession, world: World, code: str
) -> None:
    attempt = collected(session, world, code)
    [intent] = world.store["payment_intent"].values()
    assert attempt == Attempt(KEY, "declined", intent["id"], code)
    assert session.find_attempt(KEY) == attempt


@pytest.mark.parametrize("kind", ["sepa_debit", "bacs_debit", "us_bank_account"])
def test_a_bank_debit_is_on_its_way_until_it_is_settled_or_comes_back(
    session: StripeSession, world: World, kind: str
) -> None:
    attempt = collected(session, world, "ok", kind)
    assert attempt.state == "processing"
    [intent] = world.store["payment_intent"].values()
    world.settle(intent)
    trail = Trail(attempt.vendor_ref)
    found = session.find_attempt(KEY, trail)
    assert found is not None and found.state == "succeeded"
    world.fail(intent)
    found = session.find_attempt(KEY, trail)
    assert found is not None and (found.state, found.reason) == ("declined", "insufficient_funds")


def test_who_must_authenticate_is_sent_to_a_page_of_the_same_intent(
    session: StripeSession, world: World
) -> None:
    attempt = collected(session, world, "needs_action")
    [intent] = world.store["payment_intent"].values()
    url = f"https://hooks.stripe.com/redirect/authenticate/{intent['id']}"
    assert attempt == Attempt(KEY, "requires_customer", intent["id"], "", url)
    assert session.find_attempt(KEY) == attempt
    world.authenticate(intent)
    found = session.find_attempt(KEY)
    assert found is not None and found.state == "succeeded" and intents(world) == 1


def test_without_a_place_to_return_to_authentication_is_only_told(
    open_session: Callable[..., StripeSession], world: World
) -> None:
    attempt = collected(open_session(return_url=None), world, "needs_action")
    assert (attempt.state, attempt.link) == ("requires_customer", None)
    assert attempt.reason == "authentication_required"


@pytest.mark.parametrize("fault", ["lost", "broken", "cut"])
def test_a_link_whose_answer_was_lost_is_told_the_next_time(
    session: StripeSession, world: World, fake: FakeStripe, fault: str
) -> None:
    customer = world.customer(name="Contoso")["id"]
    request = asking(customer, world.method(customer, "needs_action")["id"])
    fake.faults.extend(["", *[fault] * TRIES])
    with pytest.raises(Retry):
        session.collect([request], KEY)
    fake.faults.clear()
    found = session.find_attempt(KEY, Trail("", customer))
    assert found is not None and found.state == "requires_customer"
    assert found.link is not None and intents(world) == 1


def test_who_authenticated_meanwhile_has_paid(session: StripeSession, world: World) -> None:
    customer = world.customer(name="Contoso")["id"]
    request = asking(customer, world.method(customer, "needs_action")["id"])
    session.collect([request], KEY)
    [intent] = world.store["payment_intent"].values()
    world.authenticate(intent)
    world.fates[request.mandate] = "ok"
    found = session.find_attempt(KEY)
    assert found is not None and found.state == "succeeded" and intents(world) == 1


def test_what_was_made_and_then_refused_is_declined_not_set_aside(
    session: StripeSession, world: World
) -> None:
    attempt = collected(session, world, "mandate_invalid", "sepa_debit")
    [intent] = world.store["payment_intent"].values()
    assert attempt == Attempt(KEY, "declined", intent["id"], "payment_intent_mandate_invalid")


def test_an_id_or_a_payer_stripe_does_not_know_is_looked_up_by_key(
    session: StripeSession, world: World
) -> None:
    attempt = collected(session, world, "ok")
    for trail in (Trail("pi_gone"), Trail("pi_gone", "cus_gone"), Trail("", "cus_gone")):
        assert session.find_attempt(KEY, trail) == attempt
    assert session.find_attempt("never-sent", Trail("pi_gone", "cus_gone")) is None


@pytest.mark.parametrize("fault", ["lost", "unseen", "broken", "fails", "busy", "cut", "page"])
@pytest.mark.parametrize("times", [1, TRIES, 2 * TRIES])
def test_one_attempt_charges_once_whatever_the_line_does(
    session: StripeSession, world: World, fake: FakeStripe, fault: str, times: int
) -> None:
    customer = world.customer(name="Contoso")["id"]
    request = asking(customer, world.method(customer)["id"])
    fake.faults.extend([fault] * times)
    answers = []
    for _ in range(2 if fault in ("broken", "fails") else 2 * TRIES + 1):
        with suppress(Retry):
            answers = list(session.collect([request], KEY))
            break
    fake.faults.clear()
    found = session.find_attempt(KEY, Trail("", customer))
    charges = len(world.store.get("charge", {}))
    if fault == "fails":  # nothing happened, and under this key nothing ever will
        assert (found, answers, charges) == (None, [], 0)
    else:
        assert found is not None and found.state == "succeeded" and charges == 1
        assert answers in ([found], [] if fault == "broken" else [found])


def test_another_request_under_the_key_is_not_taken_for_refused(
    session: StripeSession, world: World
) -> None:
    customer = world.customer(name="Contoso")["id"]
    method = world.method(customer)["id"]
    session.collect([asking(customer, method)], KEY)
    with pytest.raises(Retry, match=r"another request under this key.*INV-2026-0007-1"):
        session.collect([asking(customer, method, minor=99)], KEY)
    assert intents(world) == 1


def test_a_key_that_stripe_forgot_charges_again(
    session: StripeSession, world: World, clock: Clock
) -> None:
    """Why a key is not sent again after its lifetime: the fake forgets like Stripe does."""
    customer = world.customer(name="Contoso")["id"]
    request = asking(customer, world.method(customer)["id"])
    for hours in (0, 20, 4):
        clock.pass_(hours=hours)
        session.collect([request], KEY)
    assert intents(world) == 2


def test_an_attempt_is_found_by_its_id_its_payer_or_among_all(
    session: StripeSession, world: World, fake: FakeStripe, clock: Clock
) -> None:
    attempt = collected(session, world, "ok")
    other = world.customer(name="Other")["id"]
    method = world.method(other)["id"]
    for _ in range(101):
        sent = {"amount": "1", "currency": "eur", "customer": other, "payment_method": method}
        fake.api.do_payment_intents({**sent, "allowed_payment_method_types": ["card"]})
    customer = world.store["payment_intent"][attempt.vendor_ref]["customer"]
    clock.pass_(days=30)
    assert session.find_attempt("never-sent", Trail("", None, clock.now)) is None
    assert len(fake.requests[-1][2]["created"]["gte"]) == 10
    trails = ((Trail(attempt.vendor_ref), 1), (Trail("", customer, START), 1), (None, 2))
    for trail, calls in trails:
        before = len(fake.requests)
        assert session.find_attempt(KEY, trail) == attempt
        assert len(fake.requests) - before == calls
    assert session.find_attempt("never-sent") is None


def test_what_stripe_does_not_take_is_set_aside_and_nothing_went_out(
    session: StripeSession, world: World
) -> None:
    customer = world.customer(name="Contoso")["id"]
    with pytest.raises(SkipRecord, match="gone at Stripe") as caught:
        session.collect([asking(customer, "pm_gone")], KEY)
    assert (caught.value.ref, caught.value.connection) == (KEY, "cards")
    with pytest.raises(SkipRecord, match="does not hold mandate M-1"):
        session.collect([asking(None, "M-1", scheme="sepa_debit")], KEY)
    with pytest.raises(SkipRecord, match="does not hold mandate M-1"):
        session.collect([asking(customer, "M-1", scheme="other_debit")], KEY)
    assert intents(world) == 0


def test_a_wrong_key_and_a_wrong_account_stop(
    open_session: Callable[..., StripeSession], session: StripeSession
) -> None:
    assert session.whoami() == "account acct_1NordlichtIT at Stripe, in test mode"
    with pytest.raises(Stop, match="401"):
        open_session(key="sk_test_other").whoami()
    with pytest.raises(Stop, match="acct_1NordlichtIT, not of acct_other"):
        open_session(account="acct_other").whoami()
