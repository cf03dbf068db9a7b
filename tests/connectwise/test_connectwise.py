"""ConnectWise PSA: the kit's gold tier, each request and answer held against the vendor's document,
and the traps it is known for."""

from __future__ import annotations

import json
from typing import Any, ClassVar

import httpx
import pytest
from tests.openapi import spec

from tallystick.connector import Broken, Cursor, Pulled, Whole
from tallystick.errors import Retry, SkipRecord, Stop
from tallystick.testing.contract import ConnectorContract
from tallystick.testing.faults import Faulty, cut_short, lost_after, status
from tallystick_connectwise import CONNECTWISE

from .service import CLIENT, COMPANY, HOST, PRIVATE, PUBLIC, ConnectWise, entry

SETTINGS = {
    "url": HOST,
    "company": COMPANY,
    "public_key": PUBLIC,
    "private_key": PRIVATE,
    "client_id": CLIENT,
    "key_field": {"id": 7, "caption": "Tallystick key"},
}
DOCUMENT = spec("connectwise/openapi.json", "/v2025_1/apis/3.0")
ASSET = {"company": {"id": "2"}, "name": "PC-02", "type": {"name": "Managed Workstation"}}
TICKET = {"company": {"id": "2"}, "summary": "Disk full"}


class Judged(httpx.BaseTransport):
    """ConnectWise, but for its company info held against the vendor's document."""

    def __init__(self, tenant: ConnectWise) -> None:
        self.tenant = tenant
        self._judged = DOCUMENT.judged(tenant)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        login = request.url.path.startswith("/login/")
        return (self.tenant if login else self._judged).handle_request(request)


class TestKit(ConnectorContract):
    connector = CONNECTWISE
    settings: ClassVar = SETTINGS
    exempt: ClassVar = {
        "since_narrows": "members and additions are read whole; the others are tested below"
    }
    pushes: ClassVar = {"asset": ASSET, "ticket": TICKET}

    def vendor(self) -> httpx.BaseTransport:
        return Judged(ConnectWise())

    def taken(self, vendor: httpx.BaseTransport, record: str) -> int:
        assert isinstance(vendor, Judged)
        path = "/service/tickets" if record == "ticket" else "/company/configurations"
        return len(vendor.tenant.lists[path]) - 1

    def conforms(self, request: httpx.Request) -> None:
        if not request.url.path.startswith("/login/"):
            DOCUMENT.check_request(request)


KIT = TestKit()
BY_CHANGE = ["client", "contact", "ticket", "booking", "asset", "contract"]


def items(vendor: httpx.BaseTransport, kind: str, since: str | None = None) -> list[Any]:
    return list(KIT.items(vendor, kind, since))


def ids(found: list[Any]) -> list[int]:
    return [one.raw["id"] for one in found if isinstance(one, Pulled)]


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
    seen: list[Any] = []
    broken = Faulty(ConnectWise(717, page_max=100), fault, first=4)
    with KIT.session(broken) as session, pytest.raises(Retry):
        seen.extend(session.pull("booking", None))  # type: ignore[attr-defined]  # a Source, as it declares reads
    assert not any(isinstance(one, Whole | Cursor) for one in seen)


def test_a_login_that_ends_in_the_middle_stops_and_marks_nothing() -> None:
    seen: list[Any] = []
    broken = Faulty(ConnectWise(717, page_max=100), status(401), first=4)
    with KIT.session(broken) as session, pytest.raises(Stop) as caught:
        seen.extend(session.pull("booking", None))  # type: ignore[attr-defined]  # a Source, as it declares reads
    assert not any(isinstance(one, Whole | Cursor) for one in seen)
    assert PRIVATE not in str(caught.value)


def test_an_answer_that_is_no_list_is_never_taken_for_an_empty_one() -> None:
    def told(request: httpx.Request, _: object) -> httpx.Response:
        return httpx.Response(200, json={"message": "maintenance"}, request=request)

    with KIT.session(Faulty(ConnectWise(), told, first=1)) as session, pytest.raises(Retry):
        list(session.pull("ticket", None))  # type: ignore[attr-defined]  # a Source, as it declares reads


def test_a_change_is_a_json_patch_of_what_differs() -> None:
    sent: list[Any] = []

    def heard(request: httpx.Request, answered: Any) -> httpx.Response:
        if request.method == "PATCH":
            sent.append(json.loads(request.content))
        return answered(request)  # type: ignore[no-any-return]  # what answers gives a response

    vendor = ConnectWise()
    raw = {"id": "41", "name": "PC-01b", "company": {"id": "2"}, "serialNumber": "SER-00041"}
    with KIT.sink(Faulty(Judged(vendor), heard)) as sink:
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
    class Keyless(TestKit):
        settings: ClassVar = {name: one for name, one in SETTINGS.items() if name != "key_field"}

    vendor = ConnectWise()
    with Keyless().sink(vendor) as sink, pytest.raises(Stop, match="found again after a silence"):
        sink.push("asset", ASSET, "key")
    assert len(vendor.lists["/company/configurations"]) == 1
