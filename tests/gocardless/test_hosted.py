"""Pages on which clients give a mandate or pay by hand."""

from __future__ import annotations

from typing import Any

import pytest

from tallystick.connector import PageHost, PageRequest
from tallystick.errors import SkipRecord
from tallystick.money import Money
from tallystick_gocardless.session import GoCardlessSession

from .fake import World


def wanted(**changes: Any) -> PageRequest:
    values: dict[str, Any] = {
        "key": "PAGE-1",
        "client": "psa:1001",
        "name": "Harbour Ltd",
        "email": "ap@harbour.example",
        "schemes": ("bacs_debit",),
        "currency": "GBP",
    }
    return PageRequest(**{**values, **changes})


def test_a_page_for_a_mandate(session: GoCardlessSession, world: World) -> None:
    assert isinstance(session, PageHost)
    page = session.open_page(wanted())
    assert (page.key, page.state, page.url) == ("PAGE-1", "open", "https://pay.example/BRF001")
    assert page.expires_at is not None and page.vendor_ref == "BRQ001"
    (_, customer), (_, asked), (_, flow) = [one[1:] for one in world.asked if one[0] == "POST"]
    assert customer["customers"] == {
        "company_name": "Harbour Ltd",
        "email": "ap@harbour.example",
        "metadata": {"tallystick_client": "psa:1001"},
    }
    assert asked["billing_requests"] == {
        "metadata": {"tallystick_page": "PAGE-1"},
        "mandate_request": {"currency": "GBP", "scheme": "bacs"},
        "links": {"customer": "CU002"},
    }
    assert flow["billing_request_flows"] == {
        "links": {"billing_request": "BRQ001"},
        "redirect_uri": "https://msp.example/paid",
        "exit_uri": "https://msp.example/paid",
    }


def test_a_page_to_pay_on(session: GoCardlessSession, world: World) -> None:
    session.open_page(
        wanted(amount=Money(119_00, "GBP"), invoice="INV-2026-0001", payer_id="CU001")
    )
    asked = world.asked[0][2]["billing_requests"]
    assert asked["links"] == {"customer": "CU001"} and "mandate_request" not in asked
    assert asked["payment_request"]["description"] == "INV-2026-0001"
    assert world.counted("customers") == 1
    with pytest.raises(SkipRecord, match="USD"):
        session.open_page(wanted(amount=Money(1, "USD"), currency="USD"))


@pytest.mark.parametrize(
    "faults",
    [["lost"], ["", "lost"], ["", "cut"], ["", "", "fails"], ["", "", "lost"], ["", "", "unseen"]],
)
def test_the_same_key_is_one_page_however_often(
    session: GoCardlessSession, world: World, faults: list[str]
) -> None:
    world.faults.extend(faults)
    assert session.open_page(wanted()).vendor_ref == "BRQ001"
    assert session.open_page(wanted()).vendor_ref == "BRQ001"
    assert world.counted("billing_requests") == 1
    assert world.counted("customers") == 2


def test_a_page_ends_done_or_expired(session: GoCardlessSession, world: World) -> None:
    for key in ("PAGE-1", "PAGE-2"):
        session.open_page(wanted(key=key))
    world.objects["billing_requests"]["BRQ002"]["status"] = "fulfilled"
    states = {
        key: page and page.state for key in ("PAGE-1", "PAGE-2") if (page := session.find_page(key))
    }
    assert states == {"PAGE-1": "open", "PAGE-2": "done"}
    closed, done = session.close_page("PAGE-1"), session.close_page("PAGE-2")
    assert closed is not None and closed.state == "expired"
    assert done is not None and done.state == "done"
    assert session.find_page("PAGE-9") is None and session.close_page("PAGE-9") is None


def test_a_payer_who_is_faster_than_the_close_has_paid(
    session: GoCardlessSession, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.open_page(wanted())
    act = World._act

    def late(self: World, envelope: str, id_: str, action: str) -> object:
        self.objects[envelope][id_]["status"] = "fulfilled"
        return act(self, envelope, id_, action)

    monkeypatch.setattr(World, "_act", late)
    page = session.close_page("PAGE-1")
    assert page is not None and page.state == "done"


def test_what_was_paid_on_a_page_is_known_by_its_key(
    session: GoCardlessSession, world: World
) -> None:
    session.open_page(wanted(amount=Money(119_00, "GBP")))
    assert session.find_attempt("PAGE-1") is None
    links = {"mandate": "MD001"}
    world.add("payments", amount=119_00, currency="GBP", status="confirmed", links=links)
    world.objects["billing_requests"]["BRQ001"]["links"] = {"payment_request_payment": "PM001"}
    found = session.find_attempt("PAGE-1")
    assert found is not None and (found.state, found.vendor_ref) == ("succeeded", "PM001")
