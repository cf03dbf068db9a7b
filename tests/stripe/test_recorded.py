"""Objects recorded at Stripe, old and new, go through what we read; and none holds a card number.

The recorded ones are a community's samples, some of them cut or rewritten; what they lack is a
sentence, never a wrong figure.
"""

from __future__ import annotations

import json
import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tallystick.errors import SkipRecord
from tallystick_stripe.events import _Body, _event
from tallystick_stripe.holders import Customer, Method, client_of, mandate_of
from tallystick_stripe.intents import Intent, attempt_of
from tallystick_stripe.movements import Move, movement

ROOT = Path(__file__).resolve().parents[2].parent / "shared"
RECORDED = ROOT / "data/stripe_recorded"


def recorded(pattern: str) -> list[Any]:
    found = sorted(RECORDED.glob(pattern))
    assert found, f"no recorded {pattern}"
    return [json.loads(one.read_text(encoding="utf-8")) for one in found]


@pytest.fixture(scope="module")
def newest() -> dict[str, Any]:
    """Stripe's own example of every object, of August 2026."""
    text = (ROOT / "specs/stripe/fixtures3.json").read_text(encoding="utf-8")
    resources: dict[str, Any] = json.loads(text)["resources"]
    return resources


def no_intent(id_: str) -> Intent:
    return Intent(id_, "succeeded", metadata={"tallystick_attempt": f"key of {id_}"})


def moves() -> list[Any]:
    disputes = recorded("dispute_*.json")
    plain = [one for one in disputes if one["object"] == "balance_transaction"]
    within = [
        {**move, "source": one}
        for one in disputes
        if one["object"] == "dispute"
        for move in one["balance_transactions"]
    ]
    return plain + within


def test_disputes_as_they_were_recorded_take_and_give_back() -> None:
    told = [movement(msgspec.convert(one, Move), "A", no_intent) for one in moves()]
    assert {(one.amount, one.charges, one.returned) for one in told} == {
        (Decimal("-25.00"), Decimal("15.00"), True),
        (Decimal("25.00"), Decimal("-15.00"), True),
        (Decimal("-25.00"), Decimal("15.00"), False),  # its dispute was not told with it
    }
    assert {one.currency for one in told} == {"USD"}
    assert any((one.end_to_end_id or "").startswith("key of pi_") for one in told)


def test_a_charge_as_it_was_recorded_is_a_payment_less_its_fee() -> None:
    [move], [charge] = recorded("balance_transaction_*.json"), recorded("charge_*.json")
    told = movement(msgspec.convert({**move, "source": charge}, Move), "A", no_intent)
    assert (told.amount, told.charges) == (Decimal("19.12"), Decimal("0.88"))
    assert told.booked_on == date(2019, 5, 16)
    with pytest.raises(SkipRecord, match="does not tell"):
        movement(msgspec.convert(move, Move), "A", no_intent)


def test_intents_customers_and_methods_as_they_were_recorded_are_read() -> None:
    intents = [msgspec.convert(one, Intent) for one in recorded("payment_intent_*.json")]
    assert {attempt_of("K", one).state for one in intents} <= {"succeeded", "unknown"}
    for one in recorded("customer_*.json"):
        assert client_of(msgspec.convert(one, Customer)).id.startswith("cus_")
    for one in recorded("payment_method_*.json"):
        method = msgspec.convert(one, Method)
        mandate = mandate_of(method, Customer(method.customer or "cus_1"))
        assert mandate is not None and mandate.scheme == "card"
        assert mandate.expires_on == date(2021, 7, 1)


def test_events_as_they_were_recorded_are_read() -> None:
    for one in recorded("event_*.json"):
        event = _event(msgspec.convert(one, _Body))
        assert (event.kind, event.key) == (one["type"], None)


def test_stripes_newest_objects_still_fit(newest: dict[str, Any]) -> None:
    assert msgspec.convert(newest["payment_intent"], Intent).id.startswith("pi_")
    source = newest["charge"]
    move = msgspec.convert({**newest["balance_transaction"], "source": source}, Move)
    assert movement(move, "A", no_intent).amount == Decimal("1.00")
    for name in ("refund", "dispute", "payout"):
        with_source = {**newest["balance_transaction"], "type": name, "source": newest[name]}
        assert movement(msgspec.convert(with_source, Move), "A", no_intent).amount == Decimal(1)
    assert msgspec.convert(newest["customer"], Customer).id.startswith("cus_")
    assert msgspec.convert(newest["payment_method"], Method).card is not None
    assert msgspec.convert(newest["event"], _Body).type


MONEY = ("amount", "fee", "net", "currency", "created", "id", "type")


@pytest.mark.parametrize("name", MONEY)
def test_a_field_gone_renamed_or_of_another_type_is_never_a_zero(name: str) -> None:
    [move], [charge] = recorded("balance_transaction_*.json"), recorded("charge_*.json")
    whole = {**move, "source": charge}
    gone = {key: value for key, value in whole.items() if key != name}
    other: list[Any] = [str(whole[name]) if isinstance(whole[name], int) else 7, None, [], {}]
    for changed in (gone, {**gone, f"{name}_": whole[name]}, *({**gone, name: x} for x in other)):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(changed, Move)


def luhn(digits: str) -> bool:
    doubled = [int(d) * (1 + (i % 2)) for i, d in enumerate(reversed(digits))]
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def card_numbers(text: str) -> list[str]:
    found = re.findall(r"(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w-])", text)
    plain = [re.sub(r"\D", "", one) for one in found]
    return [one for one in plain if luhn(one) and one[0] in "23456"]


def test_a_card_number_is_recognised_by_this_test() -> None:
    assert card_numbers('"number": "4242 4242 4242 4242"') == ["4242424242424242"]
    assert card_numbers("created 1234567890, 4242") == []


def test_nothing_read_of_stripes_objects_holds_a_card_number(newest: dict[str, Any]) -> None:
    methods = [*recorded("payment_method_*.json"), newest["payment_method"]]
    told: list[Any] = [
        mandate_of(msgspec.convert(one, Method), Customer("cus_1")) for one in methods
    ]
    told += [movement(msgspec.convert(one, Move), "A", no_intent) for one in moves()]
    text = msgspec.json.encode(told).decode()
    assert not card_numbers(text) and "last4" not in text and "4242" not in text
    names = {name for kind in (Method, Move, Intent) for name in kind.__struct_fields__}
    assert not names & {"number", "cvc", "fingerprint", "last4", "client_secret"}
