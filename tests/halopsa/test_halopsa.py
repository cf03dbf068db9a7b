"""HaloPSA: the kit's silver tier, and the traps it is known for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from tests.desks import breaks_off, ids

from tallystick.connector import Broken, Cursor, Pulled, Whole
from tallystick.errors import Retry, Stop
from tallystick.testing.faults import Faulty, cut_short, lost_after, status
from tallystick_halopsa import wire
from tallystick_halopsa.settings import LIMITS

from .kit import KIT, Judged, Kit
from .service import CHANGED, SECRET, HaloPSA, action, invoice


class TestKit(Kit):
    pass


BY_CHANGE = {"client": "Client", "contact": "Users", "ticket": "Tickets", "asset": "Asset"}
SINCE = "2026-09-01T09:00:00Z 2026-08-31"


def items(vendor: httpx.BaseTransport, kind: str, since: str | None = None) -> list[Any]:
    return list(KIT.items(vendor, kind, since))


def many(vendor: HaloPSA, count: int = 717) -> HaloPSA:
    [first] = vendor.lists["Tickets"]
    vendor.lists["Tickets"] = [{**first, "id": number} for number in range(1, count + 1)]
    return vendor


def taking(
    vendor: httpx.BaseTransport, kind: str, seen: list[Any], then: Callable[[], None] = list
) -> None:
    """Reads into `seen`; `then` happens after every row."""
    with KIT.session(vendor) as session:
        for one in session.pull(kind, None):  # type: ignore[attr-defined]  # a Source, as it declares reads
            seen.append(one)
            then()


@pytest.mark.parametrize("kind", BY_CHANGE)
def test_what_is_read_by_change_brings_only_what_changed(kind: str) -> None:
    vendor = HaloPSA()
    first = items(vendor, kind)
    assert first[-2:] == [Whole(), Cursor("2026-09-01T11:55:00Z 2026-09-01")]
    again = items(vendor, kind, first[-1].token)
    assert ids(again) == [] and not [one for one in again if isinstance(one, Whole)]
    name = BY_CHANGE[kind]
    vendor.lists[name][0][CHANGED[name]] = "2026-09-01T11:58:00"
    [found] = [one for one in items(vendor, kind, first[-1].token) if isinstance(one, Pulled)]
    assert str(KIT.record(kind, found.raw).updated_at) == "2026-09-01 11:58:00+00:00"


def test_after_a_week_all_is_read_again_so_that_deletes_show() -> None:
    later = items(HaloPSA(), "ticket", "2026-08-31T10:00:00Z 2026-08-25")
    assert ids(later) == [31] and later[-2] == Whole()
    assert ids(items(HaloPSA(), "ticket", "2026-08-31T10:00:00Z 2026-08-26")) == []


@pytest.mark.parametrize("asked", [100, 1000])
def test_of_717_tickets_none_is_lost_though_pages_are_cut_to_100_in_silence(
    asked: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "PAGE", asked)
    vendor = many(HaloPSA())
    assert ids(items(Judged(vendor), "ticket")) == list(range(1, 718))
    assert vendor.asked.count("GET /api/Tickets") == 8


def test_a_list_that_is_not_counted_is_read_to_an_empty_page() -> None:
    vendor = many(HaloPSA(), 200)
    vendor.counted = False
    assert ids(items(vendor, "ticket")) == list(range(1, 201))


def test_a_page_that_is_short_in_the_middle_is_no_end_of_the_list() -> None:
    vendor = many(HaloPSA())

    def short(request: httpx.Request, answered: Any) -> httpx.Response:
        vendor.most = 60 if request.url.params.get("page_no") == "3" else 100
        return answered(request)  # type: ignore[no-any-return]  # what answers gives a response

    seen: list[Any] = []
    with pytest.raises(Retry):
        taking(Faulty(vendor, short), "ticket", seen)
    assert not any(isinstance(one, Whole | Cursor) for one in seen)


def test_time_has_no_pages_so_it_is_halved_until_all_of_it_comes() -> None:
    vendor = HaloPSA(0)
    for number in range(717):
        at = f"2026-08-{20 + number % 3}T{8 + number % 8:02}:{number % 60:02}:00.5"
        vendor.actions.append({**action(number), "datetime": at})
    vendor.actions.append({**action(717), "datetime": "2026-08-01T00:00:00Z"})
    found = items(Judged(vendor), "booking")
    assert sorted(set(ids(found))) == list(range(718))
    assert found[-2].field == "work_date" and str(found[-2].start) == "2026-06-01"


@pytest.mark.parametrize("counted", [True, False])
def test_a_moment_with_more_time_than_a_list_holds_is_not_taken_for_whole(counted: bool) -> None:
    vendor = HaloPSA(250)
    vendor.counted = counted
    seen: list[Any] = []
    with pytest.raises(Retry, match=r"100 of .* time entries of one moment, 2026-08-20 0[78]:\d\d"):
        taking(vendor, "booking", seen)
    assert not any(isinstance(one, Whole | Cursor) for one in seen)


def test_time_of_the_window_is_read_each_time_and_all_of_it_once_a_week() -> None:
    vendor = HaloPSA(0)
    vendor.actions = [action(1, "2026-06-20"), action(2, "2026-08-20")]
    found = items(Judged(vendor), "booking", SINCE)
    assert ids(found) == [2]
    [mark] = [one for one in found if isinstance(one, Whole)]
    assert (mark.field, str(mark.start)) == ("work_date", "2026-07-28")
    assert ids(items(vendor, "booking", "2026-08-31T10:00:00Z 2026-08-25")) == [1, 2]


def test_time_becomes_a_booking_named_by_its_ticket_too() -> None:
    [first, *_] = items(Judged(HaloPSA()), "booking")
    booking = KIT.record("booking", first.raw)
    assert (booking.id, booking.ticket, booking.contract) == ("31-1", "31", "12")
    assert (booking.technician, booking.work_type, booking.billable) == ("5", "2", "billable")
    assert (booking.seconds, str(booking.work_date)) == (4500, "2026-08-20")
    never = KIT.record("booking", {**first.raw, "actisbillable": False})
    assert never.billable == "never"


def test_time_halo_has_invoiced_itself_says_on_which_invoice() -> None:
    vendor = HaloPSA()
    vendor.actions[0]["actioninvoicenumber"] = "H-1050"
    [first, *_] = items(Judged(vendor), "booking")
    assert KIT.record("booking", first.raw).invoice == "H-1050"
    for nothing in ("", "0", "-1", 0, -1, None):
        raw = {**first.raw, "actioninvoicenumber": nothing}
        assert KIT.record("booking", raw).invoice is None


def test_time_that_does_not_say_whether_it_is_billed_or_of_what_is_set_aside() -> None:
    vendor = HaloPSA()
    del vendor.actions[0]["actisbillable"]
    del vendor.actions[1]["ticket_id"]
    found = items(vendor, "booking")
    assert ids(found) == [3]
    assert [one.what for one in found if isinstance(one, Broken)] == [
        "It does not say whether it is to be billed.",
        "It is on no ticket.",
    ]


def test_recurring_invoices_become_lines_and_a_contract_where_they_have_none() -> None:
    found = items(Judged(HaloPSA()), "contract")
    assert ids(found) == [12, "recurring-71"]
    care, own = (KIT.record("contract", one.raw) for one in found[:2])
    assert (care.name, care.currency, str(care.ends_on)) == ("Care", "GBP", "2027-01-01")
    assert (own.name, str(own.starts_on), own.ends_on) == ("Recurring 71", "2026-01-01", None)
    lines = items(Judged(HaloPSA()), "contract_line")
    assert ids(lines) == ["70-1", "71-1", "71-2"] and lines[-1] == Whole()
    of_care, backup, _ = (KIT.record("contract_line", one.raw) for one in lines[:3])
    assert (of_care.contract, backup.contract) == ("12", "recurring-71")
    assert {name: str(one) for name, one in of_care.terms.items()} == {
        "unit_price": "49.9",
        "quantity": "12",
        "cycle": "month",
    }


def test_a_line_nobody_can_bill_from_is_set_aside() -> None:
    vendor = HaloPSA()
    vendor.lists["RecurringInvoice"] = [
        {**invoice(70, 12, []), "lines": None},
        invoice(71, 12, [{"unit_price": 5}]),
        {**invoice(72, 12, []), "periodname": None},
    ]
    found = items(vendor, "contract_line")
    assert len([one for one in found if isinstance(one, Broken)]) == 3 and ids(found) == []
    vendor = HaloPSA()
    vendor.lists["RecurringInvoice"][0]["periodname"] = "Every so often"
    raw = items(vendor, "contract_line")[0].raw
    assert KIT.read("contract_line", KIT.reader("contract_line"), raw) is None


def test_the_others_become_records() -> None:
    client = KIT.record("client", items(HaloPSA(), "client")[0].raw)
    assert (client.name, client.customer_number) == ("Acme Dental", "K-1")
    contact = KIT.record("contact", items(HaloPSA(), "contact")[0].raw)
    assert (contact.client, contact.status) == ("2", "active")
    technician = KIT.record("technician", items(HaloPSA(), "technician")[0].raw)
    assert (technician.id, technician.name) == ("5", "Ann Lee")
    ticket = KIT.record("ticket", items(Judged(HaloPSA()), "ticket")[0].raw)
    assert (ticket.title, ticket.status, ticket.type) == ("Printer", "New", "Incident")
    assert (ticket.contract, ticket.closed_at) == (None, None)
    assert str(ticket.opened_at) == "2026-08-03 07:30:00.123000+00:00"
    vendor = HaloPSA()
    asset = KIT.record("asset", items(Judged(vendor), "asset")[0].raw)
    assert (asset.name, asset.type, asset.serial) == ("PC-01", "Workstation", "SER-00041")
    vendor.lists["Asset"][0]["key_field"] = ""
    assert KIT.record("asset", items(vendor, "asset")[0].raw).name == "A-41"


def test_a_token_is_asked_for_with_the_tenant_once_and_again_when_it_is_refused() -> None:
    vendor, seen = many(HaloPSA()), list[Any]()

    def refuse() -> None:
        if len(seen) == 150:
            vendor.refusing.add("token-1")

    taking(vendor, "ticket", seen, refuse)
    assert ids(seen) == list(range(1, 718))
    assert vendor.tokens == 2


def test_a_login_that_ends_in_the_middle_stops_and_marks_nothing() -> None:
    vendor, seen = many(HaloPSA()), list[Any]()
    with pytest.raises(Stop) as caught:
        taking(
            vendor, "ticket", seen, lambda: vendor.refusing.update(f"token-{n}" for n in range(9))
        )
    assert len(seen) >= 100
    assert not any(isinstance(one, Whole | Cursor) for one in seen)
    assert SECRET not in str(caught.value)


def test_another_tenants_login_stops() -> None:
    class Elsewhere(Kit):
        settings = {**Kit.settings, "tenant": "another"}  # noqa: RUF012 - of a test, used once

    with Elsewhere().session(HaloPSA()) as session, pytest.raises(Stop, match="gives no token"):
        session.whoami()


def test_half_of_300_requests_in_5_minutes_are_ours() -> None:
    [quota] = LIMITS.quotas
    assert (quota.requests, quota.seconds, str(LIMITS.share)) == (300, 300, "0.5")


def test_the_cursor_is_the_clock_of_halo_and_not_ours() -> None:
    vendor = HaloPSA()
    vendor.time = "Tue, 01 Sep 2026 11:00:00 GMT"
    assert items(vendor, "ticket")[-1] == Cursor("2026-09-01T10:55:00Z 2026-09-01")
    vendor.time = None
    assert items(vendor, "ticket")[-1] == Cursor("2026-09-01T11:55:00Z 2026-09-01")


def test_an_item_that_is_none_is_set_aside_alone() -> None:
    vendor = HaloPSA()
    vendor.lists["Tickets"] += [{"summary": "no id"}, "nonsense"]
    found = items(vendor, "ticket")
    assert ids(found) == [31]
    assert len([one for one in found if isinstance(one, Broken)]) == 2


@pytest.mark.parametrize("fault", [status(429), status(503), cut_short, lost_after])
def test_a_list_that_breaks_off_is_never_taken_for_whole(fault: Any) -> None:
    broken = Faulty(many(HaloPSA()), fault, first=6)
    assert isinstance(breaks_off(KIT, broken, "ticket"), Retry)


@pytest.mark.parametrize("said", [{"message": "maintenance"}, {"a": [], "b": []}])
def test_an_answer_that_is_no_list_is_never_taken_for_an_empty_one(said: Any) -> None:
    def told(request: httpx.Request, answered: Any) -> httpx.Response:
        if request.url.path == "/auth/token":
            return answered(request)  # type: ignore[no-any-return]  # what answers gives a response
        return httpx.Response(200, json=said, request=request)

    with pytest.raises(Retry, match="no list"):
        items(Faulty(HaloPSA(), told), "asset")
