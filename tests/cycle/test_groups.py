"""Groups: which contracts share an invoice, and what the invoice says of them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import update

from tallystick.period import Period
from tallystick.store.billing.schema import invoice, proposal

from .msp import AUGUST, JULY, SEPTEMBER, TODAY, Msp
from .told import booking, client, contract, fixed


def groups(msp: Msp) -> dict[str, list[str]]:
    """The contracts billed in each group."""
    return {
        one.group: sorted({line.contract for line in one.lines}) for one in msp.propose().proposed
    }


def codes(msp: Msp, period: Period = SEPTEMBER) -> list[str]:
    [one] = msp.propose(period).proposed
    return [objection.code for objection in one.objections]


@pytest.mark.parametrize(
    ("second", "third", "expected"),
    [
        ({}, {}, {"": ["psa:C1", "psa:C2", "psa:C3"]}),
        ({"po_number": "4711"}, {}, {"": ["psa:C1", "psa:C3"], "PO 4711": ["psa:C2"]}),
        (
            {"po_number": "4711"},
            {"po_number": "4711"},
            {"": ["psa:C1"], "PO 4711": ["psa:C2", "psa:C3"]},
        ),
        (
            {"po_number": "4711", "consolidation": "sites"},
            {"consolidation": "sites"},
            {"": ["psa:C1"], "sites": ["psa:C2", "psa:C3"]},
        ),
    ],
    ids=["plain", "own order", "same order", "consolidated"],
)
def test_contracts_share_an_invoice(
    office: Msp, second: dict[str, Any], third: dict[str, Any], expected: dict[str, list[str]]
) -> None:
    for ref, more in (("2", second), ("3", third)):
        office.tell(contract(f"C{ref}", **more), fixed(f"F{ref}", f"C{ref}"))
    assert groups(office) == expected
    assert office.propose().proposed == [], "each group keeps its open proposal"
    assert len(office.bill()) == len(expected)
    assert office.bill() == []
    office.must_hold()


def test_each_group_counts_its_own_sequence(office: Msp) -> None:
    office.tell(contract("C2", po_number="4711"), fixed("F2", "C2"))
    for period in (JULY, AUGUST, SEPTEMBER):
        assert len(office.bill(period)) == 2
    found = [(row.group, row.sequence) for row in office.rows(invoice)]
    assert sorted(found) == [(name, n) for name in ("", "PO 4711") for n in (1, 2, 3)]


def test_one_group_may_be_issued_before_the_other_is_approved(office: Msp) -> None:
    office.tell(contract("C2", po_number="4711"), fixed("F2", "C2"))
    office.propose()
    with office.database.write() as connection:
        connection.execute(update(proposal).where(proposal.c.group == "").values(prepared_by="x"))
    assert [one.group for one in office.approve(by="anna").approved] == [""]
    office.issue()
    office.approve(by="bernd")
    assert [one.group for one in office.propose().unchanged] == ["PO 4711"]
    assert [one.group for _, one in office.issue().issued] == ["PO 4711"]
    office.must_hold()


def test_a_contract_that_changes_its_group_is_corrected_there(office: Msp) -> None:
    [first] = office.bill(JULY)
    office.tell(contract(po_number="4711"), fixed(price="90.00"))
    [one] = office.propose(AUGUST).proposed
    assert (one.group, one.po_number) == ("PO 4711", "4711")
    assert [(str(line.net), line.corrects) for line in one.lines] == [
        ("-10.00 EUR", (first,)),
        ("90.00 EUR", ()),
    ]


def test_the_invoice_fixes_what_it_says_of_its_contracts(office: Msp) -> None:
    office.tell(contract(po_number="4711", name="Care"))
    office.bill()
    office.tell(contract(po_number="4712", name="Renamed"))
    [row] = office.rows(invoice)
    assert (row.po_number, row.parties["po_number"]) == ("4711", "4711")
    assert row.contracts == [
        {
            "contract": "psa:C1",
            "name": "Care",
            "po_number": "4711",
            "payment_terms_days": None,
        }
    ]


def test_a_new_name_or_order_voids_the_approval(office: Msp) -> None:
    office.tell(contract(consolidation="all", po_number="4711"))
    office.propose()
    office.approve()
    office.tell(contract(consolidation="all", po_number="4712"))
    assert len(office.propose().proposed) == 1
    assert office.states() == ["void", "proposed"]


@pytest.mark.parametrize(
    ("of_contracts", "of_client", "days"),
    [((None, None), None, 14), ((None, None), 30, 30), ((45, None), 30, 45), ((45, 10), 30, 10)],
)
def test_the_shortest_terms_of_the_contracts_come_first(
    office: Msp, of_contracts: tuple[int | None, ...], of_client: int | None, days: int
) -> None:
    office.tell(client(payment_terms_days=of_client))
    first, second = of_contracts
    office.tell(contract(payment_terms_days=first), contract("C2", payment_terms_days=second))
    office.tell(fixed("F2", "C2"))
    office.bill()
    [row] = office.rows(invoice)
    assert (row.payment_terms_days, row.due_on) == (days, TODAY + timedelta(days=days))


def test_an_order_that_is_used_up_is_held_with_the_figures(office: Msp) -> None:
    """400.00 net on the order, of which July and August took 100 each."""
    on_order: dict[str, Any] = {"po_number": "4711", "po_amount": Decimal(400)}
    office.tell(contract(**on_order))
    for period in (JULY, AUGUST):
        assert "order_low" not in codes(office, period)
        office.bill(period)
    office.tell(booking("1"))
    [low] = office.propose().proposed[0].objections
    figures = "400.00 EUR net, 200.00 EUR invoiced before, 195.00 EUR now"
    assert (low.code, low.severity) == ("order_low", "note")
    assert low.what == f"Order 4711 of Contract C1 has 5.00 EUR left ({figures})."
    office.tell(booking("2"))
    [used_up] = office.propose().proposed[0].holds
    assert used_up.code == "order_exhausted"
    assert used_up.what.startswith("Order 4711 of Contract C1 is exceeded by 90.00 EUR (400.00 EUR")
    office.tell(contract(**on_order, po_from=TODAY + timedelta(days=1)))
    assert codes(office) == [], "a new order begins with nothing on it"
