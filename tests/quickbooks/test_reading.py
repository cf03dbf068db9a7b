"""What is read from QuickBooks Online, and what goes wrong on the way."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import httpx
import pytest

from tallystick.connector import Broken, Cursor, Pulled
from tallystick.errors import Retry, SkipRecord, Stop
from tallystick.testing.faults import Faulty, lost_after, status

from .kit import EARNED, INVOICE, KIT, Judged, payment, session
from .service import Company


def pulled(vendor: httpx.BaseTransport, since: str | None = None) -> list[Any]:
    with session(vendor) as opened:
        return list(opened.pull("client", since))


def test_all_717_customers_come_though_pages_are_of_100() -> None:
    rows = pulled(Judged(Company(717, cap=100)))
    ids = [item.raw["Id"] for item in rows if isinstance(item, Pulled)]
    assert len(ids) == len(set(ids)) == 717
    assert isinstance(rows[-1], Cursor)


def test_a_list_that_breaks_off_has_no_mark() -> None:
    seen: list[Any] = []
    broken = Faulty(Company(717, cap=100), status(503), first=4)
    with session(broken) as opened, pytest.raises(Retry):
        seen.extend(opened.pull("client", None))
    assert not any(isinstance(item, Cursor) for item in seen)


def test_a_customer_becomes_a_client_and_one_without_an_id_is_set_aside() -> None:
    company = Company(2)
    del company.lists["Customer"][1]["Id"]
    items = pulled(Judged(company))
    [row] = [item for item in items if isinstance(item, Pulled)]
    client = KIT.record("client", row.raw)
    assert (client.id, client.name, client.city) == ("1", "Client 0001", "Springfield")
    assert [type(item) for item in items].count(Broken) == 1


def test_only_what_changed_comes_and_what_changes_while_it_is_read_comes_again() -> None:
    class Busy(Company):
        def answer(self, request: httpx.Request) -> tuple[int, Any]:
            if "startposition 101 " in request.url.params.get("query", ""):
                changed = {"LastUpdatedTime": "2026-06-03T08:20:10-07:00"}
                self.lists["Customer"][0] |= {"MetaData": changed, "Active": False}
                self.now = "2026-06-03T08:21:00-07:00"
            return super().answer(request)

    company = Busy(250, cap=100)
    *rows, mark = pulled(company)
    assert len({row.raw["Id"] for row in rows}) == 250
    assert mark == Cursor("2026-06-03T08:20:00-07:00")
    company.lists["Customer"][0]["Active"] = True
    again = pulled(company, mark.token)
    assert [item.raw["Id"] for item in again if isinstance(item, Pulled)] == ["1"]


def test_a_token_that_dies_in_the_middle_is_replaced_and_nothing_is_lost() -> None:
    company = Company(717, cap=100)
    seen = []
    with session(company) as opened:
        for item in opened.pull("client", None):
            seen.append(item)
            if len(seen) == 100:
                company.refusing.add("access-1")
    assert len(seen) == 718
    assert company.shown == ["refresh-0", "refresh-1"]


def test_a_spent_refresh_token_stops_with_one_sentence() -> None:
    company = Company()
    company.good = {"refresh-9"}
    with session(company) as opened, pytest.raises(Stop, match="Log in at the vendor again") as e:
        opened.whoami()
    assert "refresh-0" not in str(e.value)


def test_too_many_requests_are_said_once_and_nothing_is_done(company: Company) -> None:
    busy = Faulty(company, status(429), first=3)
    with session(busy) as opened, pytest.raises(Retry, match="takes no more requests"):
        opened.push("invoice", INVOICE, "INV-2026-0001")
    assert company.lists["Invoice"] == []


def test_an_answer_without_its_total_is_no_agreement(company: Company) -> None:
    with session(Judged(company)) as opened:
        opened.push("invoice", INVOICE, "INV-2026-0001")
    for total in (None, "120.00", {"amount": 120}):
        company.lists["Invoice"][0]["TotalAmt"] = total
        with session(company) as opened, pytest.raises(Retry, match="no usable TotalAmt"):
            opened.find("invoice", "INV-2026-0001")


def test_lost_after_its_effect_nothing_is_made_again(company: Company) -> None:
    with session(company) as opened:
        opened.push("invoice", INVOICE, "INV-2026-0001")
    for nth in range(10):
        with session(Faulty(company, lost_after, nth, 1)) as opened, suppress(Retry):
            opened.push("payment", payment("120.00"), "bank:main:7:0")
        with session(Faulty(company, lost_after, nth, 1)) as opened, suppress(Retry):
            opened.push("entry", EARNED, "recognise:1")
    assert len(company.lists["Payment"]) == len(company.lists["JournalEntry"]) == 1


def test_an_error_told_with_200_is_an_error(company: Company) -> None:
    def fault(request: httpx.Request, _: object) -> httpx.Response:
        told = {"Fault": {"Error": [{"code": "500", "Message": "Unsupported Operation"}]}}
        return httpx.Response(200, json=told, request=request)

    told_so = pytest.raises(SkipRecord, match="Unsupported Operation")
    with session(Faulty(company, fault, first=1)) as opened, told_so:
        opened.find("invoice", "INV-2026-0001")


def test_the_limits_are_quickbooks() -> None:
    with session(Company()) as opened:
        opened.whoami()
    assert KIT.limits[0].quotas == ((500, 60), (10, 1))


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"QueryResponse": []},
        "word",
        {"QueryResponse": {"Customer": 1, "Invoice": 1, "Payment": 1, "JournalEntry": 1}},
    ],
)
def test_an_answer_of_another_shape_is_no_answer(company: Company, body: Any) -> None:
    def drifted(request: httpx.Request, answered: Any) -> httpx.Response:
        if request.url.host == "oauth.platform.intuit.com":
            return answered(request)
        return httpx.Response(200, json=body, request=request)

    with session(Faulty(company, drifted)) as opened:
        for kind in ("customer", "invoice", "payment", "entry"):
            with pytest.raises(Retry):
                opened.find(kind, "key-1")
        with pytest.raises(Retry):
            opened.whoami()
        with pytest.raises(Retry):
            list(opened.pull("client", None))
