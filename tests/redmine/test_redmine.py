"""Redmine: the kit's silver tier, and the traps it is known for."""

from __future__ import annotations

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
    "key_field": 7,
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
