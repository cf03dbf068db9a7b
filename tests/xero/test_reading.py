"""What is read from Xero, and what goes wrong on the way."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from typing import Any, ClassVar

import httpx
import pytest

from tallystick.connector import Broken, Cursor, Pulled
from tallystick.errors import Retry, SkipRecord, Stop
from tallystick.testing.faults import Faulty, lost_after, status

from .kit import INVOICE, KIT, SETTINGS, D, Judged, Kit, invoice, line, payment, session
from .service import TENANT, Organisation


def pulled(vendor: httpx.BaseTransport, since: str | None = None) -> list[Any]:
    with session(vendor) as opened:
        return list(opened.pull("client", since))


def test_all_717_contacts_come_though_pages_are_of_100() -> None:
    rows = pulled(Judged(Organisation(717, cap=100)))
    ids = [item.raw["ContactID"] for item in rows if isinstance(item, Pulled)]
    assert len(ids) == len(set(ids)) == 717
    assert isinstance(rows[-1], Cursor)


def test_a_list_that_breaks_off_or_ends_too_early_has_no_mark() -> None:
    broken = Faulty(Organisation(717, cap=100), status(503), first=4)
    seen: list[Any] = []
    with session(broken) as opened, pytest.raises(Retry):
        seen.extend(opened.pull("client", None))

    class Short(Organisation):
        def answer(self, request: httpx.Request) -> tuple[int, Any]:
            code, told = super().answer(request)
            if request.url.params.get("page") == "3":
                told["Contacts"] = []
            return code, told

    with session(Short(717, cap=100)) as opened, pytest.raises(Retry):
        seen.extend(opened.pull("client", None))
    assert not any(isinstance(item, Cursor) for item in seen)


def test_a_contact_becomes_a_client_and_one_without_an_id_is_set_aside() -> None:
    org = Organisation(2)
    org.lists["Contacts"][0] |= {"AccountNumber": "K-17", "TaxNumber": "DE123"}
    del org.lists["Contacts"][1]["ContactID"]
    items = pulled(Judged(org))
    [row] = [item for item in items if isinstance(item, Pulled)]
    client = KIT.record("client", row.raw)
    assert (client.name, client.customer_number, client.vat_id, client.city) == (
        "Client 0001",
        "K-17",
        "DE123",
        "Springfield",
    )
    assert [type(item) for item in items].count(Broken) == 1


def test_only_what_changed_comes_and_the_mark_is_by_xeros_clock() -> None:
    org = Organisation(3)
    [*_, mark] = pulled(Judged(org))
    assert mark == Cursor("2026-06-03T15:20:00")
    assert pulled(Judged(org), mark.token) == [mark]
    org.lists["Contacts"][0]["UpdatedDateUTC"] = "/Date(1795000000000+0000)/"
    changed = pulled(Judged(org), mark.token)
    assert [type(item) for item in changed] == [Pulled, Cursor]


def test_what_changes_while_it_is_read_is_read_again_and_pushes_nothing_out_of_sight() -> None:
    """Ten seconds after reading began the first contact changes, and later the last one."""

    class Busy(Organisation):
        def answer(self, request: httpx.Request) -> tuple[int, Any]:
            if request.url.params.get("page") == "2":
                changed_ms = self.now_ms + 10_000
                self.lists["Contacts"][0] |= {
                    "UpdatedDateUTC": f"/Date({changed_ms})/",
                    "ContactStatus": "ARCHIVED",
                }
                self.lists["Contacts"][-1]["UpdatedDateUTC"] = f"/Date({changed_ms + 5000})/"
                self.now_ms += 60_000
            return super().answer(request)

    org = Busy(250, cap=100)
    *rows, mark = pulled(Judged(org))
    assert len({row.raw["ContactID"] for row in rows}) == 250
    org.lists["Contacts"][0]["ContactStatus"] = "ACTIVE"
    again = [item.raw["ContactID"] for item in pulled(org, mark.token) if isinstance(item, Pulled)]
    assert again == [org.lists["Contacts"][0]["ContactID"], org.lists["Contacts"][-1]["ContactID"]]


def test_a_token_that_dies_in_the_middle_is_replaced_and_nothing_is_lost() -> None:
    org = Organisation(717, cap=100)
    seen = []
    with session(org) as opened:
        for item in opened.pull("client", None):
            seen.append(item)
            if len(seen) == 100:
                org.refusing.add("access-1")
    assert len(seen) == 718
    assert org.shown == ["refresh-0", "refresh-1"]


def test_a_spent_refresh_token_stops_with_one_sentence() -> None:
    org = Organisation()
    org.good = {"refresh-9"}
    with session(org) as opened, pytest.raises(Stop, match="Log in at the vendor again") as caught:
        opened.whoami()
    assert "refresh-0" not in str(caught.value)


def test_another_organisation_than_the_login_has_stops() -> None:
    class Other(Kit):
        settings: ClassVar = {**SETTINGS, "tenant": TENANT.replace("4", "5")}

    with Other().session(Organisation()) as opened, pytest.raises(Stop, match="403"):
        opened.whoami()


def test_too_many_requests_are_said_once_and_nothing_is_done(org: Organisation) -> None:
    busy = Faulty(org, status(429, **{"retry-after": "86000"}), first=3)
    with session(busy) as opened, pytest.raises(Retry, match="takes no more requests"):
        opened.push("invoice", INVOICE, "INV-2026-0001")
    assert org.lists["Invoices"] == []


def test_an_answer_without_its_total_is_no_agreement(org: Organisation) -> None:
    """A total that is gone or became a word can be compared with nothing."""
    with session(Judged(org)) as opened:
        opened.push("invoice", INVOICE, "INV-2026-0001")
    for total in (None, "119.00", {"amount": 119}):
        org.lists["Invoices"][0]["Total"] = total
        with session(org) as opened, pytest.raises(Retry, match="no usable Total"):
            opened.find("invoice", "INV-2026-0001")


def test_lost_after_its_effect_a_payment_is_found_and_not_made_again(org: Organisation) -> None:
    with session(org) as opened:
        opened.push("invoice", INVOICE, "INV-2026-0001")
    for nth in range(8):
        with session(Faulty(org, lost_after, nth, 1)) as opened, suppress(Retry):
            opened.push("payment", payment("119.00"), "bank:main:7:0")
    assert len(org.lists["Payments"]) == 1


def test_a_number_with_a_quote_asks_for_nothing_else(org: Organisation) -> None:
    with session(org) as opened, pytest.raises(SkipRecord, match="a quote"):
        opened.find("invoice", 'X"||Type!="')


def test_amounts_are_sent_as_exact_numbers(org: Organisation) -> None:
    with session(org) as opened:
        opened.push("invoice", invoice(line("0.10"), tax="0.02", gross="0.12"), "INV-2026-0001")
    sent = json.loads(org.asked[-1].content, parse_float=str)["Invoices"][0]["LineItems"][0]
    assert (sent["LineAmount"], sent["TaxAmount"]) == ("0.10", "0.02")


def test_the_limits_are_xeros() -> None:
    with session(Organisation()) as opened:
        opened.whoami()
    [books, _] = KIT.limits
    assert replace(books, share=D(1)).quotas == ((60, 60), (5000, 86_400))
    assert books.concurrency == 5


@pytest.mark.parametrize("body", [[], {}, {"Contacts": {}}, "word", [1]])
def test_an_answer_of_another_shape_is_no_answer(org: Organisation, body: Any) -> None:
    def drifted(request: httpx.Request, answered: Any) -> httpx.Response:
        if request.url.host == "identity.xero.com":
            return answered(request)
        return httpx.Response(200, json=body, request=request)

    with session(Faulty(org, drifted)) as opened:
        for kind in ("customer", "invoice", "payment", "entry"):
            with pytest.raises(Retry):
                opened.find(kind, "key-1")
        with pytest.raises(Retry):
            opened.whoami()
        with pytest.raises(Retry):
            list(opened.pull("client", None))
