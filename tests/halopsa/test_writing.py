"""What goes out to HaloPSA: once, in lists of one, and with its own words where it refuses."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tallystick.connector import Raw
from tallystick.errors import SkipRecord
from tallystick.testing.faults import Faulty

from .kit import ASSET, KIT, PATHS, PUSHES, TICKET, Judged
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

    def heard(request: httpx.Request, answered: Any) -> httpx.Response:
        if request.method == "POST" and request.url.path == "/api/Asset":
            sent.append(json.loads(request.content))
        return answered(request)  # type: ignore[no-any-return]  # what answers gives a response

    raw: Raw = {"id": "41", "client_id": "2", "key_field": "PC-01b", "inactive": False}
    with KIT.sink(Faulty(Judged(HaloPSA()), heard)) as sink:
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
