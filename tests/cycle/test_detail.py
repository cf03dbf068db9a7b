"""The detail of an invoice: every device that is counted, and the work that a fee includes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from msgspec import structs

from tallystick.billing.documents import render_text
from tallystick.billing.invoice.detail import Detail
from tallystick.billing.invoice.document import InvoiceDocument
from tallystick.cycle.document import document_of
from tallystick.period import Period, month
from tallystick.records import Booking, Contact, ContractLine
from tallystick.store.billing.detail_schema import invoice_included, invoice_unit
from tallystick.store.billing.schema import invoice

from .msp import AUGUST, JULY, SEPTEMBER, Msp
from .told import asset, booking, client, contract, devices, fixed, hourly, prepaid, ticket

OCTOBER = month(2026, 10)


@pytest.fixture
def detailed(msp: Msp) -> Msp:
    """A fee that includes all remote work, and three servers of which one came in September."""
    msp.terms = replace(msp.terms, detailed=True)
    msp.tell(client(), contract(), fixed(work_types=["remote"]), hourly(), devices())
    for ref, since in (("1", None), ("2", None), ("3", date(2026, 9, 21))):
        msp.tell(asset(ref, of="S1", active_from=since), source="rmm")
    msp.link("S1", "K1")
    return msp


def documents(msp: Msp) -> list[InvoiceDocument]:
    with msp.database.read() as connection:
        return [document_of(connection, row, annexed=True) for row in msp.rows(invoice)]


def remote(ref: str, day: date, seconds: int = 3600, **more: Any) -> Booking:
    return booking(ref, day=day, seconds=seconds, work_type="remote", **more)


def told(document: InvoiceDocument) -> list[tuple[str, Decimal]]:
    return [(one.ref, one.quantity) for work in document.included for one in work.rows]


def test_every_counted_device_has_its_row(detailed: Msp) -> None:
    detailed.bill(AUGUST)
    detailed.bill()
    [_, made] = documents(detailed)
    [position] = [n for n, line in enumerate(made.lines, 1) if line.unit == "device"]
    rows = [one for one in made.annex if one.kind == "asset"]
    assert [(one.what, one.ref, one.quantity, one.amount) for one in rows] == [
        *(("pc-1", "server", 1, None), ("pc-2", "server", 1, None), ("pc-3", "server", 1, None)),
    ]
    assert {one.line for one in rows} == {position}
    assert [one.days for one in rows] == [None, None, Period(date(2026, 9, 21), SEPTEMBER.end)]
    assert sum(one.quantity for one in rows) == made.lines[position - 1].quantity
    text = render_text(replace(made, language="de"))
    assert "\n21.\N{EN DASH}30. Sept. 2026  server  pc-3" in text


def test_a_corrected_count_is_not_listed_again(detailed: Msp) -> None:
    detailed.bill(AUGUST)
    detailed.tell(asset("3", of="S1", active_from=date(2026, 8, 21)), source="rmm")
    detailed.bill()
    [_, made] = documents(detailed)
    [corrected] = [n for n, line in enumerate(made.lines, 1) if line.corrects]
    listed = {one.line for one in made.annex if one.kind == "asset"}
    assert len(listed) == 1 and corrected not in listed


def test_users_counted_by_the_day_have_their_share(msp: Msp) -> None:
    msp.terms = replace(msp.terms, detailed=True)
    terms = {"unit_price": "10", "count_of": "users", "user_types": ["*"], "counted": "daily"}
    came = Contact(id="u2", client="K1", name="Bela", active_from=date(2026, 9, 16))
    msp.tell(client(), contract(), replace_model(devices(), "per_unit", terms))
    msp.tell(Contact(id="u1", client="K1", name="Ada"), came)
    msp.bill(AUGUST)
    msp.bill()
    [_, made] = documents(msp)
    assert [(one.what, one.quantity) for one in made.annex] == [
        ("Ada", Decimal(1)),
        ("Bela", Decimal("0.5")),
    ]
    assert made.lines[0].quantity == Decimal("1.5")


def replace_model(line: ContractLine, model: str, terms: dict[str, Any]) -> ContractLine:
    return structs.replace(line, model=model, terms=terms)


def test_what_a_fee_includes_is_listed_with_tickets_and_hours(detailed: Msp) -> None:
    detailed.tell(
        ticket("T1", title="Printer"),
        remote("1", date(2026, 9, 3), 5400, ticket="T1", note="New toner"),
        remote("2", date(2026, 9, 4), 900, ticket="T1"),
        remote("3", date(2026, 9, 5), 1800),
        booking("4", day=date(2026, 9, 6), work_type="onsite"),
    )
    detailed.bill()
    [made] = documents(detailed)
    assert told(made) == [("T1", Decimal("1.5")), ("T1", Decimal("0.25")), ("3", Decimal("0.5"))]
    text = render_text(made)
    assert "Included in fixed L1: 1 ticket, 2.25 hours\n" in text
    assert "3 Sept 2026  T1      New toner" in text
    assert sum(one.quantity for one in made.annex if one.kind == "booking") == 1


def test_what_a_balance_pays_is_listed_as_it_counts(msp: Msp) -> None:
    msp.terms = replace(msp.terms, detailed=True)
    msp.tell(client(), contract(), prepaid(), ticket("T1"))
    msp.tell(booking("1", seconds=600, ticket="T1"), booking("2", day=date(2026, 9, 11)))
    msp.bill()
    [made] = documents(msp)
    assert told(made) == [("T1", Decimal("0.25")), ("2", 1)]
    assert "Included in prepaid L4: 1 ticket, 1.25 hours\n" in render_text(made)


def test_work_on_tickets_that_are_priced_is_behind_their_price(detailed: Msp) -> None:
    """The incident is listed, and none of its hours come as included in it."""
    terms = {"unit_price": "50.00", "work_types": ["*"]}
    line = replace_model(fixed("L0"), "per_incident", terms)
    closed = datetime(2026, 9, 4, 12, tzinfo=UTC)
    detailed.tell(line, ticket("T1", closed_at=closed), remote("1", date(2026, 9, 3), ticket="T1"))
    detailed.bill()
    [made] = documents(detailed)
    assert [one.ref for one in made.annex if one.kind == "incident"] == ["T1"]
    assert made.included == ()


def test_what_was_told_once_is_not_told_again(detailed: Msp) -> None:
    """Late, changed and withdrawn work comes as a difference; in the end the sum is what is so."""
    detailed.tell(remote("1", date(2026, 8, 3)), remote("2", date(2026, 8, 4)))
    detailed.bill(AUGUST)
    detailed.tell(
        remote("1", date(2026, 8, 3), 5400),
        remote("2", date(2026, 8, 4), billable="never"),
        remote("late", date(2026, 7, 30), 1800),
        remote("3", date(2026, 9, 1)),
    )
    detailed.bill()
    first, second = documents(detailed)
    assert told(first) == [("1", 1), ("2", 1)]
    assert told(second) == [("late", Decimal("0.5")), ("1", Decimal("0.5")), ("2", -1), ("3", 1)]
    assert "0.5 hours" not in render_text(first)
    assert second.included[0].tickets == 0
    assert detailed.propose().proposed == []


def test_an_older_period_run_again_takes_nothing_back(detailed: Msp) -> None:
    detailed.tell(remote("1", date(2026, 8, 3)))
    detailed.bill(AUGUST)
    detailed.tell(remote("2", date(2026, 9, 3)))
    detailed.bill()
    detailed.tell(booking("late", day=date(2026, 8, 5), work_type="onsite"))
    detailed.bill(AUGUST)
    assert [told(made) for made in documents(detailed)] == [[("1", 1)], [("2", 1)], []]


def test_what_came_before_the_annex_was_asked_for_is_not_told(detailed: Msp) -> None:
    detailed.terms = replace(detailed.terms, detailed=False)
    detailed.tell(remote("1", date(2026, 7, 3)))
    detailed.bill(JULY)
    detailed.terms = replace(detailed.terms, detailed=True)
    detailed.tell(remote("2", date(2026, 8, 3)), remote("late", date(2026, 7, 4)))
    detailed.bill()
    without, made = documents(detailed)
    assert told(without) == [] and without.annex == ()
    assert told(made) == [("2", 1)]
    assert [row.detailed for row in detailed.rows(invoice)] == [False, True]


def test_the_annex_says_what_was_approved(detailed: Msp) -> None:
    detailed.tell(remote("1", date(2026, 9, 3), note="Toner"), booking("9", note="Cable"))
    [before] = detailed.propose().proposed
    assert detailed.propose().unchanged == [before], "the same facts are the same proposal"
    detailed.tell(remote("2", date(2026, 9, 4)))
    [after] = detailed.propose().proposed
    assert (after.net, after.lines) == (before.net, before.lines)
    assert after.content_hash != before.content_hash
    detailed.approve()
    detailed.tell(asset("4", of="S1"), source="rmm")
    detailed.tell(remote("3", date(2026, 9, 5)))
    detailed.issue()
    [made] = documents(detailed)
    assert told(made) == [("1", 1), ("2", 1)]
    assert {one.what for one in made.annex if one.kind == "asset"} == {"pc-1", "pc-2", "pc-3"}
    detailed.tell(asset("1", of="S1", active_from=date(2027, 1, 1)), source="rmm")
    detailed.tell(remote("1", date(2026, 9, 3), 60, note="Ink"), booking("9", note="Plug"))
    assert documents(detailed) == [made]
    assert "Toner" in render_text(made) and "Cable" in render_text(made)


def test_nothing_is_settled_where_nobody_asks(office: Msp) -> None:
    office.tell(fixed(work_types=["*"]), booking("1"))
    [one] = office.propose().proposed
    assert one.detail is None
    office.bill()
    assert office.rows(invoice_unit) == office.rows(invoice_included) == []
    office.terms = replace(office.terms, detailed=True)
    office.tell(booking("2", day=date(2026, 10, 2)))
    [after] = office.propose(OCTOBER).proposed
    assert isinstance(after.detail, Detail) and len(after.detail.included) == 1
