"""A payout taken apart loses no penny and says whose each is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.connector import Broken, CollectionRequest, Cursor, Pulled
from tallystick.errors import SkipRecord
from tallystick.records import BankTransaction
from tallystick_gocardless.objects import Payment, Payout, PayoutItem, Refund, Tax
from tallystick_gocardless.payouts import Known, movements
from tallystick_gocardless.session import GoCardlessSession

from .fake import World

Asking = Callable[..., CollectionRequest]
FEE = "gocardless_fee"


def payout(amount: int, currency: str = "GBP") -> Payout:
    return Payout("PO1", amount, currency, "2026-07-03T08:00:00.000Z", "paid", "TALLY-PO1")


def item(kind: str, amount: str, **links: str) -> PayoutItem:
    return PayoutItem(kind, amount, links)


def payment(id_: str) -> Payment:
    return Payment(
        id_, 0, "GBP", "paid_out", "", f"invoice of {id_}", None, {"tallystick_attempt": f"K-{id_}"}
    )


def refund(id_: str) -> Refund:
    ours = {"tallystick_refund": f"R-{id_}"} if id_ == "RF1" else {}
    return Refund(id_, 0, "GBP", "paid", ours, {"payment": "PM1"})


KNOWN = Known(payment, refund, lambda id_: "refer_to_payer" if id_ == "PM2" else "")


def taken_apart(amount: int, *items: PayoutItem) -> dict[str, BankTransaction]:
    found = movements(payout(amount), items, "CR1", KNOWN)
    assert sum(one.amount for one in found) == 0
    assert {one.booked_on for one in found} == {date(2026, 7, 3)}
    return {one.id.removeprefix("PO1-"): one for one in found}


def test_payments_carry_our_key_and_their_fee() -> None:
    found = taken_apart(
        28_977,
        item("payment_paid_out", "11900.0", payment="PM1"),
        item(FEE, "-12.4", payment="PM1"),
        item("payment_paid_out", "17100.0", payment="PM2"),
        item(FEE, "-10.1", payment="PM2"),
    )
    first, second = found["payment_paid_out-PM1"], found["payment_paid_out-PM2"]
    assert (first.amount, first.charges) == (Decimal("118.88"), Decimal("0.12"))
    assert (second.amount, second.charges) == (Decimal("170.89"), Decimal("0.11"))
    assert (first.end_to_end_id, first.returned) == ("K-PM1", False)
    assert first.remittance == "invoice of PM1"
    assert found["PO1"].amount == Decimal("-289.77")
    assert (found["PO1"].bank_reference, found["PO1"].payout) == ("TALLY-PO1", "TALLY-PO1")
    assert len(found) == 3


def test_what_goes_back_names_the_collection_and_why() -> None:
    found = taken_apart(
        -300,
        item("payment_failed", "-100.0", payment="PM1"),
        item("payment_charged_back", "-200.0", payment="PM2"),
    )
    late, back = found["payment_failed-PM1"], found["payment_charged_back-PM2"]
    assert (late.end_to_end_id, late.returned, late.return_reason) == (
        "K-PM1",
        True,
        "late_failure",
    )
    assert (back.end_to_end_id, back.returned, back.return_reason) == (
        "K-PM2",
        True,
        "refer_to_payer",
    )


def test_a_refund_of_ours_goes_by_its_own_key_and_others_undo_their_payment() -> None:
    found = taken_apart(
        -250,
        item("payment_refunded", "-100.0", payment="PM1", refund="RF1"),
        item("refund", "-200.0", payment="PM1", refund="RF2"),
        item("refund_funds_returned", "50.0", payment="PM1", refund="RF1"),
    )
    ours, other = found["payment_refunded-RF1"], found["refund-RF2"]
    assert (ours.end_to_end_id, ours.returned) == ("R-RF1", False)
    assert (other.end_to_end_id, other.returned, other.return_reason) == ("K-PM1", True, "refunded")
    returned = found["refund_funds_returned-RF1"]
    assert (returned.end_to_end_id, returned.amount) == ("R-RF1", Decimal("0.50"))


def test_fees_of_no_payment_in_the_payout_stand_by_themselves() -> None:
    found = taken_apart(
        11_850,
        item("payment_paid_out", "11900.0", payment="PM1"),
        item("surcharge_fee", "-50.0", payment="PM9"),
    )
    assert found["payment_paid_out-PM1"].charges is None
    fees = found["fees"]
    assert (fees.amount, fees.charges) == (Decimal("-0.50"), Decimal("0.50"))


@pytest.mark.parametrize("amount", [11_880, 11_876], ids=["with tax in it", "with tax beside it"])
def test_tax_on_a_fee_is_part_of_what_was_kept(amount: int) -> None:
    fee = PayoutItem(FEE, "-20.0", {"payment": "PM1"}, [Tax("4.0")])
    found = taken_apart(amount, item("payment_paid_out", "11900.0", payment="PM1"), fee)
    assert found["payment_paid_out-PM1"].charges == Decimal(11_900 - amount) / 100


@pytest.mark.parametrize(
    ("amount", "items", "words"),
    [
        (100, [item("payment_paid_out", "90.0", payment="PM1")], "10 minor units off"),
        (100, [item("payment_paid_out", "100.5", payment="PM1")], "not whole"),
        (100, [item("payment_paid_out", "NaN", payment="PM1")], "no amount"),
        (100, [item("moon_fee", "100.0")], "moon_fee, which nobody here knows"),
    ],
)
def test_figures_that_contradict_each_other_are_no_basis(
    amount: int, items: list[PayoutItem], words: str
) -> None:
    with pytest.raises(SkipRecord, match=words):
        movements(payout(amount), items, "CR1", KNOWN)


TENTHS = st.integers(-5_000, 5_000)


@given(
    st.lists(st.tuples(st.integers(1, 10**7), TENTHS), min_size=1, max_size=8),
    st.lists(TENTHS, max_size=3),
)
def test_no_penny_is_lost_whatever_the_fees(
    payments: list[tuple[int, int]], others: list[int]
) -> None:
    items = []
    for number, (gross, fee) in enumerate(payments):
        items.append(item("payment_paid_out", f"{gross}.0", payment=f"PM{number}"))
        if fee:
            items.append(item(FEE, str(Decimal(fee) / 10), payment=f"PM{number}"))
    items += [item("app_fee", str(Decimal(fee) / 10)) for fee in others]
    exact = sum((Fraction(one.amount) for one in items), Fraction(0))
    whole = int(exact + Fraction(1, 2)) if exact >= 0 else -int(-exact + Fraction(1, 2))
    found = taken_apart(whole, *items)
    for number, (gross, fee) in enumerate(payments):
        one = found[f"payment_paid_out-PM{number}"]
        kept = one.charges or Decimal(0)
        assert one.amount + kept == Decimal(gross) / 100
        assert abs(kept * 100 + Decimal(fee) / 10) <= Decimal("1.5")


def test_payouts_are_pulled_once_with_the_keys_of_their_payments(
    session: GoCardlessSession, world: World, request_of: Asking
) -> None:
    session.collect([request_of()], "")
    for number in (1, 2):
        world.add(
            "payouts",
            id=f"PO{number}",
            amount=11_880,
            currency="GBP",
            status="paid",
            reference=f"TALLY-{number}",
            links={"creditor": "CR001"},
        )
        world.items[f"PO{number}"] = [
            {"type": "payment_paid_out", "amount": "11900.0", "links": {"payment": "PM001"}},
            {"type": FEE, "amount": "-20.0", "links": {"payment": "PM001"}},
        ]
    pulled = list(session.pull("bank_transaction", None))
    *rows, cursor = pulled
    assert isinstance(cursor, Cursor) and cursor.token == "2026-07-01T10:01:00.000Z"
    records = [msgspec.convert(row.raw, BankTransaction) for row in rows if isinstance(row, Pulled)]
    assert len(records) == 4
    assert {one.end_to_end_id for one in records} == {"INV-2026-0001-1", None}
    assert list(session.pull("bank_transaction", cursor.token)) == []


def test_a_payout_nobody_understands_is_set_aside_and_read_again(
    session: GoCardlessSession, world: World
) -> None:
    values: dict[str, Any] = {"currency": "GBP", "status": "paid", "links": {"creditor": "CR001"}}
    for number, kind in enumerate(("refund", "moon_fee", "refund")):
        world.add("payouts", id=f"PO{number}", amount=0, **values)
        world.items[f"PO{number}"] = [{"type": kind, "amount": "0.0", "links": {}}]
    *_, cursor = pulled = list(session.pull("bank_transaction", None))
    (broken,) = [one for one in pulled if isinstance(one, Broken)]
    assert broken.place == "payout PO1" and "moon_fee" in broken.what
    assert cursor == Cursor("2026-07-01T10:00:00.000Z")
