"""What goes out to Autotask: once, in its numbers, and with its own words where it refuses."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.desks import heard, tell_as_it_is_paid, tell_without

from tallystick.connector import Raw
from tallystick.errors import Retry, SkipRecord, Stop
from tallystick.testing.faults import Faulty, status

from .kit import BOOKING, ENTITIES, KIT, PUSHES, STATUS, TICKET, Judged
from .service import Autotask


@pytest.mark.parametrize("record", PUSHES)
def test_what_is_pushed_twice_under_one_key_is_there_once(record: str) -> None:
    vendor = Autotask()
    before = len(vendor.lists[ENTITIES[record]])
    with KIT.sink(Judged(vendor)) as sink:
        first = sink.push(record, PUSHES[record], "ninjaone:4711")
        assert sink.push(record, PUSHES[record], "ninjaone:4711").id == first.id
        assert sink.push(record, PUSHES[record], "x" * 80).id != first.id
        assert sink.find(record, "x" * 80) is not None
    assert len(vendor.lists[ENTITIES[record]]) == before + 2


def test_words_go_out_as_numbers_and_come_back_as_words() -> None:
    vendor = Autotask()
    with KIT.sink(Judged(vendor)) as sink:
        ref = sink.push("ticket", TICKET, "zabbix:1")
    made = vendor.lists["Tickets"][-1]
    told = [made[name] for name in ("status", "priority", "queueID", "companyID", "externalID")]
    assert told == [1, 2, 8, 2, "zabbix:1"]
    assert (
        KIT.record("ticket", {**ref.readback, "createDate": "2026-09-01T00:00:00Z"}).status == "New"
    )


def test_time_on_a_ticket_is_of_the_role_the_ticket_is_assigned_in() -> None:
    vendor = Autotask()
    with KIT.sink(Judged(vendor)) as sink:
        sink.push("booking", BOOKING, "desk:1")
        made = vendor.lists["TimeEntries"][-1]
        assert (made["roleID"], made["billingCodeID"], made["resourceID"]) == (7, 22, 5)
        del vendor.lists["Tickets"][0]["assignedResourceRoleID"]
        with pytest.raises(SkipRecord, match="assigned to nobody"):
            sink.push("booking", BOOKING, "desk:2")


def test_a_change_is_what_differs() -> None:
    sent: list[Any] = []

    vendor = Autotask()
    raw: Raw = {
        "id": "41",
        "companyID": "2",
        "referenceTitle": "PC-01b",
        "labels": {"configurationItemType": "Workstation"},
    }
    with KIT.sink(Faulty(Judged(vendor), heard(sent, "PATCH"))) as sink:
        ref = sink.push("asset", raw, "key-2")
        assert (ref.id, ref.readback["referenceTitle"]) == ("41", "PC-01b")
        sink.push("asset", raw, "key-3")
    assert sent == [{"id": 41, "referenceTitle": "PC-01b"}]


def test_what_autotask_refuses_with_a_500_is_told_in_its_words_and_is_no_retry() -> None:
    with (
        KIT.sink(Autotask()) as sink,
        pytest.raises(SkipRecord, match="Missing required field: title"),
    ):
        sink.push("ticket", {"companyID": "2"}, "key-3")


def test_a_500_that_says_nothing_of_the_record_may_have_made_it() -> None:
    def failing(request: httpx.Request, answered: Any) -> httpx.Response:
        if request.method == "POST" and request.url.path.endswith("/Tickets"):
            answered(request)
            return status(500)(request, answered)
        return answered(request)  # type: ignore[no-any-return]  # what answers gives a response

    vendor = Autotask()
    with KIT.sink(Faulty(vendor, failing)) as sink:
        with pytest.raises(Retry):
            sink.push("ticket", TICKET, "key-4")
        found = sink.find("ticket", "key-4")
    assert found is not None and len(vendor.lists["Tickets"]) == 2


def test_a_word_autotask_does_not_have_is_said_with_those_it_has() -> None:
    raw: Raw = {"companyID": "2", "labels": {"configurationItemType": "Toaster"}}
    only = pytest.raises(SkipRecord, match="configurationItemType 'Toaster': only Server, Work")
    with KIT.sink(Autotask()) as sink, only:
        sink.push("asset", raw, "key-5")


def test_how_far_an_invoice_is_paid_stands_in_one_ticket_that_is_none_to_us() -> None:
    vendor = Autotask()
    tell_as_it_is_paid(KIT, Judged(vendor), STATUS)
    made = vendor.lists["Tickets"][1]
    assert made["title"] == "Invoice INV-7: paid; 119.00 USD settled, 0.00 open"
    assert [made[name] for name in ("companyID", "queueID", "status", "priority")] == [2, 9, 1, 2]
    assert [row.raw["id"] for row in KIT.pulled(Judged(vendor), "ticket")] == [31]


def test_a_status_that_has_no_place_says_what_to_do() -> None:
    with pytest.raises(Stop, match="invoice_queue"):
        tell_without(KIT, Judged(Autotask()), "invoice_queue", STATUS)
    unknown = pytest.raises(SkipRecord, match="no company of at:2")
    with KIT.sink(Judged(Autotask())) as sink, unknown:
        sink.push("invoice_status", {**STATUS, "client_id": None}, "INV-7:1")
