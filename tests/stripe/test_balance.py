"""What moved at Stripe: net and fee, our key, what came back, what went to the bank."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from tallystick.cash.settling.received import received_of
from tallystick.connector import Broken, Cursor, Pulled, RefundRequest
from tallystick.errors import Retry
from tallystick.money import Money
from tallystick.records import BankTransaction
from tallystick_stripe.session import StripeSession

from .conftest import Clock, asking
from .objects import Object
from .server import FakeStripe
from .world import World

KEY = "INV-2026-0007-1"


def pulled(
    session: StripeSession, since: str | None = None
) -> tuple[list[BankTransaction], str | None, list[Broken]]:
    records, broken, token = [], [], None
    for item in session.pull("bank_transaction", since):
        match item:
            case Pulled(raw, _):
                records.append(BankTransaction(**raw))
            case Cursor(told):
                token = told
            case _:
                broken.append(item)
    return records, token, broken


@pytest.fixture
def paid(session: StripeSession, world: World) -> Iterator[Object]:
    customer = world.customer(name="Contoso")["id"]
    [attempt] = session.collect([asking(customer, world.method(customer)["id"])], KEY)
    return world.store["payment_intent"][attempt.vendor_ref]


def told(record: BankTransaction) -> dict[str, Any]:
    left_out = {"id", "version", "updated_at", "account", "booked_on", "bank_reference"}
    fields = {name: getattr(record, name) for name in record.__struct_fields__}
    return {name: one for name, one in fields.items() if one and name not in left_out}


def test_a_payment_is_what_came_less_what_was_kept(
    session: StripeSession, world: World, paid: Object
) -> None:
    [record], _, broken = pulled(session)
    assert told(record) == {
        "amount": Decimal("121.35"),
        "charges": Decimal("2.10"),
        "currency": "EUR",
        "end_to_end_id": KEY,
        "counterparty": "Ada",
        "remittance": "INV-2026-0007",
    }
    assert (record.account, record.booked_on.isoformat()) == ("acct_1NordlichtIT", "2026-11-02")
    assert record.bank_reference == paid["latest_charge"]
    assert received_of("A", record).worth == Money(12345, "EUR") and not broken


def test_another_currency_is_told_beside_what_it_brought(
    session: StripeSession, world: World
) -> None:
    world.balance_currency = "chf"
    customer = world.customer(name="Contoso")["id"]
    [attempt] = session.collect([asking(customer, world.method(customer)["id"])], KEY)
    refund = RefundRequest("R-1", KEY, attempt.vendor_ref, Money(100, "EUR"), "agreed")
    session.refund(refund)
    back, came = pulled(session)[0]
    assert (came.amount, came.charges, came.currency) == (
        Decimal("127.52"),
        Decimal("2.10"),
        "CHF",
    )
    assert (came.paid_amount, came.paid_currency) == (Decimal("123.45"), "EUR")
    assert (back.amount, back.paid_amount) == (Decimal("-1.05"), Decimal("-1.00"))
    assert back.end_to_end_id == "R-1"


@pytest.mark.parametrize("ours", [True, False])
def test_a_refund_is_money_that_went_back_whoever_gave_it(
    session: StripeSession, world: World, paid: Object, ours: bool
) -> None:
    if ours:
        request = RefundRequest("R-1", KEY, paid["id"], Money(2345, "EUR"), "agreed")
        vendor_ref = session.refund(request).vendor_ref
    else:
        vendor_ref = world.refund({"payment_intent": paid["id"], "amount": "2345"})["id"]
    told_as = ("R-1", False, None) if ours else (KEY, True, "refund")
    back = pulled(session)[0][0]
    assert (back.amount, back.bank_reference) == (Decimal("-23.45"), vendor_ref)
    assert (back.end_to_end_id, back.returned, back.return_reason) == told_as
    world.fail_refund(world.store["refund"][vendor_ref])
    again = pulled(session)[0][0]
    assert (again.amount, again.bank_reference) == (Decimal("23.45"), vendor_ref)
    assert (again.end_to_end_id, again.returned) == told_as[:2]


def test_a_dispute_takes_money_and_its_fee_and_gives_both_back_when_it_is_won(
    session: StripeSession, world: World, paid: Object
) -> None:
    dispute = world.dispute(paid)
    lost = pulled(session)[0][0]
    assert (lost.amount, lost.charges) == (Decimal("-143.45"), Decimal("20.00"))
    assert (lost.returned, lost.return_reason) == (True, "fraudulent")
    assert (lost.end_to_end_id, lost.bank_reference) == (KEY, dispute["id"])
    world.win(dispute)
    won = pulled(session)[0][0]
    assert (won.amount, won.charges, won.returned) == (Decimal("143.45"), Decimal("-20.00"), True)
    assert received_of("A", won).worth == -received_of("A", lost).worth == Money(12345, "EUR")


def test_a_bank_debit_is_no_money_until_its_end_is_known(
    session: StripeSession, world: World, clock: Clock
) -> None:
    customer = world.customer(name="Contoso")["id"]
    method = world.method(customer, kind="sepa_debit")["id"]
    [attempt] = session.collect([asking(customer, method, scheme="sepa_debit")], KEY)
    intent = world.store["payment_intent"][attempt.vendor_ref]
    records, token, _ = pulled(session)
    assert not records and token is not None
    clock.pass_(days=5)
    world.bill_fee(1)
    [_], still, _ = pulled(session, token)
    assert still == token  # whatever came later, it waits for this one
    world.fail(intent, "debit_not_authorized")
    back, _, came = pulled(session, still)[0]
    assert (came.amount, came.charges, came.returned) == (Decimal("123.10"), Decimal("0.35"), False)
    assert (back.amount, back.returned) == (Decimal("-123.45"), True)
    assert back.return_reason == "debit_not_authorized"
    assert came.end_to_end_id == back.end_to_end_id == KEY


def test_a_payout_leaves_the_account_and_fees_of_their_own_are_all_charges(
    session: StripeSession, world: World, paid: Object
) -> None:
    world.bill_fee(500)
    payout = world.pay_out()
    out, fee, came = pulled(session)[0]
    assert told(out) == {
        "amount": Decimal("-116.35"),
        "currency": "EUR",
        "payout": payout["id"],
        "remittance": "STRIPE PAYOUT",
    }
    assert out.bank_reference == payout["id"]
    assert (fee.amount, fee.charges) == (Decimal("-5.00"), Decimal("5.00"))
    assert not received_of("A", fee).worth
    assert out.amount + fee.amount + came.amount == 0


def test_only_what_is_new_is_asked_for_and_a_second_time_tells_the_same(
    session: StripeSession, world: World, fake: FakeStripe, paid: Object, clock: Clock
) -> None:
    first, token, _ = pulled(session)
    assert pulled(session, token) == (first, token, [])
    clock.pass_(days=1)
    world.pay_out()
    records, later, _ = pulled(session, token)
    assert [one.payout for one in records if one.payout] and later != token
    clock.pass_(days=1)
    assert len(pulled(session, later)[0]) == 1  # what is read again
    assert fake.requests[-1][2]["created"] == {"gte": str(json.loads(later)["created"] - 3600)}


def test_what_was_before_the_first_day_is_not_read(
    open_session: Callable[..., StripeSession], world: World, clock: Clock
) -> None:
    session = open_session(start_on="2026-11-04")
    world.bill_fee(1)
    clock.pass_(days=2)
    assert pulled(session) == ([], None, [])
    world.bill_fee(2)
    [later], token, _ = pulled(session)
    assert later.amount == Decimal("-0.02")
    assert pulled(session, token)[0] == [later]


def test_many_pages_are_read_to_their_end_and_one_that_repeats_is_not(
    session: StripeSession, world: World, fake: FakeStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(250):
        world.bill_fee(number + 1)
    records, _, _ = pulled(session)
    assert [one.amount for one in records] == [Decimal(-n) / 100 for n in range(250, 0, -1)]
    page = fake.api._page
    monkeypatch.setattr(
        fake.api, "_page", lambda path, found, sent: page(path, found, {"limit": "100"})
    )
    with pytest.raises(Retry, match="repeats a page"):
        pulled(session)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"net": 12136}, "12345 less the fee of 210 is not 12136"),
        ({"amount": "12345"}, "cannot be read: Expected `int`"),
        ({"amount": None}, "cannot be read"),
        ({"currency": "xxx"}, "not a currency"),
        ({"source": "ch_1"}, "does not tell whether this payment came through"),
    ],
)
def test_a_money_field_that_changed_is_set_aside_never_guessed(
    session: StripeSession,
    world: World,
    fake: FakeStripe,
    paid: Object,
    change: dict[str, Any],
    what: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    expanded = fake.api._expanded
    monkeypatch.setattr(fake.api, "_expanded", lambda move: {**expanded(move), **change})
    records, _, [broken] = pulled(session)
    assert not records and what in broken.what
    fake.violations.clear()
