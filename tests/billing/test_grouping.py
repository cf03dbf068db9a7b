"""Which charges share an invoice, in which order invoices come, and which mandate debits one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from msgspec.structs import replace

from tallystick.billing.charges import Charge
from tallystick.billing.invoice.debit import mandate_for
from tallystick.billing.invoice.difference import Due
from tallystick.billing.invoice.grouping import agreed, by_invoice, group_of
from tallystick.billing.invoice.proposal import Agreed
from tallystick.money import Money
from tallystick.period import month
from tallystick.records import Contract, Mandate

PLAIN = Contract(id="A", client="K", name="Care", currency="EUR", starts_on=date(2026, 1, 1))
ORDERED = replace(PLAIN, id="B", name="Project", po_number="4711", payment_terms_days=30)
JOINED = replace(ORDERED, id="C", consolidation="sites")
CONTRACTS = {one.id: one for one in (PLAIN, ORDERED, JOINED)}


def due(contract: str, currency: str = "EUR") -> Due:
    one = Decimal(1)
    amount = Money(100, currency)
    july = month(2026, 7)
    return Due(Charge(contract, "L", "b", july, "Care", one, "month", one, amount, "Income:A", ()))


@pytest.mark.parametrize(
    ("contract", "group"),
    [(None, ""), (PLAIN, ""), (ORDERED, "PO 4711"), (JOINED, "sites")],
)
def test_a_contract_is_invoiced_with_others_or_with_its_order(
    contract: Contract | None, group: str
) -> None:
    assert group_of(contract) == group


def test_dues_are_grouped_by_currency_and_group_and_those_of_lost_contracts_are_plain() -> None:
    dues = [due("C"), due("gone"), due("B"), due("A"), due("A", "CHF"), due("C")]
    found = by_invoice(dues, CONTRACTS)
    assert [(key, [dues.index(one) for one in own]) for key, own in found.items()] == [
        (("CHF", ""), [4]),
        (("EUR", ""), [1, 3]),
        (("EUR", "PO 4711"), [2]),
        (("EUR", "sites"), [0, 0]),
    ]


def test_an_invoice_names_its_contracts_once_with_their_orders_and_terms() -> None:
    dues = [due("B"), due("gone"), due("A"), due("B")]
    nameless = {**CONTRACTS, "A": replace(PLAIN, po_number="")}
    assert agreed(dues, nameless) == (Agreed("A", "Care"), Agreed("B", "Project", "4711", 30))


TODAY, DUE = date(2026, 8, 3), date(2026, 8, 17)
MANDATE = Mandate(id="M1", client="K", iban="DE00", holder="Klinik", signed_on=date(2026, 1, 1))


@pytest.mark.parametrize(
    ("change", "valid"),
    [
        ({}, True),
        ({"signed_on": TODAY}, True),
        ({"signed_on": date(2026, 8, 4)}, False),
        ({"revoked_on": date(2026, 8, 18)}, True),
        ({"revoked_on": DUE}, False),
        ({"revoked_on": date(2026, 8, 10)}, False),
    ],
)
def test_a_mandate_is_signed_today_and_not_revoked_when_the_debit_is_due(
    change: dict[str, date], valid: bool
) -> None:
    mandate = replace(MANDATE, **change)
    assert mandate_for([mandate], "EUR", DUE, TODAY) == (mandate if valid else None)


def test_what_is_overdue_is_debited_today() -> None:
    revoked = replace(MANDATE, revoked_on=TODAY)
    assert mandate_for([revoked], "EUR", date(2026, 7, 1), TODAY) is None
    assert mandate_for(
        [replace(revoked, revoked_on=date(2026, 8, 4))], "EUR", date(2026, 7, 1), TODAY
    )


def test_the_newest_mandate_is_used_and_of_two_of_a_day_the_last_by_reference() -> None:
    newer = replace(MANDATE, id="A9", signed_on=date(2026, 2, 1))
    twin = replace(newer, id="A8")
    for order in ([MANDATE, twin, newer], [newer, twin, MANDATE]):
        assert mandate_for(order, "EUR", DUE, TODAY) == newer
    assert mandate_for([], "EUR", DUE, TODAY) is None
