"""Autotask PSA: the kit's gold tier, and the traps it is known for."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from tests.desks import breaks_off, ids

from tallystick.connector import Broken, Cursor, Pulled, Whole
from tallystick.errors import Retry, SkipRecord, Stop
from tallystick.testing.faults import Faulty, cut_short, lost_after, status
from tallystick_autotask.settings import LIMITS, LOOK_EVERY

from .kit import KIT, Judged, Kit
from .service import OLD, SECRET, Autotask, entry, units


class TestKit(Kit):
    pass


CHANGED = {
    "client": ("Companies", "lastTrackedModifiedDateTime"),
    "contact": ("Contacts", "lastActivityDate"),
    "ticket": ("Tickets", "lastActivityDate"),
    "booking": ("TimeEntries", "lastModifiedDateTime"),
    "asset": ("ConfigurationItems", "lastModifiedTime"),
    "cost": ("ContractCharges", "statusLastModifiedDate"),
}
SINCE = "2026-09-01T09:00:00Z 2026-08-31"


def items(vendor: httpx.BaseTransport, kind: str, since: str | None = None) -> list[Any]:
    return list(KIT.items(vendor, kind, since))


def taking(
    vendor: httpx.BaseTransport, seen: list[Any], then: Callable[[], None], kind: str = "booking"
) -> None:
    """Reads time, or another kind, into `seen`; `then` happens after every row."""
    with KIT.session(vendor) as session:
        for one in session.pull(kind, None):  # type: ignore[attr-defined]  # a Source, as it declares reads
            seen.append(one)
            then()


@pytest.mark.parametrize("kind", CHANGED)
def test_each_entity_is_asked_by_the_field_that_tells_of_its_changes(kind: str) -> None:
    vendor = Autotask()
    first = items(vendor, kind)
    assert first[-2:] == [Whole(), Cursor("2026-09-01T11:55:00Z 2026-09-01")]
    for one in (*vendor.lists["TimeEntries"], *vendor.lists["ContractCharges"]):
        one.update(dateWorked="2026-01-05T00:00:00Z", datePurchased="2026-01-05T00:00:00Z")
    vendor.lists["TicketCharges"].clear()
    again = items(vendor, kind, first[-1].token)
    assert ids(again) == []
    assert [one for one in again if isinstance(one, Whole) and one.field is None] == []
    entity, field = CHANGED[kind]
    vendor.lists[entity][0][field] = "2026-09-01T11:58:00Z"
    [found] = [one for one in items(vendor, kind, first[-1].token) if isinstance(one, Pulled)]
    assert str(KIT.record(kind, found.raw).updated_at) == "2026-09-01 11:58:00+00:00"


def test_after_a_week_all_is_read_again_so_that_deletes_show() -> None:
    later = items(Autotask(), "ticket", "2026-08-31T10:00:00Z 2026-08-25")
    assert ids(later) == [31] and later[-2] == Whole()
    assert ids(items(Autotask(), "ticket", "2026-08-31T10:00:00Z 2026-08-26")) == []


def test_time_of_the_window_is_read_whole_and_older_time_when_it_changed() -> None:
    vendor = Autotask(0)
    vendor.lists["TimeEntries"] = [
        entry(1, "2026-03-02"),
        entry(2, "2026-03-02", at="2026-09-01T10:00:00Z"),
        entry(3, "2026-08-20"),
    ]
    found = items(Judged(vendor), "booking", SINCE)
    assert ids(found) == [2, 3]
    [mark] = [one for one in found if isinstance(one, Whole)]
    assert (mark.field, str(mark.start)) == ("work_date", "2026-07-28")


def test_717_entries_come_though_100_are_given_and_the_filter_holds_on_every_page() -> None:
    vendor = Autotask(717, page_max=100)
    assert ids(items(Judged(vendor), "booking")) == list(range(1, 718))
    assert vendor.asked.count("POST TimeEntries/query/next") == 7
    for one in vendor.lists["TimeEntries"][::2]:
        one["dateWorked"] = "2026-01-05T00:00:00Z"
    assert ids(items(Judged(vendor), "booking", SINCE)) == list(range(2, 718, 2))


def test_a_link_lost_on_the_way_is_no_end_of_the_list() -> None:
    vendor = Autotask(717, page_max=100)
    vendor.links = False
    with pytest.raises(Retry, match="100 of 717 rows"):
        items(vendor, "booking")
    assert len(ids(items(Judged(Autotask(100)), "booking"))) == 100


def test_a_page_with_fewer_rows_than_it_tells_is_not_believed() -> None:
    def cut(request: httpx.Request, answered: Any) -> httpx.Response:
        response: httpx.Response = answered(request)
        told = json.loads(response.read())
        if "items" in told:
            del told["items"][-1]
        return httpx.Response(200, json=told, request=request)

    with pytest.raises(Retry, match="2 rows of a page of 3"):
        items(Faulty(Autotask(), cut), "booking")


def test_a_database_that_moves_in_the_middle_is_followed_once() -> None:
    vendor = Autotask(717, page_max=100)
    seen: list[Any] = []

    def move() -> None:
        if len(seen) == 150:
            vendor.zone = "webservices6.autotask.net"

    taking(vendor, seen, move)
    assert ids(seen) == list(range(1, 718))
    assert vendor.asked.count("GET ZoneInformation") == 2


def test_a_login_that_ends_in_the_middle_stops_and_marks_nothing() -> None:
    seen: list[Any] = []
    vendor = Autotask(717, page_max=100)
    with pytest.raises(Stop, match="does not accept") as caught:
        taking(vendor, seen, vendor.users.clear)
    assert len(seen) >= 100
    assert not any(isinstance(one, Whole | Cursor) for one in seen)
    assert SECRET not in str(caught.value)


def test_the_login_goes_to_no_zone_that_is_not_autotasks() -> None:
    vendor = Autotask()
    vendor.zone = "webservices5.autotask.example"
    with KIT.session(vendor) as session, pytest.raises(Stop, match="not Autotask's"):
        session.whoami()
    assert vendor.asked == ["GET ZoneInformation"]


def test_half_of_the_hour_is_ours_and_three_at_once() -> None:
    [quota] = LIMITS.quotas
    assert (quota.requests, quota.seconds, LIMITS.concurrency) == (10_000, 3600, 3)
    assert str(LIMITS.share) == "0.5"


def test_before_everybody_is_shut_out_we_stop_with_a_sentence() -> None:
    vendor = Autotask()
    vendor.used = 7_499
    assert ids(items(vendor, "ticket")) == [31]
    vendor.used = 7_500
    with pytest.raises(Retry, match=r"used 7,500 of the 10,000 requests.*in an hour"):
        items(vendor, "ticket")


def test_how_much_is_used_is_asked_again_on_the_way() -> None:
    vendor = Autotask(page_max=1)
    [contact] = vendor.lists["Contacts"]
    vendor.lists["Contacts"] = [{**contact, "id": n} for n in range(1, LOOK_EVERY + 10)]
    seen: list[Any] = []

    def use() -> None:
        vendor.used = 9_000

    with pytest.raises(Retry, match="9,000 of the 10,000"):
        taking(vendor, seen, use, "contact")
    assert 90 < len(seen) < LOOK_EVERY
    assert not any(isinstance(one, Whole | Cursor) for one in seen)


def test_the_cursor_is_the_clock_of_autotask_and_not_ours() -> None:
    vendor = Autotask()
    vendor.time = "Tue, 01 Sep 2026 11:00:00 GMT"
    assert items(vendor, "ticket")[-1] == Cursor("2026-09-01T10:55:00Z 2026-09-01")
    vendor.time = None
    assert items(vendor, "ticket")[-1] == Cursor("2026-09-01T11:55:00Z 2026-09-01")


def test_time_becomes_a_booking() -> None:
    [first, *_] = items(Judged(Autotask()), "booking")
    booking = KIT.record("booking", first.raw)
    assert (booking.ticket, booking.contract, booking.technician) == ("31", "12", "5")
    assert (booking.work_type, booking.billable) == ("Remote", "billable")
    assert (booking.seconds, str(booking.work_date)) == (4500, "2026-08-20")
    never = KIT.record("booking", {**first.raw, "isNonBillable": True})
    assert never.billable == "never"


def test_time_autotask_has_invoiced_itself_says_on_which_invoice() -> None:
    vendor = Autotask(717, page_max=100)
    vendor.lists["BillingItems"] = [
        {"id": 1, "timeEntryID": 2, "invoiceID": 50},
        {"id": 2, "timeEntryID": 3, "invoiceID": 51},
        {"id": 3, "timeEntryID": 4, "invoiceID": None},
        {"id": 4, "timeEntryID": 717, "invoiceID": 50},
        {"id": 5, "ticketChargeID": 6, "invoiceID": 50},
    ]
    vendor.lists["Invoices"] = [
        {"id": 50, "invoiceNumber": "AT-1050", "isVoided": False},
        {"id": 51, "invoiceNumber": "AT-1051", "isVoided": True},
    ]
    found = [one for one in items(Judged(vendor), "booking") if isinstance(one, Pulled)]
    on = {one.raw["id"]: KIT.record("booking", one.raw).invoice for one in found}
    assert len(on) == 717
    assert {entry: number for entry, number in on.items() if number} == {
        2: "AT-1050",
        717: "AT-1050",
    }
    changed = items(vendor, "booking", SINCE)
    assert [
        one.raw["id"] for one in changed if isinstance(one, Pulled) and "invoice" in one.raw
    ] == [
        2,
        717,
    ]


def test_numbers_have_words_and_a_number_without_one_stands_for_itself() -> None:
    vendor = Autotask()
    [ticket, *_] = items(Judged(vendor), "ticket")
    record = KIT.record("ticket", ticket.raw)
    assert (record.status, record.priority, record.type) == ("New", "Medium", "Service Request")
    assert (record.title, record.sla_met, str(record.opened_at)) == (
        "Printer",
        True,
        "2026-08-03 07:30:00+00:00",
    )
    vendor.lists["Tickets"][0]["status"] = 77
    assert KIT.record("ticket", items(vendor, "ticket")[0].raw).status == "77"


def test_services_and_bundles_become_lines_with_a_step_for_each_change_of_their_number() -> None:
    found = items(Judged(Autotask()), "contract_line")
    assert ids(found) == ["service-3", "bundle-4"] and found[-1] == Whole()
    service, bundle = (KIT.record("contract_line", one.raw) for one in found[:2])
    assert (service.contract, service.description, str(service.starts_on)) == (
        "12",
        "Managed workplace",
        "2026-01-01",
    )
    assert service.terms.pop("steps") == [{"since": "2026-02-14", "quantity": 12}]
    assert {name: str(one) for name, one in service.terms.items()} == {
        "unit_price": "49.9",
        "quantity": "10",
        "cycle": "month",
        "every": "1",
    }
    assert (bundle.description, bundle.terms["steps"]) == ("Everything", [])


def test_a_line_nobody_can_bill_from_is_set_aside() -> None:
    vendor = Autotask()
    vendor.lists["ContractServiceBundleUnits"].clear()
    vendor.lists["ContractServiceUnits"].append({**units(9, 3, "2026-05-01", 1), "units": "many"})
    found = items(vendor, "contract_line")
    assert [one.what for one in found if isinstance(one, Broken)] == [
        "One of its numbers of units has no first day, or is no number.",
        "No number of units is told for any period.",
    ]
    vendor = Autotask()
    vendor.lists["Contracts"][0]["contractPeriodType"] = 9
    raw = items(vendor, "contract_line")[0].raw
    assert KIT.read("contract_line", KIT.reader("contract_line"), raw) is None
    del vendor.lists["Contracts"][0]["contractPeriodType"]
    assert all(isinstance(one, Broken | Whole) for one in items(vendor, "contract_line"))


@pytest.mark.parametrize(("currency", "told"), [(1, "USD"), (2, "EUR"), (None, "USD")])
def test_a_contract_is_in_the_currency_of_its_company(currency: Any, told: str) -> None:
    vendor = Autotask()
    vendor.lists["Companies"][1]["currencyID"] = currency
    contract = KIT.record("contract", items(Judged(vendor), "contract")[0].raw)
    assert contract.currency == told
    assert (str(contract.starts_on), str(contract.ends_on)) == ("2026-01-01", "2027-01-01")


def test_a_currency_without_a_code_is_not_guessed() -> None:
    vendor = Autotask()
    vendor.lists["Companies"][1]["currencyID"] = 2
    vendor.lists["Currencies"][1]["description"] = "the european one"
    raw = items(vendor, "contract")[0].raw
    assert KIT.read("contract", KIT.reader("contract"), raw) is None


def test_the_others_become_records() -> None:
    client = KIT.record("client", items(Autotask(), "client")[1].raw)
    assert (client.name, client.customer_number, client.country) == ("Acme Dental", "K-1", "US")
    contact = KIT.record("contact", items(Autotask(), "contact")[0].raw)
    assert (contact.name, contact.status, contact.client) == ("Zoe Park", "active", "2")
    technician = KIT.record("technician", items(Autotask(), "technician")[0].raw)
    assert (technician.id, technician.name) == ("5", "Ann Lee")
    vendor = Autotask()
    del vendor.lists["ConfigurationItems"][0]["referenceTitle"]
    asset = KIT.record("asset", items(vendor, "asset")[0].raw)
    assert (asset.client, asset.name, asset.type) == ("2", "SER-00041", "Workstation")
    assert (asset.status, asset.mac) == ("active", "00:1B:44:11:3A:B7")
    costs = [KIT.record("cost", one.raw) for one in items(Autotask(), "cost")[:2]]
    assert [(one.id, one.ticket, one.contract, str(one.amount)) for one in costs] == [
        ("ticket-6", "31", None, "12.5"),
        ("contract-6", None, "12", "80"),
    ]
    assert {one.currency for one in costs} == {"USD"}


def test_an_item_that_is_none_is_set_aside_alone() -> None:
    vendor = Autotask()
    vendor.lists["TimeEntries"][1:2] = [{"hoursWorked": 1}, "nonsense"]
    found = items(vendor, "booking")
    assert ids(found) == [1, 3]
    assert len([one for one in found if isinstance(one, Broken)]) == 2


@pytest.mark.parametrize("fault", [status(429), status(503), cut_short, lost_after])
def test_a_list_that_breaks_off_is_never_taken_for_whole(fault: Any) -> None:
    broken = Faulty(Autotask(717, page_max=100), fault, first=6)
    assert isinstance(breaks_off(KIT, broken, "booking"), Retry)


def test_an_answer_that_is_no_list_is_never_taken_for_an_empty_one() -> None:
    def told(request: httpx.Request, answered: Any) -> httpx.Response:
        if request.method == "GET":
            return answered(request)  # type: ignore[no-any-return]  # what answers gives a response
        return httpx.Response(200, json={"message": "maintenance"}, request=request)

    with pytest.raises(Retry, match="no list"):
        items(Faulty(Autotask(), told), "ticket")


def test_a_query_that_is_refused_says_why() -> None:
    def refused(request: httpx.Request, answered: Any) -> httpx.Response:
        if request.method == "GET":
            return answered(request)  # type: ignore[no-any-return]  # what answers gives a response
        return httpx.Response(404, json={"errors": [f"no field {OLD}"]}, request=request)

    with pytest.raises(SkipRecord, match="no field 2026"):
        items(Faulty(Autotask(), refused), "ticket")
