"""ConnectWise PSA: the kit's gold tier, and the traps it is known for."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.desks import breaks_off, ids

from tallystick.connector import Broken, Cursor, Whole
from tallystick.errors import Retry, SkipRecord, Stop
from tallystick.testing.faults import Faulty, cut_short, lost_after, status

from .kit import KIT, Judged, Kit
from .service import COMPANY, PRIVATE, ConnectWise, entry


class TestKit(Kit):
    pass


BY_CHANGE = ["client", "contact", "ticket", "booking", "asset", "contract"]


def items(vendor: httpx.BaseTransport, kind: str, since: str | None = None) -> list[Any]:
    return list(KIT.items(vendor, kind, since))


@pytest.mark.parametrize("kind", BY_CHANGE)
def test_what_is_read_by_change_brings_only_what_changed(kind: str) -> None:
    vendor = ConnectWise()
    first = items(vendor, kind)
    assert first[-2:] == [Whole(), Cursor("2026-09-01T11:55:00Z 2026-09-01")]
    for rows in vendor.lists.values():
        for one in rows:
            one.update({"timeStart": "2026-01-05T08:00:00Z"} if "timeStart" in one else {})
    again = items(vendor, kind, first[-1].token)
    assert ids(again) == []
    assert [one for one in again if isinstance(one, Whole) and one.field is None] == []
    for rows in vendor.lists.values():
        rows[0]["_info"] = {**rows[0]["_info"], "lastUpdated": "2026-09-01T11:58:00Z"}
    assert len(ids(items(vendor, kind, first[-1].token))) == 1


def test_after_a_week_all_is_read_again_so_that_deletes_show() -> None:
    later = items(ConnectWise(), "ticket", "2026-08-31T10:00:00Z 2026-08-25")
    assert ids(later) == [31]
    assert later[-2:] == [Whole(), Cursor("2026-09-01T11:55:00Z 2026-09-01")]
    sooner = items(ConnectWise(), "ticket", "2026-08-31T10:00:00Z 2026-08-26")
    assert sooner == [Cursor("2026-09-01T11:55:00Z 2026-08-26")]


def test_time_of_the_window_is_read_whole_and_older_time_when_it_changed() -> None:
    vendor = ConnectWise(0)
    vendor.lists["/time/entries"] = [
        entry(1, "2026-03-02"),
        entry(2, "2026-03-02", at="2026-09-01T10:00:00Z"),
        entry(3, "2026-08-20"),
    ]
    found = items(vendor, "booking", "2026-09-01T09:00:00Z 2026-08-31")
    assert ids(found) == [2, 3]
    [mark] = [one for one in found if isinstance(one, Whole)]
    assert (mark.field, str(mark.start)) == ("work_date", "2026-07-28")


def test_717_entries_come_though_100_are_given_and_conditions_hold_on_every_page() -> None:
    vendor = ConnectWise(717, page_max=100)
    assert ids(items(Judged(vendor), "booking")) == list(range(1, 718))
    for one in vendor.lists["/time/entries"][::2]:
        one["timeStart"] = "2026-01-05T08:00:00Z"
    found = items(Judged(vendor), "booking", "2026-09-01T09:00:00Z 2026-08-31")
    assert ids(found) == list(range(2, 718, 2))


def test_a_link_lost_on_the_way_is_no_end_of_the_list() -> None:
    vendor = ConnectWise(717, page_max=100)
    vendor.links = False
    with KIT.session(Judged(vendor)) as session, pytest.raises(Retry, match="100 of 717 rows"):
        list(session.pull("booking", None))  # type: ignore[attr-defined]  # a Source, as it declares reads
    assert len(ids(items(Judged(ConnectWise(100)), "booking"))) == 100


def test_a_code_base_that_moves_in_the_middle_is_followed_once() -> None:
    vendor = ConnectWise(717, page_max=100)
    seen: list[Any] = []
    with KIT.session(vendor) as session:
        for one in session.pull("booking", None):  # type: ignore[attr-defined]  # a Source, as it declares reads
            seen.append(one)
            if len(seen) == 150:
                vendor.code_base = "v2025_2"
    assert ids(seen) == list(range(1, 718))
    assert vendor.asked.count(f"GET /login/companyinfo/{COMPANY}") == 2


def test_a_404_that_stays_is_told_and_not_asked_for_ever() -> None:
    vendor = ConnectWise()
    with KIT.sink(vendor) as sink, pytest.raises(SkipRecord, match="404"):
        sink.push("asset", {"id": "999", "name": "PC"}, "key")
    assert vendor.asked.count(f"GET /login/companyinfo/{COMPANY}") == 2


def test_the_cursor_is_the_clock_of_connectwise_and_not_ours() -> None:
    vendor = ConnectWise()
    vendor.time = "Tue, 01 Sep 2026 11:00:00 GMT"
    assert items(vendor, "ticket")[-1] == Cursor("2026-09-01T10:55:00Z 2026-09-01")
    vendor.time = None
    assert items(vendor, "ticket")[-1] == Cursor("2026-09-01T11:55:00Z 2026-09-01")


def test_time_becomes_a_booking() -> None:
    [first, *_] = items(Judged(ConnectWise()), "booking")
    booking = KIT.record("booking", first.raw)
    assert (booking.client, booking.ticket, booking.contract) == ("2", "31", "12")
    assert (booking.technician, booking.work_type, booking.billable) == ("5", "Remote", "billable")
    assert (booking.seconds, str(booking.work_date)) == (4500, "2026-08-20")
    timed = KIT.record("booking", {k: v for k, v in first.raw.items() if k != "actualHours"})
    assert timed.seconds == 5400
    assert booking.invoice is None


def test_time_connectwise_has_invoiced_itself_says_on_which_invoice() -> None:
    vendor = ConnectWise()
    vendor.lists["/time/entries"][0]["invoice"] = {"id": 50, "identifier": "CW-1050"}
    [first, *_] = items(Judged(vendor), "booking")
    assert KIT.record("booking", first.raw).invoice == "CW-1050"


def test_an_option_nobody_knows_sets_the_booking_aside() -> None:
    raw = {**entry(1), "billableOption": "NoDefault"}
    assert KIT.read("booking", KIT.reader("booking"), raw) is None


def test_agreements_become_contracts_with_what_they_charge_for() -> None:
    [agreement, *_] = items(Judged(ConnectWise()), "contract")
    contract = KIT.record("contract", agreement.raw)
    assert (str(contract.starts_on), str(contract.ends_on)) == ("2026-01-01", "2027-01-01")
    assert contract.currency == "USD"
    rows = items(Judged(ConnectWise()), "contract_line")
    assert ids(rows) == ["agreement-12", 3] and rows[-1] == Whole()
    own, addition = (KIT.record("contract_line", one.raw) for one in rows[:2])
    assert (own.contract, own.terms["quantity"], str(own.terms["unit_price"])) == ("12", 1, "250.5")
    assert (addition.contract, addition.model) == ("12", "per_unit")
    assert {name: str(one) for name, one in addition.terms.items()} == {
        "count_of": "literal",
        "unit_price": "49.9",
        "quantity": "12.0",
        "included_quantity": "2.0",
        "cycle": "month",
    }


def test_the_others_become_records() -> None:
    contact = KIT.record("contact", items(ConnectWise(), "contact")[0].raw)
    assert (contact.name, contact.email, contact.status) == (
        "Zoe Park",
        "zoe@acme.example",
        "active",
    )
    asset = KIT.record("asset", items(ConnectWise(), "asset")[0].raw)
    assert (asset.client, asset.type, asset.serial) == ("2", "Managed Workstation", "SER-00041")
    ticket = KIT.record("ticket", items(ConnectWise(), "ticket")[0].raw)
    assert (ticket.title, ticket.status) == ("Printer", "New")
    assert str(ticket.opened_at) == "2026-08-03 07:30:00+00:00"


def test_an_item_that_is_none_is_set_aside_alone() -> None:
    vendor = ConnectWise()
    vendor.lists["/time/entries"][1:2] = [{"actualHours": 1}, "nonsense"]
    found = items(vendor, "booking")
    assert ids(found) == [1, 3]
    assert len([one for one in found if isinstance(one, Broken)]) == 2


@pytest.mark.parametrize("fault", [status(429), status(503), cut_short, lost_after])
def test_a_list_that_breaks_off_is_never_taken_for_whole(fault: Any) -> None:
    broken = Faulty(ConnectWise(717, page_max=100), fault, first=4)
    assert isinstance(breaks_off(KIT, broken, "booking"), Retry)


def test_a_login_that_ends_in_the_middle_stops_and_marks_nothing() -> None:
    error = breaks_off(KIT, Faulty(ConnectWise(717, page_max=100), status(401), first=4), "booking")
    assert isinstance(error, Stop)
    assert PRIVATE not in str(error)


def test_an_answer_that_is_no_list_is_never_taken_for_an_empty_one() -> None:
    def told(request: httpx.Request, _: object) -> httpx.Response:
        return httpx.Response(200, json={"message": "maintenance"}, request=request)

    with KIT.session(Faulty(ConnectWise(), told, first=1)) as session, pytest.raises(Retry):
        list(session.pull("ticket", None))  # type: ignore[attr-defined]  # a Source, as it declares reads
