"""A refund is given once; a refund between two others is noticed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tallystick.connector import CollectionRequest, Refunder, RefundRequest
from tallystick.errors import Retry, SkipRecord
from tallystick.money import Money
from tallystick_gocardless.session import GoCardlessSession

from .fake import World

Asking = Callable[..., CollectionRequest]


def wanted(key: str = "REF-1", minor: int = 1_00) -> RefundRequest:
    return RefundRequest(key, "INV-2026-0001-1", "PM001", Money(minor, "GBP"), "too much")


@pytest.fixture
def paid(session: GoCardlessSession, request_of: Asking) -> GoCardlessSession:
    session.collect([request_of()], "")
    return session


def test_refunds_confirm_what_they_sum_to(paid: GoCardlessSession, world: World) -> None:
    assert isinstance(paid, Refunder)
    first, second = paid.refund(wanted()), paid.refund(wanted("REF-2", 2_00))
    assert (first.state, first.vendor_ref, second.vendor_ref) == ("pending", "RF001", "RF002")
    assert world.asked[-1][2]["refunds"]["total_amount_confirmation"] == 3_00


@pytest.mark.parametrize("faults", [["", "lost"], ["", "cut"], ["", "fails"], ["", "lost", "busy"]])
def test_a_line_that_breaks_gives_back_once(
    paid: GoCardlessSession, world: World, faults: list[str]
) -> None:
    world.faults.extend(faults)
    assert paid.refund(wanted()).vendor_ref == "RF001"
    assert paid.refund(wanted()).vendor_ref == "RF001"
    assert world.counted("refunds") == 1


def test_a_refund_made_elsewhere_meanwhile_is_noticed(
    paid: GoCardlessSession, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, first = world.__class__._answer, True

    def another(self: World, *args: object, **more: object) -> object:
        nonlocal first
        answer = make(self, *args, **more)  # type: ignore[arg-type]  # handed on as they came
        if first:
            first = False
            self.add("refunds", amount=50, currency="GBP", links={"payment": "PM001"})
        return answer

    monkeypatch.setattr(World, "_answer", another)
    with pytest.raises(SkipRecord, match=r"Total does not add up.*refund REF-1"):
        paid.refund(wanted())


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("paid", "succeeded"),
        ("bounced", "failed"),
        ("funds_returned", "failed"),
        ("odd", "unknown"),
    ],
)
def test_a_refund_is_found_by_its_key(
    paid: GoCardlessSession, world: World, status: str, state: str
) -> None:
    assert paid.find_refund("REF-1") is None
    paid.refund(wanted())
    world.objects["refunds"]["RF001"]["status"] = status
    found = paid.find_refund("REF-1")
    assert found is not None and (found.state, found.vendor_ref) == (state, "RF001")


def test_a_key_of_another_refund_is_not_taken(paid: GoCardlessSession, world: World) -> None:
    paid.refund(wanted())
    world.objects["refunds"]["RF001"]["metadata"] = {}
    with pytest.raises(Retry, match="another request"):
        paid.refund(wanted())
