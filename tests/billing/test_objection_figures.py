"""Objections in full: the sentence a person reads, and the last figure before a rule speaks."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from msgspec.structs import replace

from tallystick.billing.charges import Placement
from tallystick.billing.invoice.difference import OTHER_TAX, Due
from tallystick.billing.invoice.proposal import Proposal, compose
from tallystick.billing.objections import agreement, amounts, history, taxes, unfinished
from tallystick.billing.objections.case import Case
from tallystick.billing.tax.rates import Taxing, TaxRate
from tallystick.money import Money

from .test_objections import FEE, JULY, agreed, counted, eur, proposal, said

TAXING = Taxing([TaxRate("standard", Decimal(0))])


def of_cents(*nets: int) -> Proposal:
    dues = [
        Due(replace(FEE, basis=f"fee:{nth}", group=f"Care {nth}", amount=Money(net, "EUR")))
        for nth, net in enumerate(nets)
    ]
    return compose("K", "EUR", JULY, dues, TAXING)


def test_an_order_that_is_exceeded_says_by_how_much() -> None:
    contract = agreed(po_number="4711", po_amount=Decimal(1000))
    [one] = agreement.order(Case(proposal(), contracts=[contract], on_order={"C": eur(901)}))
    assert one.what == (
        "Order 4711 of Care is exceeded by 1.00 EUR"
        " (1,000.00 EUR net, 901.00 EUR invoiced before, 100.00 EUR now)."
    )
    [one] = agreement.order(Case(proposal(), contracts=[agreed(po_amount=Decimal(119))]))
    assert one.what == (
        "The order of Care has 19.00 EUR left"
        " (119.00 EUR net, 0.00 EUR invoiced before, 100.00 EUR now)."
    )


@pytest.mark.parametrize(("cents", "code"), [(0, "order_low"), (1, "order_exhausted")])
def test_only_what_is_charged_now_exceeds_an_order(cents: int, code: str) -> None:
    contract = agreed(po_amount=Decimal(100))
    case = Case(of_cents(cents), contracts=[contract], on_order={"C": eur(150)})
    assert [one.code for one in agreement.order(case)] == [code]


def test_an_end_is_said_by_the_last_day() -> None:
    [one] = agreement.ending(Case(proposal(), contracts=[agreed(ends_on=date(2026, 8, 1))]))
    assert one.what == "Care ends on 2026-07-31."


def test_a_first_invoice_says_of_which_order_it_is() -> None:
    [one] = history.first_invoice(Case(proposal(), first=True))
    assert one.what == "This is the first invoice to this client."
    [one] = history.first_invoice(Case(replace(proposal(), group="PO 4711"), first=True))
    assert one.what == "This is the first invoice to this client for PO 4711."


VARYING = [eur(50), eur(150), eur(50), eur(150), eur(100)]


@pytest.mark.parametrize(("cents", "held"), [(32_239, False), (32_240, True)])
def test_three_standard_deviations_are_still_usual(cents: int, held: bool) -> None:
    case = Case(of_cents(cents), history=VARYING)
    assert said(history.deviation(case)) == [("deviation", "hold")] * held


@pytest.mark.parametrize(
    ("usual", "end"),
    [
        (100, "far from 100.00 EUR, the median of the last 4 periods, +51 %."),
        (0, "far from 0.00 EUR, the median of the last 4 periods."),
    ],
)
def test_a_deviation_says_how_far_it_is_if_that_can_be_said(usual: int, end: str) -> None:
    [one] = history.deviation(Case(proposal(151), history=[eur(usual)] * 4))
    assert one.what == f"151.00 EUR net for 2026-07 is {end}"


def test_the_net_of_a_contract_is_that_of_all_its_lines() -> None:
    assert Case(of_cents(100, 20, 3)).net_of("C") == Money(123, "EUR")


def test_a_quantity_that_is_meant_hides_none_that_is_not() -> None:
    zero = counted(0).charges
    for meant in (counted(1), counted(0, price="0")):
        found = amounts.quantities(Case(proposal(), charges=[*meant.charges, *zero]))
        assert said(found) == [("zero_quantity", "note")]


@pytest.mark.parametrize(
    ("before", "severity", "end"),
    [
        (None, "note", "."),
        (0, "note", "."),
        (1, "hold", ", and was billed 0.01 EUR before."),
    ],
)
def test_what_counts_nothing_says_whether_it_was_billed_before(
    before: int | None, severity: str, end: str
) -> None:
    billed = {} if before is None else {"L": Money(before, "EUR")}
    case = Case(proposal(), charges=counted(0).charges, billed_lines=billed)
    [one] = amounts.quantities(case)
    assert (one.severity, one.what) == (severity, f"Care counts nothing (L){end}")


def test_a_contract_that_nothing_is_given_back_on_now_is_not_held() -> None:
    case = Case(of_cents(100, -100), billed={"C": Money(-5, "EUR")})
    assert list(amounts.negative_balance(case)) == []


@pytest.mark.parametrize(
    ("country", "known"), [(None, "is not known"), ("Austria", "is 'Austria'")]
)
def test_a_rate_by_country_needs_a_country_of_two_letters(country: str | None, known: str) -> None:
    by_country = TaxRate("standard", Decimal(0), country="AT")
    found = taxes.tax(Case(proposal(), taxing=Taxing([by_country], country=country)))
    assert [(one.code, one.what) for one in found] == [
        (
            "country_unknown",
            f"The rate of tax category 'standard' depends on the client's country, which {known}.",
        )
    ]


def test_what_is_taxed_differently_now_is_held_and_names_its_invoices() -> None:
    dues = [
        Due(replace(FEE, basis=basis, reason=(why,)), corrects)
        for basis, why, corrects in (
            ("a", OTHER_TAX, ("INV-2",)),
            ("b", OTHER_TAX, ("INV-1", "INV-2")),
            ("c", "another price", ("INV-3",)),
            ("d", OTHER_TAX, ()),
        )
    ]
    [one] = taxes.tax(Case(compose("K", "EUR", JULY, dues, TAXING), taxing=TAXING))
    assert (one.code, one.severity, one.what) == (
        "tax_changed",
        "hold",
        "What INV-1, INV-2 charged is taxed differently now: it is taken back and charged again.",
    )
    assert list(taxes.tax(Case(compose("K", "EUR", JULY, dues[2:], TAXING), taxing=TAXING))) == []


def test_held_work_is_told_apart_by_the_last_of_its_reasons() -> None:
    trail = ("line A has no rate", "line B has no rate", "no line of the contract takes it")
    case = Case(
        proposal(),
        held=[
            Placement("1", "held", None, 60, 0, trail),
            Placement("2", "held", None, 60, 0, (*reversed(trail), "there is no rate card 'x'")),
        ],
    )
    assert [(one.code, one.what) for one in unfinished.held_work(case)] == [
        ("missing_rate", "1 booking (0:01 h) has no price: there is no rate card 'x'."),
        ("held_work", "1 booking (0:01 h) is held: no line of the contract takes it."),
    ]
