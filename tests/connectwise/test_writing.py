"""What goes out to ConnectWise: once, as a JSON Patch, and with its own words where it refuses."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from tests.desks import heard, tell_as_it_is_paid, tell_without

from tallystick.errors import SkipRecord, Stop
from tallystick.testing.faults import Faulty

from .kit import ASSET, KIT, SETTINGS, STATUS, TICKET, Judged, Kit
from .service import ConnectWise


def test_a_change_is_a_json_patch_of_what_differs() -> None:
    sent: list[Any] = []

    vendor = ConnectWise()
    raw = {"id": "41", "name": "PC-01b", "company": {"id": "2"}, "serialNumber": "SER-00041"}
    with KIT.sink(Faulty(Judged(vendor), heard(sent, "PATCH"))) as sink:
        ref = sink.push("asset", raw, "key-2")
        assert (ref.id, ref.readback["name"]) == ("41", "PC-01b")
        sink.push("asset", raw, "key-3")
    assert sent == [[{"op": "replace", "path": "name", "value": "PC-01b"}]]
    assert len(vendor.lists["/company/configurations"]) == 1


def test_a_custom_field_is_changed_and_the_others_stay() -> None:
    vendor = ConnectWise()
    with KIT.sink(Judged(vendor)) as sink:
        ref = sink.push("asset", ASSET, "key-4").id
        for wanted in ({"id": 9, "value": "A"}, {"id": 9, "value": "B"}):
            sink.push("asset", {"id": ref, "customFields": [wanted]}, "key-5")
        found = sink.find("asset", "key-4")
    assert found is not None and found.id == ref
    assert [one["value"] for one in found.readback["customFields"]] == ["key-4", "B"]


def test_what_is_pushed_twice_under_one_key_is_there_once() -> None:
    vendor = ConnectWise()
    with KIT.sink(Judged(vendor)) as sink:
        first = sink.push("ticket", TICKET, "key-1")
        assert sink.push("ticket", TICKET, "key-1").id == first.id
    assert len(vendor.lists["/service/tickets"]) == 2


def test_what_connectwise_refuses_is_told_in_its_words() -> None:
    with KIT.sink(ConnectWise()) as sink, pytest.raises(SkipRecord, match="summary is required"):
        sink.push("ticket", {"company": {"id": "2"}, "summary": ""}, "key-3")


def test_without_a_field_for_our_key_no_configuration_is_made() -> None:
    class Keyless(Kit):
        settings: ClassVar = {name: one for name, one in SETTINGS.items() if name != "key_field"}

    vendor = ConnectWise()
    with Keyless().sink(vendor) as sink, pytest.raises(Stop, match="found again after a silence"):
        sink.push("asset", ASSET, "key")
    assert len(vendor.lists["/company/configurations"]) == 1


def test_how_far_an_invoice_is_paid_stands_in_one_ticket_that_is_none_to_us() -> None:
    vendor = ConnectWise()
    tell_as_it_is_paid(KIT, Judged(vendor), STATUS)
    _, made, _ = vendor.lists["/service/tickets"]
    assert made["summary"] == "Invoice INV-7: paid; 119.00 USD settled, 0.00 open"
    assert (made["company"], made["board"]) == ({"id": 2}, {"name": "Invoices"})
    read = [row.raw["id"] for row in KIT.pulled(Judged(vendor), "ticket")]
    assert read == [31]


def test_a_status_that_has_no_place_says_what_to_do() -> None:
    with pytest.raises(Stop, match="invoice_board"):
        tell_without(KIT, Judged(ConnectWise()), "invoice_board", STATUS)
    with (
        KIT.sink(Judged(ConnectWise())) as sink,
        pytest.raises(SkipRecord, match="no company of cw:2"),
    ):
        sink.push("invoice_status", {**STATUS, "client_id": None}, "INV-7:1")
