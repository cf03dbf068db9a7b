"""One payment per key, whatever happens to the line; states and causes in our words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from tallystick.connector import CollectionRequest, Collector, Trail
from tallystick.errors import Retry, SkipRecord, Stop
from tallystick.money import Money
from tallystick_gocardless.session import GoCardlessSession

from .conftest import At
from .fake import TOKEN, World

KEY = "INV-2026-0001-1"
Asking = Callable[..., CollectionRequest]


def test_a_request_becomes_a_payment_that_knows_our_key(
    session: GoCardlessSession, world: World, request_of: Asking
) -> None:
    assert isinstance(session, Collector)
    (attempt,) = session.collect([request_of()], KEY)
    assert (attempt.key, attempt.state, attempt.vendor_ref) == (KEY, "processing", "PM001")
    assert world.asked[-1] == (
        "POST",
        "/payments",
        {
            "payments": {
                "amount": 11900,
                "currency": "GBP",
                "charge_date": "2026-07-10",
                "description": "INV-2026-0001",
                "retry_if_possible": False,
                "metadata": {"tallystick_attempt": KEY, "tallystick_invoice": "INV-2026-0001"},
                "links": {"mandate": "MD001"},
            }
        },
    )


@pytest.mark.parametrize("due_on", [date(2026, 7, 1), date(2026, 7, 2), date(2026, 7, 3)])
def test_what_is_due_before_the_scheme_can_is_debited_as_soon_as_it_can(
    session: GoCardlessSession, world: World, request_of: Asking, due_on: date
) -> None:
    session.collect([request_of(due_on=due_on)], KEY)
    assert world.objects["payments"]["PM001"]["charge_date"] == world.earliest


@pytest.mark.parametrize(
    "faults",
    [["lost"], ["unseen"], ["cut"], ["fails"], ["busy"], ["lost", "busy", "fails"], ["lost"] * 4],
)
def test_a_line_that_breaks_makes_no_second_payment(
    session: GoCardlessSession, world: World, request_of: Asking, faults: list[str]
) -> None:
    world.faults.extend(faults)
    (attempt,) = session.collect([request_of()], KEY)
    assert (attempt.state, attempt.vendor_ref) == ("processing", "PM001")
    assert world.counted("payments") == 1


def test_a_silence_is_unknown_and_the_next_try_finds_what_was_made(
    session: GoCardlessSession, world: World, request_of: Asking
) -> None:
    world.faults.extend(["lost", *["unseen"] * 4])
    with pytest.raises(Retry):
        session.collect([request_of()], KEY)
    assert world.counted("payments") == 1
    (attempt,) = session.collect([request_of()], KEY)
    found = session.find_attempt(KEY, Trail(payer_id="CU001"))
    assert attempt == found and found.vendor_ref == "PM001"
    assert world.counted("payments") == 1


def test_a_sign_in_page_in_place_of_an_answer_is_no_answer(
    session: GoCardlessSession, world: World, request_of: Asking
) -> None:
    world.faults.append("page")
    with pytest.raises(Retry, match="no JSON"):
        session.collect([request_of()], KEY)


def test_a_key_used_for_another_request_is_never_taken_for_this_one(
    session: GoCardlessSession, world: World, request_of: Asking
) -> None:
    session.collect([request_of()], KEY)
    for other in (request_of(amount=Money(1, "GBP")), request_of(amount=Money(119_00, "EUR"))):
        with pytest.raises(Retry, match="another request under this key"):
            session.collect([other], KEY)
    assert world.counted("payments") == 1


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("pending_customer_approval", "requires_customer"),
        ("pending_submission", "processing"),
        ("submitted", "processing"),
        ("confirmed", "succeeded"),
        ("paid_out", "succeeded"),
        ("failed", "declined"),
        ("charged_back", "declined"),
        ("customer_approval_denied", "declined"),
        ("cancelled", "cancelled"),
        ("something_new", "unknown"),
    ],
)
@pytest.mark.parametrize("trail", [None, Trail("PM001"), Trail(payer_id="CU001")])
def test_every_status_is_a_state(
    session: GoCardlessSession,
    world: World,
    request_of: Asking,
    status: str,
    state: str,
    trail: Trail | None,
) -> None:
    session.collect([request_of("INV-2-1"), request_of()], "")
    world.objects["payments"]["PM002"]["status"] = status
    trail = trail and trail._replace(vendor_ref=trail.vendor_ref and "PM002")
    found = session.find_attempt(KEY, trail)
    assert found is not None and (found.state, found.vendor_ref) == (state, "PM002")
    assert (found.reason != "") == (state in ("declined", "cancelled", "unknown"))


def test_the_reason_is_the_cause_of_the_newest_event(
    session: GoCardlessSession, world: World, request_of: Asking
) -> None:
    session.collect([request_of()], KEY)
    world.objects["payments"]["PM001"]["status"] = "failed"
    for payment, action, cause in (
        ("PM001", "failed", "bank_account_closed"),
        ("PM001", "failed", "insufficient_funds"),
        ("PM001", "created", "payment_created"),
        ("PM009", "failed", "mandate_cancelled"),
    ):
        world.add(
            "events",
            id=f"EV{world.counted('events')}",
            action=action,
            resource_type="payments",
            links={"payment": payment},
            details={"cause": cause},
        )
    found = session.find_attempt(KEY, Trail("PM001"))
    assert found is not None and found.reason == "insufficient_funds"


def test_what_was_never_received_is_not_found(session: GoCardlessSession, world: World) -> None:
    assert session.find_attempt(KEY) is None
    assert session.find_attempt(KEY, Trail("PM777")) is None


def test_a_payment_is_found_beyond_the_first_page(
    session: GoCardlessSession, world: World, request_of: Asking
) -> None:
    world.page_max = 2
    session.collect([request_of(f"INV-{n}-1") for n in range(7)], "")
    found = session.find_attempt("INV-0-1", Trail(payer_id="CU001"))
    assert found is not None and found.vendor_ref == "PM001"


def test_a_list_in_circles_proves_nothing(
    session: GoCardlessSession, world: World, request_of: Asking
) -> None:
    world.page_max = 2
    session.collect([request_of(f"INV-{n}-1") for n in range(7)], "")
    world.faults.extend(["", "again", "again", "again", "again"])
    with pytest.raises(Stop, match="circles"):
        session.find_attempt("INV-99-1")


def test_an_inactive_mandate_is_refused_with_its_reason(
    session: GoCardlessSession, world: World, request_of: Asking
) -> None:
    world.objects["mandates"]["MD001"]["status"] = "cancelled"
    with pytest.raises(SkipRecord, match=r"Mandate is inactive.*collection INV-2026-0001-1"):
        session.collect([request_of()], KEY)
    with pytest.raises(SkipRecord, match="does not hold mandate"):
        session.collect([request_of(mandate="DE-4711")], KEY)
    assert world.counted("payments") == 0


def test_whoami_proves_the_token_and_the_creditor(at: At, world: World) -> None:
    assert at.session().whoami() == "creditor Tally MSP (CR001) at GoCardless, sandbox"
    world.add("creditors", id="CR002", name="Other")
    with pytest.raises(Stop, match="CR002, CR001"):
        at.session().whoami()
    assert "CR002" in at.session(creditor="CR002").whoami()


def test_no_secret_in_what_is_said(at: At, world: World, request_of: Asking) -> None:
    session = at.session()
    world.faults.extend(["fails"] * 5)
    with pytest.raises(Retry) as caught:
        session.collect([request_of()], KEY)
    for text in (str(caught.value), repr(session), repr(vars(session))):
        assert TOKEN not in text and "CANARY" not in text
