"""Redmine: the kit's silver tier, and the traps it is known for."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

import httpx
import pytest

from tallystick.connector import Cursor, Pulled, Whole
from tallystick.errors import Retry, SkipRecord, Stop
from tallystick.testing.contract import ConnectorContract
from tallystick.testing.faults import Faulty, status
from tallystick_redmine import REDMINE

from .service import KEY, Redmine

SETTINGS = {
    "url": "https://redmine.example",
    "key": KEY,
    "asset_tracker": 4,
    "ticket_tracker": 3,
    "invoice_tracker": 6,
    "key_field": 7,
}
STATUS = {
    "id": "INV-7",
    "client": "desk:1",
    "client_id": "1",
    "status": "part_paid",
    "settled": Decimal("100.00"),
    "open": Decimal("19.00"),
    "currency": "EUR",
}


class TestKit(ConnectorContract):
    connector = REDMINE
    settings: ClassVar = SETTINGS
    exempt: ClassVar = {
        "since_narrows": "projects, users and time entries are read whole; issues are tested below"
    }
    pushes: ClassVar = {
        "asset": {"project": {"id": "1"}, "subject": "PC-02"},
        "ticket": {"project": {"id": "1"}, "subject": "Disk full"},
        "invoice_status": STATUS,
    }

    def vendor(self) -> httpx.BaseTransport:
        return Redmine()

    def taken(self, vendor: httpx.BaseTransport, record: str) -> int:
        assert isinstance(vendor, Redmine)
        return len(vendor.issues) - 2


KIT = TestKit()


def items(vendor: httpx.BaseTransport, kind: str, since: str | None = None) -> list[Any]:
    return list(KIT.items(vendor, kind, since))


def test_issues_come_by_change_and_devices_apart_from_tickets() -> None:
    [ticket, mark] = items(Redmine(), "ticket")
    assert ticket.raw["subject"] == "Printer" and mark == Cursor("2026-09-01T11:55:00Z")
    [asset, _] = items(Redmine(), "asset")
    assert asset.raw["subject"] == "PC-01"
    assert len(items(Redmine(), "ticket", "2026-08-20T10:00:00Z")) == 2
    assert len(items(Redmine(), "ticket", "2026-08-20T10:00:01Z")) == 1


def test_717_time_entries_come_though_100_are_given_at_a_time() -> None:
    found = items(Redmine(717), "booking")
    assert len([one for one in found if isinstance(one, Pulled)]) == 717
    assert found[-2:] == [Whole(), Cursor("2026-09-01")]


def test_time_entries_of_the_window_are_read_whole_so_that_deletes_show() -> None:
    found = items(Redmine(40), "booking", "2026-08-31")
    mark = found[-2]
    assert isinstance(mark, Whole)
    assert (mark.field, str(mark.start)) == ("work_date", "2026-06-01")


def test_a_time_entry_becomes_a_booking() -> None:
    [first, *_] = items(Redmine(), "booking")
    booking = KIT.record("booking", first.raw)
    assert (booking.client, booking.ticket, booking.technician) == ("1", "1", "5")
    assert (booking.seconds, booking.work_type, str(booking.work_date)) == (
        4500,
        "Remote",
        "2026-08-02",
    )


def test_a_device_is_changed_in_place() -> None:
    vendor = Redmine()
    with KIT.sink(vendor) as sink:
        ref = sink.push("asset", {"id": "2", "subject": "PC-01b"}, "key-2")
    assert (ref.id, ref.readback["subject"]) == ("2", "PC-01b")
    assert len(vendor.issues) == 2


def test_what_redmine_refuses_is_told_in_its_words() -> None:
    with KIT.sink(Redmine()) as sink, pytest.raises(SkipRecord, match="Subject cannot be blank"):
        sink.push("asset", {"project": {"id": "1"}, "subject": ""}, "key-3")


def test_without_a_field_for_our_key_nothing_is_made() -> None:
    class Keyless(TestKit):
        settings: ClassVar = {name: one for name, one in SETTINGS.items() if name != "key_field"}

    vendor = Redmine()
    with Keyless().sink(vendor) as sink, pytest.raises(Stop, match="found again after a silence"):
        sink.push("asset", {"project": {"id": "1"}, "subject": "PC"}, "key")
    assert len(vendor.issues) == 2


def test_a_key_that_is_no_good_stops_though_lists_would_be_empty() -> None:
    class Wrong(TestKit):
        settings: ClassVar = {**SETTINGS, "key": "wrong-canary"}

    with Wrong().session(Redmine()) as session, pytest.raises(Stop) as caught:
        session.whoami()
    assert "wrong-canary" not in str(caught.value)


def test_a_list_that_breaks_off_is_never_taken_for_whole() -> None:
    found: list[Any] = []
    broken = Faulty(Redmine(717), status(503), first=3)
    with KIT.session(broken) as session, pytest.raises(Retry):
        found.extend(session.pull("booking", None))  # type: ignore[attr-defined]  # a Source, as it declares reads
    assert not any(isinstance(one, Whole) for one in found)


def test_how_far_an_invoice_is_paid_stands_in_one_issue_with_a_note_each_time() -> None:
    redmine = Redmine()
    paid = {**STATUS, "status": "paid", "settled": Decimal("119.00"), "open": Decimal("0.00")}
    with KIT.sink(redmine) as sink:
        first = sink.push("invoice_status", STATUS, "INV-7:1")
        assert sink.push("invoice_status", paid, "INV-7:3").id == first.id
        assert sink.push("invoice_status", paid, "INV-7:3").id == first.id
        assert sink.find("invoice_status", "INV-7:1") is None
    *_, issue = redmine.issues
    assert (issue["subject"], issue["project"]["id"]) == ("Invoice INV-7: paid", 1)
    assert issue["journals"] == [{"notes": "119.00 EUR settled, 0.00 EUR open."}]


def test_the_issue_of_an_invoice_is_no_ticket() -> None:
    redmine = Redmine()
    with KIT.sink(redmine) as sink:
        sink.push("invoice_status", STATUS, "INV-7:1")
    tickets = [one.raw["subject"] for one in items(redmine, "ticket") if isinstance(one, Pulled)]
    assert tickets == ["Printer"]


def test_an_invoice_of_a_client_redmine_does_not_know_is_refused_in_words() -> None:
    unknown = {**STATUS, "client": "psa:K1", "client_id": None}
    with KIT.sink(Redmine()) as sink, pytest.raises(SkipRecord, match="no project of psa:K1"):
        sink.push("invoice_status", unknown, "INV-7:1")


def test_without_a_tracker_for_invoices_it_says_what_to_set() -> None:
    class Bare(TestKit):
        settings: ClassVar = {**SETTINGS, "invoice_tracker": None}

    with Bare().sink(Redmine()) as sink, pytest.raises(Stop, match="invoice_tracker"):
        sink.push("invoice_status", STATUS, "INV-7:1")
