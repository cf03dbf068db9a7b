"""The difference: what is billed again, taken back, corrected or left alone."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace

from tallystick.billing.charges import Charge
from tallystick.billing.invoice.difference import Billed, difference
from tallystick.errors import Stop
from tallystick.money import CurrencyMismatch, Money
from tallystick.period import Period, month

JULY = month(2026, 7)
FEE = Charge(
    contract="C",
    line="L",
    basis="fee:2026-07-01",
    service=JULY,
    group="Care plan",
    quantity=Decimal(2),
    unit="month",
    unit_price=Decimal("50.00"),
    amount=Money(10000, "EUR"),
    account="Income:Fixed",
    reason=("2 x 50.00 per month",),
)
BILLED = Billed(
    contract="C",
    line="L",
    basis="fee:2026-07-01",
    service=JULY,
    group="Care plan",
    amount=Money(9000, "EUR"),
    account="Income:Old",
    tax_category="standard",
    deferred=False,
    invoices=("INV-1", "INV-2"),
)
AUGUST = date(2026, 8, 1)


def test_what_was_never_billed_is_due_as_it_is() -> None:
    (due,) = difference([FEE], [], AUGUST)
    assert (due.charge, due.corrects) == (FEE, ())


def test_nothing_is_due_for_what_was_billed_or_is_free() -> None:
    assert difference([FEE], [replace(BILLED, amount=FEE.amount)], AUGUST) == []
    assert difference([replace(FEE, amount=Money(0, "EUR"))], [], AUGUST) == []
    assert difference([], [replace(BILLED, amount=Money(0, "EUR"))], AUGUST) == []


@pytest.mark.parametrize(("now", "change"), [(10000, 1000), (8000, -1000), (0, -9000)])
def test_a_changed_amount_is_corrected_where_it_was_booked(now: int, change: int) -> None:
    (due,) = difference([replace(FEE, amount=Money(now, "EUR"))], [BILLED], AUGUST)
    assert due.corrects == ("INV-1", "INV-2")
    assert due.charge == replace(
        FEE,
        group="Correction: Care plan",
        quantity=Decimal(1),
        unit="correction",
        unit_price=Decimal(change) / 100,
        amount=Money(change, "EUR"),
        account="Income:Old",
        tax_category="standard",
        reason=(
            "2 x 50.00 per month",
            f"comes to {Money(now, 'EUR')}",
            "billed before: 90.00 EUR on INV-1, INV-2",
        ),
    )


REDUCED = replace(FEE, tax_category="reduced", tax_percent=Decimal(7))
STANDARD = replace(BILLED, tax_percent=Decimal(19), included_tax_minor=1437, tax_included=True)
TAX_CHANGES = [
    REDUCED,
    replace(REDUCED, tax_category="standard"),
    replace(REDUCED, tax_category="standard", tax_percent=Decimal(19)),
]


@pytest.mark.parametrize("now", TAX_CHANGES)
def test_what_is_taxed_differently_is_taken_back_and_charged_again(now: Charge) -> None:
    back, again = difference([now], [STANDARD], AUGUST)
    assert back.corrects == again.corrects == ("INV-1", "INV-2")
    for due, minor, taxed in ((back, -9000, STANDARD), (again, 10000, now)):
        charge = due.charge
        assert (charge.amount.minor, charge.unit, charge.account) == (
            minor,
            "correction",
            "Income:Old",
        )
        assert (charge.tax_category, charge.tax_percent, charge.tax_included) == (
            taxed.tax_category,
            taxed.tax_percent,
            taxed.tax_included,
        )
    assert back.charge.reason[0] == "it is taxed differently now"


def test_what_was_charged_again_at_its_new_tax_is_done() -> None:
    taken_back = replace(STANDARD, amount=Money(0, "EUR"))
    again = replace(BILLED, amount=FEE.amount, tax_category="reduced", tax_percent=Decimal(7))
    assert difference([REDUCED], [taken_back, again], AUGUST) == []
    (due,) = difference([REDUCED], [taken_back], AUGUST)
    assert (due.charge.amount, due.charge.tax_category) == (FEE.amount, "reduced")
    (due,) = difference([], [taken_back, again], AUGUST)
    assert (due.charge.amount, due.charge.tax_category) == (-FEE.amount, "reduced")


@pytest.mark.parametrize("part", [{"tax_percent": None}, {"tax_category": None}])
def test_tax_that_is_not_settled_on_either_side_is_not_compared(part: dict[str, None]) -> None:
    billed = replace(BILLED, tax_percent=Decimal(19), amount=FEE.amount)
    now = replace(FEE, tax_category="standard", tax_percent=Decimal(7))
    assert difference([replace(now, **part)], [billed], AUGUST) == []
    assert difference([now], [replace(billed, **part)], AUGUST) == []


@pytest.mark.parametrize("group", ["Care plan", "Correction: Care plan"])
def test_what_the_facts_no_longer_support_is_taken_back(group: str) -> None:
    (due,) = difference([], [replace(BILLED, group=group)], AUGUST)
    assert due.corrects == ("INV-1", "INV-2")
    assert due.charge == Charge(
        contract="C",
        line="L",
        basis="fee:2026-07-01",
        service=JULY,
        group="Correction: Care plan",
        quantity=Decimal(1),
        unit="correction",
        unit_price=Decimal("-90.00"),
        amount=Money(-9000, "EUR"),
        account="Income:Old",
        tax_category="standard",
        deferred=False,
        reason=(
            "the facts no longer support this charge",
            "billed before: 90.00 EUR on INV-1, INV-2",
        ),
    )


@pytest.mark.parametrize(
    ("deferred", "until", "taken_back"),
    [
        (False, date(2026, 7, 31), False),
        (False, AUGUST, True),
        (True, date(2026, 7, 1), False),
        (True, date(2026, 7, 2), True),
    ],
)
def test_an_earlier_run_leaves_alone_what_falls_due_later(
    deferred: bool, until: date, taken_back: bool
) -> None:
    dues = difference([], [replace(BILLED, deferred=deferred)], until)
    assert bool(dues) == taken_back
    assert all(due.charge.deferred is deferred for due in dues)


def test_a_basis_that_moved_in_time_is_not_billed_twice() -> None:
    june = replace(FEE, service=month(2026, 6), amount=BILLED.amount)
    assert difference([june], [BILLED], JULY.start) == []


def test_the_result_is_ordered_by_contract_line_and_basis() -> None:
    charges = [
        replace(FEE, contract=contract, line=line, basis=basis)
        for contract in "BA"
        for line in "21"
        for basis in "zy"
    ]
    keys = [
        (due.charge.contract, due.charge.line, due.charge.basis)
        for due in difference(charges, [], AUGUST)
    ]
    assert keys == sorted(keys)
    assert len(keys) == 8


def test_it_does_not_matter_in_which_order_the_taxes_of_a_basis_arrive() -> None:
    again = replace(BILLED, tax_category="reduced", invoices=("INV-3",), account="Income:New")
    now = replace(FEE, tax_category="exempt")
    for charges in ([now], []):
        dues = difference(charges, [BILLED, again], AUGUST)
        assert dues == difference(charges, [again, BILLED], AUGUST)
        assert [due.corrects for due in dues][:2] == [("INV-1", "INV-2"), ("INV-3",)]


def test_nor_does_it_where_nobody_said_the_percentage_or_it_is_none() -> None:
    taxed = [replace(BILLED, tax_percent=percent) for percent in (None, Decimal(0))]
    now = replace(FEE, tax_category="exempt")
    for charges in ([now], []):
        dues = difference(charges, taxed, AUGUST)
        assert dues == difference(charges, taxed[::-1], AUGUST)
        assert [due.charge.tax_percent for due in dues][:2] == [None, 0]


def test_a_correction_keeps_the_tax_and_the_pattern_of_what_it_corrects() -> None:
    open_tax = replace(FEE, tax_category="standard")
    (due,) = difference([open_tax], [replace(STANDARD, deferred=True)], AUGUST)
    assert (due.charge.tax_percent, due.charge.tax_included) == (Decimal(19), True)
    assert due.charge.deferred


def test_what_is_taken_back_is_due_when_what_was_billed_was() -> None:
    day = date(2026, 7, 15)
    billed = replace(BILLED, due_on=day)
    assert difference([], [billed], day) == []
    (due,) = difference([], [billed], date(2026, 7, 16))
    assert due.charge.due_on == day


def test_two_charges_of_one_basis_stop_the_run() -> None:
    said = r"Two charges have the basis fee:2026-07-01\. \(contract_line L\) Correct"
    with pytest.raises(Stop, match=said):
        difference([FEE, replace(FEE, amount=Money(1, "EUR"))], [], AUGUST)


def test_a_contract_that_changed_its_currency_is_refused() -> None:
    with pytest.raises(CurrencyMismatch):
        difference([FEE], [replace(BILLED, amount=Money(9000, "USD"))], AUGUST)


def test_the_day_after_is_enough() -> None:
    booking = replace(BILLED, service=Period(JULY.start, JULY.start + timedelta(days=1)))
    assert difference([], [booking], JULY.start) == []
    assert len(difference([], [booking], JULY.start + timedelta(days=1))) == 1


@pytest.mark.parametrize(
    ("basis", "stays"),
    [
        ("booking:psa:7", True),
        ("booking:psa:7:2", True),
        ("booking:psa:7:call-out", True),
        ("booking:psa:8", False),
        ("booking:psa:70", False),
        ("ticket:psa:7", False),
    ],
)
def test_what_moved_behind_the_horizon_is_left_to_its_own_period(basis: str, stays: bool) -> None:
    billed = replace(BILLED, basis=basis)
    assert bool(difference([], [billed], AUGUST, {"booking:psa:7"})) is not stays
