"""What is posted to Tryton where something stands in the way, and what is read."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.connector import Cursor
from tallystick.errors import Retry, SkipRecord, Stop
from tallystick.money import Money
from tallystick.testing.faults import Faulty, lost_after, lost_before, status
from tallystick_tryton.invoicing import _taxes
from tallystick_tryton.spelling import read, spelled
from tallystick_tryton.wire import PAGE

from .kit import INVOICE, Kit, party, session
from .scenario import CUSTOMER, EARNED, D, entry, invoice, line, payment
from .service import Tryton


@pytest.fixture
def tryton() -> Tryton:
    made = Tryton()
    party(made, "psa:7")
    return made


def test_a_draft_that_was_left_half_way_is_gone_on_with(tryton: Tryton) -> None:
    """The answer to posting it is lost before it arrives: it is there, and not posted."""
    with session(tryton) as opened:
        posting = Kit().requests_of_push("invoice") - 1
    with session(Faulty(tryton, lost_before, posting, 1)) as opened, pytest.raises(Retry):
        opened.push("invoice", INVOICE, "INV-1")
    [draft] = tryton.tables["account.invoice"]
    assert draft["state"] == "draft"
    with session(tryton) as opened:
        assert opened.find("invoice", "INV-1") is None
        opened.push("invoice", INVOICE, "INV-1")
    [posted] = tryton.tables["account.invoice"]
    assert posted["state"] == "posted"


def test_a_payment_whose_answer_was_lost_is_found(tryton: Tryton) -> None:
    with session(tryton) as opened:
        opened.push("invoice", INVOICE, "INV-1")
        before = len(tryton.tables["account.move"])
    booking = Kit().requests_of_push("payment") - 2
    with session(Faulty(tryton, lost_after, booking, 1)) as opened, pytest.raises(Retry):
        opened.push("payment", payment("119.00"), "bank:1")
    assert len(tryton.tables["account.move"]) == before + 1
    with session(tryton) as opened:
        assert opened.find("payment", "bank:1").readback["amount"] == D("119.00")


def test_a_wizard_that_fails_inside_is_tried_again_later(tryton: Tryton) -> None:
    def broken(request: httpx.Request, _: object) -> httpx.Response:
        told = {"id": 1, "error": ["ConcurrencyException", ["somebody was faster"]]}
        return httpx.Response(200, json=told, request=request)

    with session(tryton) as opened:
        opened.push("invoice", INVOICE, "INV-1")
    booking = Kit().requests_of_push("payment") - 2
    failing = Faulty(tryton, broken, booking, 1)
    with session(failing) as opened, pytest.raises(Retry, match="ConcurrencyException"):
        opened.push("payment", payment("119.00"), "bank:1")


def test_without_a_password_no_payment_is_booked(tryton: Tryton) -> None:
    class Keyed(Kit):
        settings: ClassVar = {k: v for k, v in Kit.settings.items() if k != "user"}

    with Keyed().session(tryton) as opened:
        opened.push("invoice", INVOICE, "INV-1")
        with pytest.raises(Stop, match=r"(?s)wizard.*`user` and `password`"):
            opened.push("payment", payment("119.00"), "bank:1")


def test_a_party_without_our_ref_is_taken_over_and_two_are_asked_about(tryton: Tryton) -> None:
    known = tryton.party({"name": "Acme Dental LLC"})
    with session(tryton) as opened:
        assert opened.push("customer", {**CUSTOMER, "id": "psa:8"}, "psa:8").id == str(known["id"])
        tryton.party({"name": "Twin"})
        tryton.party({"name": "Twin"})
        with pytest.raises(SkipRecord, match="2 parties named Twin"):
            opened.push("customer", {**CUSTOMER, "name": "Twin"}, "psa:9")
    assert known["identifiers"][0]["code"] == "Tallystick psa:8"
    assert len(known["addresses"]) == 1


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (invoice(line("1", tax_category="exempt"), tax="0", gross="1"), '"exempt 19" = "19% VAT"'),
        (invoice(line("1", tax_category="wrong"), tax="0", gross="1"), "7% VAT is 7.00 %"),
        (invoice(line("1", account="9.9.9"), tax="0", gross="1"), "no open account"),
        ({**INVOICE, "receivable": "4.2.2"}, "none of what clients owe"),
        ({**INVOICE, "currency": "CHF"}, "no currency CHF"),
        ({**INVOICE, "client": "psa:99"}, "no party with the identifier Tallystick psa:99"),
    ],
)
def test_what_tryton_does_not_know_is_told_with_what_to_do(
    tryton: Tryton, raw: dict[str, Any], why: str
) -> None:
    with session(tryton) as opened, pytest.raises(SkipRecord, match=why) as told:
        opened.push("invoice", raw, "INV-1")
    assert told.value.do and told.value.connection == "tryton"
    assert not tryton.tables["account.invoice"]


@pytest.mark.parametrize(
    ("quantity", "price", "kept"),
    [("8", "12.50", True), ("7", "14.29", False), ("1000", "0.01234", False), ("0", "3", False)],
)
def test_a_line_tryton_would_reckon_otherwise_keeps_its_amount(
    tryton: Tryton, quantity: str, price: str, kept: bool
) -> None:
    priced = line("100.00", quantity=D(quantity), unit_price=D(price))
    with session(tryton) as opened:
        opened.push("invoice", invoice(priced, tax="19.00", gross="119.00"), "INV-1")
    [[_, [sent]]] = tryton.tables["account.invoice"][0]["lines"]
    found = (D(sent["quantity"]), sent["unit_price"])
    assert found == ((D(quantity), D(price)) if kept else (1, D("100.00")))


class _Chart:
    """A tax per category, told apart by sign."""

    def tax(self, category: str, percent: Decimal) -> dict[str, Any]:
        return {"id": int(percent), "name": category, "invoice_account": 1} | {
            "credit_note_account": 2
        }


@given(st.lists(st.tuples(st.integers(-90_000, 90_000), st.sampled_from([7, 19])), min_size=1))
def test_tax_handed_to_tryton_is_ours_and_stands_on_the_lines(nets: list[tuple[int, int]]) -> None:
    """By tax and sign, as Tryton takes lines together; whatever the signs, nothing is lost."""
    lines = [{"net": Money(n, "EUR").amount, "tax_category": f"c{r}"} for n, r in nets]
    rates = [(f"c{rate}", D(rate)) for _, rate in nets]
    ours = {
        rate: Money(sum(n for n, r in nets if r == rate[1]), "EUR").percent(rate[1]).amount
        for rate in set(rates)
    }
    told = [{"category": c, "percent": p, "amount": amount} for (c, p), amount in ours.items()]
    chart: Any = _Chart()
    rows = _taxes({"currency": "EUR", "lines": lines, "tax": told}, rates, chart)
    for _, percent in set(rates):
        mine = [row for row in rows if row["tax"] == int(percent)]
        assert sum(row["amount"] for row in mine) == ours[(f"c{percent}", percent)]
        for row in mine:
            above = row["account"] == 1
            base = sum(n for n, r in nets if r == percent and (n >= 0) == above)
            assert row["base"] == Money(base, "EUR").amount
            assert abs(row["amount"] - row["base"] * percent / 100) <= D("0.01")


def test_numbers_and_days_are_spelled_as_they_are_read() -> None:
    legs = entry(("2.2.2", "-0.10"), ("4.2.2", "0.10"))
    assert read(spelled(legs)) == legs
    assert spelled(D("1E+2")) == {"__class__": "Decimal", "decimal": "100"}


def test_an_entry_in_another_currency_is_refused(tryton: Tryton) -> None:
    with session(tryton) as opened, pytest.raises(SkipRecord, match="entry is in CHF"):
        opened.push("entry", entry(("2.2.2", "1"), ("4.2.2", "-1"), currency="CHF"), "exchange:1")
    with session(Faulty(tryton, status(500), 1)) as opened, pytest.raises(Retry):
        opened.push("entry", EARNED, "recognise:1")


def test_pages_follow_the_ids_and_end() -> None:
    many = Tryton(parties=PAGE + 1)
    with session(many) as opened:
        rows = list(opened.pull("client", None))
    refs = [item.raw["id"] for item in rows if not isinstance(item, Cursor)]
    assert refs == list(range(2, PAGE + 3))
    asked = [one for one in many.asked if one.url.path.endswith("party.party")]
    assert len(asked) == 2


def test_a_company_must_be_the_only_one_or_named(tryton: Tryton) -> None:
    tryton.tables["company.company"] *= 2
    with session(tryton) as opened, pytest.raises(Stop, match="more than one company"):
        opened.whoami()
