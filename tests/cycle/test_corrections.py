"""Corrections: what changes after an invoice comes out as the difference, beside its invoice."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import Row

from tallystick.billing.tax.rates import TaxRate
from tallystick.money import Money
from tallystick.records import ContractLine, Ticket
from tallystick.store.billing.schema import invoice, invoice_tax
from tallystick.store.facts.gone import take_away
from tallystick.store.profit.keeping import Keeper

from .msp import AUGUST, JULY, NOON, SEPTEMBER, Msp
from .told import asset, booking, client, contract, devices, fixed, hourly, prepaid, ticket

IN_JULY = date(2026, 7, 10)


def test_a_late_booking_is_billed_with_the_next_invoice(office: Msp) -> None:
    [first] = office.bill(JULY)
    office.tell(booking("late", day=IN_JULY))
    [second] = office.bill(AUGUST)
    assert office.lines(first) == [("fixed L1", "100.00", [])]
    assert office.lines(second) == [
        ("fixed L1", "100.00", []),
        ("time_and_materials L2", "95.00", []),
    ]
    office.must_hold()


def test_a_booking_edited_after_its_invoice_is_corrected(office: Msp) -> None:
    office.tell(booking("1", day=IN_JULY))
    [first] = office.bill(JULY)
    office.tell(booking("1", day=IN_JULY, seconds=7200))
    [second] = office.bill(JULY)
    assert office.lines(second) == [("Correction: time_and_materials L2", "95.00", [first])]
    office.tell(booking("1", day=IN_JULY, billable="never"))
    [third] = office.bill(AUGUST)
    assert office.lines(third) == [
        ("fixed L1", "100.00", []),
        ("Correction: time_and_materials L2", "-190.00", [first, second]),
    ]
    assert office.bill(AUGUST) == []
    office.must_hold()


def test_a_price_change_corrects_every_period_it_touches(office: Msp) -> None:
    [first] = office.bill(JULY)
    [second] = office.bill(AUGUST)
    office.tell(fixed(price="110.00"))
    [third] = office.bill(SEPTEMBER)
    assert office.lines(third) == [
        ("Correction: fixed L1", "10.00", [first]),
        ("Correction: fixed L1", "10.00", [second]),
        ("fixed L1", "110.00", []),
    ]


def test_a_device_found_retired_is_taken_back(office: Msp) -> None:
    office.tell(devices())
    office.link("S1", "K1")
    office.tell(asset("1"), asset("2"), source="rmm")
    [first] = office.bill(JULY)
    office.tell(asset("2", retired_on=IN_JULY), source="rmm")
    [second] = office.bill(JULY)
    assert office.lines(second) == [("Correction: per_unit L3", "-10.00", [first])]
    office.must_hold()


def test_a_device_that_loses_its_client_is_taken_back(office: Msp) -> None:
    office.tell(devices(), fixed(price="0.00"))
    office.link("S1", "K1")
    office.tell(asset("1"), source="rmm")
    [first] = office.bill(JULY)
    office.tell(asset("1", None), source="rmm")
    [second] = office.bill(JULY)
    assert office.lines(second) == [("Correction: per_unit L3", "-10.00", [first])]


def test_corrections_that_outweigh_make_a_credit_note(office: Msp) -> None:
    [first] = office.bill(JULY)
    office.tell(contract(starts_on=date(2026, 8, 1)))
    report = office.propose(JULY)
    assert [note.code for note in report.proposed[0].objections] == ["credit"]
    [second] = office.bill(JULY)
    assert office.lines(second) == [("Correction: fixed L1", "-100.00", [first])]
    kinds = {row.number: (row.kind, row.gross_minor) for row in office.rows(invoice)}
    assert kinds == {first: ("invoice", 11900), second: ("credit_note", -11900)}
    for account in ("Assets:Receivable", "Income:Fixed", "Liabilities:Tax:Standard"):
        assert office.balance(account) == 0
    office.must_hold()


def test_a_correction_goes_back_to_the_tax_category_it_was_billed_in(office: Msp) -> None:
    office.tell(fixed(tax_category="reduced"))
    office.bill(JULY)
    office.tell(fixed(price="90.00", tax_category="reduced"))
    office.bill(JULY)
    assert str(office.balance("Liabilities:Tax:Reduced")) == "-6.30"
    assert office.balance("Liabilities:Tax:Standard") == 0


def test_a_tax_category_that_was_wrong_is_taken_back_and_charged_again(office: Msp) -> None:
    office.tell(fixed(tax_category="reduced"))
    [first] = office.bill(JULY)
    office.tell(fixed(tax_category="standard"))
    [draft] = office.propose(JULY).proposed
    assert [(one.code, one.severity) for one in draft.objections] == [("tax_changed", "hold")]
    [second] = office.bill(JULY)
    assert office.lines(second) == [
        ("Correction: fixed L1", "-100.00", [first]),
        ("Correction: fixed L1", "100.00", [first]),
    ]
    assert office.balance("Liabilities:Tax:Reduced") == 0
    assert str(office.balance("Liabilities:Tax:Standard")) == "-19.00"
    assert office.bill(JULY) == []
    office.tell(fixed(tax_category="reduced"))
    office.bill(JULY)
    assert office.balance("Liabilities:Tax:Standard") == 0
    assert office.bill(JULY) == []
    office.must_hold()


def test_a_rate_that_was_wrong_is_taken_back_and_charged_again(office: Msp) -> None:
    office.bill(JULY)
    office.terms = replace(office.terms, taxes=[TaxRate("standard", Decimal(16))])
    [second] = office.bill(JULY)
    assert [(one.percent, one.amount_minor) for one in taxes(office, second)] == [
        (Decimal(16), 1600),
        (Decimal(19), -1900),
    ]
    assert str(office.balance("Liabilities:Tax:Standard")) == "-16.00"
    assert office.bill(JULY) == []
    office.must_hold()


def test_prices_that_contain_tax_are_net_in_the_books_and_corrected_as_agreed(office: Msp) -> None:
    office.terms = replace(office.terms, taxes=[TaxRate("standard", Decimal(19), included=True)])
    [first] = office.bill(JULY)
    assert office.lines(first) == [("fixed L1 (100.00 EUR with tax)", "84.03", [])]
    assert str(office.balance("Assets:Receivable")) == "100.00"
    assert str(office.balance("Income:Fixed")) == "-84.03"
    assert office.bill(JULY) == []
    office.tell(fixed(price="119.00"))
    [second] = office.bill(JULY)
    assert office.lines(second) == [("Correction: fixed L1 (19.00 EUR with tax)", "15.97", [first])]
    assert str(office.balance("Income:Fixed")) == "-100.00"
    office.must_hold()


def test_prepaid_hours_sold_with_tax_are_earned_net(office: Msp) -> None:
    office.terms = replace(office.terms, taxes=[TaxRate("standard", Decimal(19), included=True)])
    office.tell(prepaid(rollover_periods=0), fixed(price="0.00"))
    office.bill(JULY)
    assert office.balance("Liabilities:Deferred") < 0
    office.recognise(JULY)
    sold = Decimal(prepaid().terms["unit_price"])
    net = Money.rounded(sold * 100 / 119, "EUR").amount
    assert office.balance("Income:Prepaid") == -net
    assert office.balance("Liabilities:Deferred") == 0


def taxes(office: Msp, number: str) -> list[Row[Any]]:
    return [row for row in office.rows(invoice_tax) if row.invoice == number]


def test_a_contract_moved_to_another_client_is_credited_and_billed(office: Msp) -> None:
    office.bill(JULY)
    office.tell(client("K2"), contract(of="K2"))
    office.bill(JULY)
    found = [(row.client, row.net_minor) for row in office.rows(invoice)]
    assert found == [("psa:K1", 10000), ("psa:K1", -10000), ("psa:K2", 10000)]
    office.must_hold()


def test_a_booking_moved_from_balance_to_rate_is_billed_there(office: Msp) -> None:
    """A package shrinks after the fact: what no longer fits is billed as overage."""
    office.tell(prepaid(), fixed(price="0.00"), hourly(card="nowhere"))
    office.tell(booking("1", day=IN_JULY, seconds=10 * 3600))
    [first] = office.bill(JULY)
    assert office.lines(first) == [("prepaid L4", "800.00", [])]
    office.tell(prepaid(quantity="8"))
    [second] = office.bill(JULY)
    assert office.lines(second) == [("prepaid L4", "190.00", [])]


def test_running_an_old_period_leaves_later_ones_alone(office: Msp) -> None:
    office.tell(prepaid(), booking("1"))
    office.bill(SEPTEMBER)
    before = office.rows(invoice)
    for period in (JULY, AUGUST, SEPTEMBER):
        assert office.propose(period).nothing == ["psa:K1"]
        assert office.bill(period) == []
    assert office.rows(invoice) == before


def test_a_billed_booking_that_moves_to_a_later_period_stays_billed(office: Msp) -> None:
    """It is the same work on another day: no credit note now and no second invoice then."""
    office.tell(booking("1", day=IN_JULY), booking("2", day=IN_JULY))
    office.bill(JULY)
    office.tell(booking("1", day=date(2026, 8, 3)), booking("2", day=IN_JULY, billable="never"))
    [corrected] = office.bill(JULY)
    assert [net for _, net, _ in office.lines(corrected)] == ["-95.00"]
    [august] = office.bill(AUGUST)
    assert office.lines(august) == [("fixed L1", "100.00", [])]
    office.must_hold()


def test_what_changed_with_it_is_corrected_in_the_period_it_moved_to(office: Msp) -> None:
    office.tell(booking("1", day=IN_JULY), booking("2", day=IN_JULY, seconds=1800))
    [july] = office.bill(JULY)
    office.tell(booking("1", day=date(2026, 8, 3), seconds=7200))
    office.tell(booking("2", day=date(2026, 8, 4), billable="never"))
    assert office.bill(JULY) == []
    [august] = office.bill(AUGUST)
    [(text, net, corrects)] = office.lines(august)[1:]
    assert (text, net) == ("Correction: time_and_materials L2", "47.50")
    assert corrects == [july]
    office.must_hold()


def test_a_ticket_closed_again_later_stays_billed(office: Msp) -> None:
    terms = {"unit_price": "40", "sla_credit_percent": "25"}
    counted = ContractLine(
        id="L5", contract="C1", description="tickets", model="per_incident", terms=terms
    )
    office.tell(counted, missed(date(2026, 7, 10)))
    [july] = office.bill(JULY)
    assert [net for _, net, _ in office.lines(july)] == ["100.00", "-10.00", "40.00"]
    office.tell(missed(date(2026, 8, 3)))
    assert office.bill(JULY) == []
    [august] = office.bill(AUGUST)
    assert office.lines(august) == [("fixed L1", "100.00", [])]


def missed(closed_on: date) -> Ticket:
    """A ticket that missed its service level."""
    opened, closed = (datetime.combine(closed_on, time(hour), UTC) for hour in (8, 12))
    return ticket("7", contract="C1", opened_at=opened, closed_at=closed, sla_met=False)


def test_a_booking_deleted_at_its_source_after_its_invoice_is_given_back(office: Msp) -> None:
    office.tell(booking("1", day=IN_JULY))
    [first] = office.bill(JULY)
    with office.database.write() as connection:
        take_away(connection, "psa", "booking", ["1"], NOON, Keeper(office.cells))
    [second] = office.bill(AUGUST)
    assert office.lines(second) == [
        ("fixed L1", "100.00", []),
        ("Correction: time_and_materials L2", "-95.00", [first]),
    ]
    office.must_hold()
