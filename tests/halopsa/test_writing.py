"""What goes out to HaloPSA: once, in lists of one, and with its own words where it refuses."""

from __future__ import annotations

from typing import Any

import pytest
from tests.desks import heard, tell_as_it_is_paid, tell_without

from tallystick.connector import Raw
from tallystick.errors import SkipRecord, Stop
from tallystick.testing.faults import Faulty

from .kit import ASSET, KIT, PATHS, PUSHES, STATUS, TICKET, Judged
from .service import HaloPSA


@pytest.mark.parametrize("record", PUSHES)
def test_what_is_pushed_twice_under_one_key_is_there_once(record: str) -> None:
    vendor = HaloPSA()
    with KIT.sink(Judged(vendor)) as sink:
        first = sink.push(record, PUSHES[record], "ninjaone:4711")
        assert sink.push(record, PUSHES[record], "ninjaone:4711").id == first.id
        assert sink.push(record, PUSHES[record], "ninjaone:471").id != first.id
        assert sink.push(record, PUSHES[record], "x" * 80).id != first.id
    assert len(vendor.lists[PATHS[record]]) == 4


def test_what_is_sent_is_a_list_and_what_differs() -> None:
    sent: list[Any] = []

    raw: Raw = {"id": "41", "client_id": "2", "key_field": "PC-01b", "inactive": False}
    with KIT.sink(Faulty(Judged(HaloPSA()), heard(sent, "POST", "/Asset"))) as sink:
        assert sink.push("asset", raw, "key-2").readback["key_field"] == "PC-01b"
        sink.push("asset", raw, "key-3")
        sink.push("asset", ASSET, "key-4")
    assert sent == [
        [{"id": 41, "key_field": "PC-01b"}],
        [
            {
                "assettype_id": 3,
                "client_id": 2,
                "key_field": "PC-02",
                "inactive": False,
                "inventory_number": "key-4",
                "site_id": 9,
            }
        ],
    ]


def test_an_asset_of_a_client_without_a_site_is_set_aside() -> None:
    vendor = HaloPSA()
    vendor.lists["Client"][0]["main_site_id"] = None
    with KIT.sink(vendor) as sink, pytest.raises(SkipRecord, match="no main site"):
        sink.push("asset", ASSET, "key")
    assert len(vendor.lists["Asset"]) == 1


def test_what_halo_refuses_is_told_in_its_words() -> None:
    raw = {**TICKET, "summary": ""}
    with KIT.sink(HaloPSA()) as sink, pytest.raises(SkipRecord, match="summary is wanted"):
        sink.push("ticket", raw, "key-3")


def test_how_far_an_invoice_is_paid_stands_in_one_ticket_that_is_none_to_us() -> None:
    vendor = HaloPSA()
    tell_as_it_is_paid(KIT, Judged(vendor), STATUS)
    made = vendor.lists["Tickets"][1]
    assert made["summary"] == "Invoice INV-7: paid; 119.00 GBP settled, 0.00 open"
    assert (made["client_id"], made["tickettype_id"]) == (2, 6)
    assert [row.raw["id"] for row in KIT.pulled(Judged(vendor), "ticket")] == [31]


def test_a_status_that_has_no_place_says_what_to_do() -> None:
    with pytest.raises(Stop, match="invoice_ticket_type"):
        tell_without(KIT, Judged(HaloPSA()), "invoice_ticket_type", STATUS)
    with (
        KIT.sink(Judged(HaloPSA())) as sink,
        pytest.raises(SkipRecord, match="no client of halo:2"),
    ):
        sink.push("invoice_status", {**STATUS, "client_id": None}, "INV-7:1")
