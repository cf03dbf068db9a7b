"""Proposals: lines, tax, hash and objections."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace

from tallystick.billing.charges import Charge, Placement
from tallystick.billing.invoice.difference import Due
from tallystick.billing.invoice.proposal import Agreed, Objection, Proposal, compose
from tallystick.billing.invoice.review import review
from tallystick.billing.objections.case import Case
from tallystick.billing.tax.rates import Taxing, TaxLine, TaxRate
from tallystick.money import Money
from tallystick.period import Period, month

JULY = month(2026, 7)
TAXES = (
    TaxRate("standard", Decimal(19)),
    TaxRate("standard", Decimal(16), valid_from=date(2020, 7, 1)),
    TaxRate("standard", Decimal(20), valid_from=date(2026, 8, 1)),
    TaxRate("reduced", Decimal(7)),
)


def work(ref: str, day: int, minor: int = 3167, hours: str = "0.333333") -> Charge:
    on = date(2026, 7, day)
    return Charge(
        contract="C",
        line="L",
        basis=f"booking:{ref}",
        service=Period(on, on + timedelta(days=1)),
        group="Support: remote",
        quantity=Decimal(hours),
        unit="hour",
        unit_price=Decimal("95.00"),
        amount=Money(minor, "EUR"),
        account="Income:Time",
        reason=("20 minutes",),
    )


def proposal(*charges: Charge) -> Proposal:
    return compose("K", "EUR", JULY, [Due(one) for one in charges], Taxing(TAXES))


def test_bookings_of_one_price_are_joined_to_one_line() -> None:
    draft = proposal(work("1", 3), work("2", 20), work("3", 4))
    (line,) = draft.lines
    assert (line.text, line.quantity, line.unit) == ("Support: remote", Decimal(1), "hour")
    assert (line.unit_price, line.net) == (Decimal("95.00"), Money(9501, "EUR"))
    assert line.service == Period(date(2026, 7, 3), date(2026, 7, 21))
    assert (line.charges, line.account, line.tax_category) == ((0, 1, 2), "Income:Time", "standard")
    assert (draft.net, draft.tax, draft.gross) == tuple(
        Money(minor, "EUR") for minor in (9501, 1520, 11021)
    )
    assert draft.kind == "invoice"


def test_what_is_left_of_quantities_that_cancel_out_is_plain_zero() -> None:
    rounding = work("1", 3, hours="0.00001"), work("2", 3, hours="-0.00002")
    (line,) = proposal(*rounding).lines
    assert str(line.quantity) == "0"


def test_a_proposal_carries_its_group_and_its_contracts() -> None:
    contracts = [Agreed("C", "Care", "4711")]
    dues = [Due(work("1", 3))]
    draft = compose("K", "EUR", JULY, dues, Taxing(TAXES), group="PO 4711", contracts=contracts)
    assert (draft.group, draft.contracts) == ("PO 4711", tuple(contracts))


def test_a_tax_of_ones_own_is_held_against_the_nets_and_what_prices_contain() -> None:
    gross = TaxRate("gross", Decimal(19), included=True)
    charges = [work("1", 3), work("2", 4), replace(work("3", 3, 11900), tax_category="gross")]
    charges.append(replace(charges[-1], basis="booking:4", group="Support: onsite"))
    dues = [Due(one) for one in charges]
    draft = compose("K", "EUR", JULY, dues, Taxing((*TAXES, gross)))

    def answer(contained: int, net: int = 6334) -> tuple[TaxLine, ...]:
        ours = TaxLine("standard", Decimal(5), Money(net, "EUR"), Money(317, "EUR"))
        nets = Money(20000, "EUR")
        return ours, TaxLine("gross", Decimal(19), nets, Money(contained, "EUR"))

    assert draft.why_not_taxed(answer(3800)) == ""
    assert draft.why_not_taxed(answer(3801)) == (
        "prices of category 'gross' contain 38.00 EUR, not 38.01 EUR"
    )
    assert draft.why_not_taxed(answer(3800, 6333)) == (
        "category 'standard' is taxed on 63.33 EUR and comes to 63.34 EUR"
    )
    assert draft.why_not_taxed(None) == "the answer is no sequence of TaxLine"


CHANGES: list[Callable[[Charge], Charge]] = [
    lambda one: replace(one, contract="D"),
    lambda one: replace(one, line="M"),
    lambda one: replace(one, group="Support: onsite"),
    lambda one: replace(one, unit_price=Decimal(96)),
    lambda one: replace(one, service=JULY),
    lambda one: replace(one, account="Income:Other"),
    lambda one: replace(one, tax_category="reduced"),
]


@pytest.mark.parametrize("change", CHANGES)
def test_charges_that_differ_keep_their_own_line(change: Callable[[Charge], Charge]) -> None:
    assert len(proposal(work("1", 3), change(work("2", 3))).lines) == 2


def test_a_line_of_one_charge_shows_its_quantity_and_price() -> None:
    (line,) = proposal(work("1", 3)).lines
    assert (line.quantity, line.unit_price) == (Decimal("0.333333"), Decimal("95.00"))


def test_corrections_are_joined_per_corrected_invoice_whatever_their_price() -> None:
    first, second = work("1", 3, -500), replace(work("2", 5, 200), unit_price=Decimal(7))
    dues = [Due(first, ("INV-1",)), Due(second, ("INV-1",)), Due(work("3", 6), ("INV-2",))]
    line, other = compose("K", "EUR", JULY, dues, Taxing(TAXES)).lines
    assert (line.quantity, line.unit_price, line.net) == (
        Decimal(1),
        Decimal("-3.00"),
        Money(-300, "EUR"),
    )
    assert (line.corrects, line.charges, other.corrects) == (("INV-1",), (0, 1), ("INV-2",))


def test_tax_of_lines_and_the_default_category() -> None:
    draft = proposal(work("1", 3), replace(work("2", 3), tax_category="reduced"))
    assert [(tax.category, tax.percent, tax.net, tax.amount) for tax in draft.taxes] == [
        ("reduced", Decimal(7), Money(3167, "EUR"), Money(222, "EUR")),
        ("standard", Decimal(16), Money(3167, "EUR"), Money(507, "EUR")),
    ]


def test_a_credit_is_the_mirror_image() -> None:
    draft, mirror = proposal(work("1", 3)), proposal(work("1", 3, -3167))
    assert (mirror.gross, mirror.kind) == (-draft.gross, "credit_note")


def test_a_document_of_nothing_is_an_invoice_and_no_credit() -> None:
    draft = proposal(work("1", 3), work("2", 3, -3167))
    assert (draft.gross, draft.kind) == (Money(0, "EUR"), "invoice")
    assert review(Case(draft)) == []


def test_the_default_category_is_kept_for_later_corrections() -> None:
    (due,) = proposal(work("1", 3)).dues
    assert due.charge.tax_category == "standard"


def test_the_hash_changes_with_the_content_and_not_with_the_objections() -> None:
    draft = proposal(work("1", 3))
    noted = draft.reviewed([Objection("note", "note", "Look.", "Nothing.")])
    assert noted.content_hash == draft.content_hash
    others = [
        replace(draft, client="J"),
        replace(draft, currency="USD"),
        replace(draft, period=month(2026, 6)),
        proposal(work("2", 3)),
        proposal(work("1", 4)),
        proposal(work("1", 3, 3168)),
        proposal(replace(work("1", 3), reason=("another reason",))),
        replace(draft, taxes=()),
    ]
    assert len({draft.content_hash, *(other.content_hash for other in others)}) == 9


def held(ref: str, why: str) -> Placement:
    return Placement(ref, "held", None, 5400, 0, ("line 1 passes", "line 2 passes", why))


def test_objections() -> None:
    draft = proposal(work("1", 3))
    assert review(Case(draft)) == []
    found = review(
        Case(
            proposal(work("1", 3, -3167)),
            held=[held("7", "b"), held("8", "a"), held("9", "b")],
            uncounted={"T1": "z", "T2": "y", "T3": "z"},
            quarantined=2,
            billed={"C": Money(3167, "EUR")},
        )
    )
    assert [(one.code, one.severity) for one in found] == [
        ("open_quarantine", "hold"),
        ("held_work", "note"),
        ("uncounted_incidents", "note"),
        ("credit", "note"),
    ]
    assert found[0].what == "2 records of this client are quarantined and not priced."
    assert found[1].what == "3 bookings (4:30 h) are held: a; b."
    assert found[2].what == "3 incidents count under no contract: y; z."
    assert found[3].what == (
        "Corrections outweigh new charges: this is a credit note of 36.74 EUR."
    )
    reviewed = draft.reviewed(found)
    assert (reviewed.objections, reviewed.holds) == (tuple(found), (found[0],))
