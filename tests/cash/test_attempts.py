"""The life of an attempt and the numbers payers write, decided without any world."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise, product
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.billing.invoice.debit import mandate_for
from tallystick.cash.collecting.attempts import (
    OPEN,
    UNRESOLVED,
    State,
    ask_again_in,
    attempt_key,
    invoice_state,
    next_action,
    state_shown,
    state_told,
    when_absent,
)
from tallystick.cash.collecting.channels import Authority, Channel, authority_for, mandates_from
from tallystick.cash.collecting.requests import Due, Tried, batch_key, plan
from tallystick.cash.policy.decision import Ask
from tallystick.cash.policy.reasons import reason_of
from tallystick.cash.settling.numbers import Numbers
from tallystick.connector import AttemptState, Collects
from tallystick.money import Money
from tallystick.records import Mandate
from tallystick.store.cash.collection_schema import OPEN_ATTEMPT

from .outside import Vendor

TODAY = date(2026, 10, 1)


NOW = datetime(2026, 10, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
STATES: tuple[State, ...] = get_args(State)


@pytest.mark.parametrize("state", STATES)
def test_what_is_open_is_asked_about_when_its_time_has_come(state: State) -> None:
    if state in OPEN:
        assert next_action(state, NOW, NOW) == "ask"
        assert next_action(state, NOW + HOUR, NOW) == "wait"
        assert next_action(state, None, NOW) == "wait"
    else:
        assert next_action(state, NOW, NOW) == "nothing"


def test_what_never_arrived_is_sent_again_only_while_its_key_surely_stands() -> None:
    def then(age: timedelta, lifetime: timedelta | None, *, unpaid: bool = True) -> str:
        return when_absent(NOW - age, lifetime, NOW, unpaid=unpaid)

    assert then(19 * HOUR, 20 * HOUR) == "send"
    assert then(20 * HOUR, 20 * HOUR) == "lose"
    assert then(20 * HOUR, 20 * HOUR, unpaid=False) == "lose", "it may have been paid by this"
    assert then(19 * HOUR, 20 * HOUR, unpaid=False) == "withdraw"
    assert then(9000 * HOUR, None) == "send"
    assert then(-timedelta(minutes=4), 20 * HOUR) == "send"
    assert then(-HOUR, 20 * HOUR) == "lose", "a clock that was turned back proves nothing"


def test_a_collectors_success_still_waits_for_the_bank() -> None:
    assert state_told("intended", "succeeded") == "processing"
    assert ask_again_in("processing", "succeeded", 0) is None
    assert state_told("intended", "requires_customer") == "requires_customer"


@pytest.mark.parametrize("state", STATES)
def test_an_answer_moves_anything_but_what_the_bank_has_shown(state: State) -> None:
    for answer in get_args(AttemptState):
        told = state_told(state, answer)
        if state in ("succeeded", "failed_late", "disputed"):
            assert told == state
        elif answer == "unknown":
            assert told == ("unknown" if state in UNRESOLVED else state)
        else:
            assert told == ("processing" if answer == "succeeded" else answer)


def test_questions_grow_rarer_and_never_stop_while_an_attempt_is_open() -> None:
    for state, first, longest in (
        ("unknown", "0:01:00", "1:00:00"),
        ("processing", "0:15:00", "1 day, 0:00:00"),
        ("requires_customer", "0:15:00", "1 day, 0:00:00"),
        ("lost", "0:15:00", "1 day, 0:00:00"),
    ):
        waits = [ask_again_in(state, "", asks) for asks in range(100)]  # type: ignore[arg-type]  # a literal of the table above
        assert (str(waits[0]), str(waits[-1])) == (first, longest)
        assert all(a <= b for a, b in pairwise(waits) if a and b)
    assert ask_again_in("declined", "", 0) is None


def test_a_return_outlasts_a_payment_whichever_came_first() -> None:
    states: list[State] = ["processing", "succeeded", "failed_late", "unknown"]
    for state in states:
        assert state_shown(state, paid=True, returned=True) == "failed_late"
        assert state_shown(state, paid=True, returned=False) == "succeeded"
    assert state_shown("succeeded", paid=False, returned=False) == "processing"
    assert state_shown("unknown", paid=False, returned=False) == "unknown"
    assert state_shown("succeeded", paid=True, returned=True, disputed=True) == "disputed"
    assert state_shown("succeeded", paid=True, returned=False, disputed=True) == "disputed"
    assert state_shown("disputed", paid=True, returned=False) == "succeeded"
    assert state_shown("processing", paid=False, returned=False, disputed=True) == "processing"


def test_only_a_reason_known_to_pass_is_tried_again() -> None:
    assert reason_of("AM04").kind == "soft"
    for reason in ("MD01", "AC04", "MS02", "MD06", "", "ZZ99"):
        assert reason_of(reason).kind != "soft"


def test_a_key_reads_as_its_invoice() -> None:
    assert attempt_key("INV-2026-0007", 1) == "INV-2026-0007-1"


@given(st.lists(st.tuples(st.text(min_size=1, max_size=60), st.integers(1, 9)), max_size=20))
def test_keys_fit_and_never_coincide(pairs: list[tuple[str, int]]) -> None:
    keys = {pair: attempt_key(*pair) for pair in pairs}
    assert len(set(keys.values())) == len(set(pairs))
    assert all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]{0,34}", key) for key in keys.values())


def test_numbers_alike_after_cleaning_get_different_keys() -> None:
    assert len({attempt_key(number, 1) for number in ("RE/1", "RE-1", "RE 1", "RE_1")}) == 4


def test_the_state_of_an_invoice_in_every_case() -> None:
    def state(gross: int, settled: int, **how: bool) -> str:
        plain = {"posted": True, "attempt_open": False, "came_back": False}
        return invoice_state(gross, settled, **(plain | how))

    assert state(100, 0) == "posted"
    assert state(100, 0, attempt_open=True) == "collecting"
    assert state(100, 40) == "part_paid"
    assert state(100, 100, attempt_open=True) == "paid"
    assert state(100, 0, came_back=True) == "reopened"
    assert state(100, 100, came_back=True) == "paid"
    assert (state(-100, 0), state(-100, -40), state(-100, -100)) == ("posted", "part_paid", "paid")
    for gross, settled, open_, back in product((100, -100), (0, 100), (True, False), (True, False)):
        how = {"attempt_open": open_, "came_back": back, "posted": False}
        assert state(gross, settled, **how) == "issued"


NUMBERS = Numbers(["INV-2026-0007", "INV-2026-0071", "V-2026-0007", "2026-12", "7"])


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("INV-2026-0007", ["INV-2026-0007"]),
        ("Rechnung inv 2026 0007 danke", ["INV-2026-0007"]),
        ("RECHNUNGINV20260007", ["INV-2026-0007"]),
        ("INV-2026-00\n07", ["INV-2026-0007"]),
        ("INV/2026/0071 und INV2026.0007", ["INV-2026-0071", "INV-2026-0007"]),
        ("INV-2026-0007 vom 15.01.2026", ["INV-2026-0007"]),
        ("V-2026-0007", ["V-2026-0007"]),
        ("INV-2026-00071", []),
        ("12026-12", []),
        ("Re 2026-12", ["2026-12"]),
        ("7 Lizenzen", []),
        ("", []),
    ],
)
def test_numbers_are_found_as_people_write_them(text: str, named: list[str]) -> None:
    assert NUMBERS.named_in(text) == named


@given(st.text(alphabet="INVinv2026-07 /.\n", max_size=60))
def test_what_is_found_is_really_there(text: str) -> None:
    bare = re.sub(r"[^A-Z0-9]", "", text.upper())
    for number in NUMBERS.named_in(text):
        assert number.replace("-", "") in bare


MANDATE = Mandate(
    id="M-1", client="1", iban="DE89370400440532013000", holder="A", signed_on=date(2024, 1, 1)
)
DUE = Due("INV-1", "psa:1", Money(10000, "EUR"), Money(0, "EUR"), date(2026, 10, 15))
FAILED = Tried("INV-1", 1, "failed_late", "AM04", "M-1")
BATCHES = Collects(frozenset({"sepa_debit"}), frozenset({"EUR"}), batched=True)
CARDS = Collects(frozenset({"card", "sepa_debit"}), frozenset({"EUR", "USD"}))


def under(
    *mandates: Mandate, connection: str = "debits", collects: Collects = BATCHES
) -> list[Authority]:
    return [Authority(connection, collects, mandate) for mandate in mandates]


def but(mandate: Mandate, **changes: Any) -> Mandate:
    return msgspec.structs.replace(mandate, **changes)


def test_a_mandate_must_be_signed_and_stand_on_the_due_date() -> None:
    due_on = date(2026, 10, 15)

    def usable(**changes: date) -> bool:
        fields = {name: getattr(MANDATE, name) for name in MANDATE.__struct_fields__}
        return mandate_for([Mandate(**(fields | changes))], "EUR", due_on, TODAY) is not None

    assert usable()
    assert not usable(revoked_on=due_on)
    assert usable(revoked_on=due_on + timedelta(days=1))
    assert not usable(signed_on=TODAY + timedelta(days=1))
    assert not usable(expires_on=due_on)
    assert usable(expires_on=due_on + timedelta(days=1))


def test_the_first_debit_of_a_mandate_is_the_earliest_due() -> None:
    later = replace(DUE, number="INV-0", due_on=date(2026, 11, 1))
    made = plan([later, DUE], {"psa:1": under(MANDATE)}, [], TODAY).intentions
    assert [(one.request.invoice, one.request.first) for one in made] == [
        ("INV-1", True),
        ("INV-0", False),
    ]


def test_a_mandate_that_was_used_is_not_used_first() -> None:
    [made] = plan([DUE], {"psa:1": under(MANDATE)}, [FAILED], TODAY).intentions
    assert (made.ordinal, made.request.key, made.request.first) == (2, "INV-1-2", False)


def test_a_parked_attempt_keeps_its_number() -> None:
    parked = [replace(FAILED, state="parked")]
    [made] = plan([DUE], {"psa:1": under(MANDATE)}, parked, TODAY).intentions
    assert (made.ordinal, made.request.first) == (1, True)


@pytest.mark.parametrize("reason", ["MD01", "MS03", ""])
def test_a_failure_that_needs_a_person_is_held_until_there_is_a_new_mandate(reason: str) -> None:
    failed = [replace(FAILED, reason=reason)]
    result = plan([DUE], {"psa:1": under(MANDATE)}, failed, TODAY)
    assert not result.intentions
    assert len(result.held) == 1
    fields = {name: getattr(MANDATE, name) for name in MANDATE.__struct_fields__}
    newer = Mandate(**(fields | {"id": "M-2", "signed_on": date(2026, 9, 1)}))
    [made] = plan([DUE], {"psa:1": under(MANDATE, newer)}, failed, TODAY).intentions
    assert (made.request.mandate, made.request.first) == ("M-2", True)


def test_even_a_passing_reason_is_not_tried_for_ever() -> None:
    failed = [replace(FAILED, ordinal=ordinal) for ordinal in (1, 2, 3)]
    assert plan([DUE], {"psa:1": under(MANDATE)}, failed[:2], TODAY).intentions
    assert plan([DUE], {"psa:1": under(MANDATE)}, failed, TODAY).held


def test_a_return_without_its_payment_is_not_collected_twice_over() -> None:
    result = plan(
        [replace(DUE, settled=Money(-10000, "EUR"))], {"psa:1": under(MANDATE)}, [], TODAY
    )
    assert not result.intentions
    assert "return" in str(result.held[0])


def test_dollars_are_not_debited() -> None:
    dollars = replace(DUE, gross=Money(100, "USD"), settled=Money(0, "USD"))
    assert plan([dollars], {"psa:1": under(MANDATE)}, [], TODAY).without_mandate == ["INV-1"]


def test_an_amount_the_policy_names_is_asked_for_and_none_is_not() -> None:
    later = date(2026, 11, 2)

    def half(one: Due, *_: object) -> Ask:
        return Ask(Money(one.gross.minor // 2, "EUR"), later)

    [made] = plan([DUE], {"psa:1": under(MANDATE)}, [], TODAY, half).intentions
    assert (made.request.amount, made.request.due_on) == (Money(5000, "EUR"), later)
    nothing = plan([DUE], {"psa:1": under(MANDATE)}, [], TODAY, lambda *_: None)
    assert (nothing.intentions, nothing.held, nothing.without_mandate) == ([], [], [])


def test_no_policy_collects_what_is_disputed() -> None:
    tried = [replace(FAILED, state="disputed")]
    found = plan(
        [DUE], {"psa:1": under(MANDATE)}, tried, TODAY, lambda *_: Ask(Money(1, "EUR"), TODAY)
    )
    assert "disputed" in str(found.held[0])
    assert not found.intentions


def test_a_provider_never_gets_another_body_under_the_key_of_a_parked_attempt() -> None:
    cards = under(but(MANDATE, scheme="card"), connection="pay", collects=CARDS)
    [made] = plan([DUE], {"psa:1": cards}, [], TODAY).intentions
    parked = replace(FAILED, state="parked", request=made.request)
    [again] = plan([DUE], {"psa:1": cards}, [parked], TODAY).intentions
    assert again == made
    less = replace(DUE, settled=Money(1, "EUR"))
    [other] = plan([less], {"psa:1": cards}, [parked], TODAY).intentions
    assert (other.ordinal, other.request.key) == (2, "INV-1-2")


def test_the_newest_usable_authority_collects_whoever_keeps_it() -> None:
    card = but(MANDATE, id="pm_1", scheme="card", signed_on=date(2026, 5, 1))
    both = under(MANDATE) + under(card, connection="pay", collects=CARDS)

    def chosen(candidates: list[Authority], currency: str = "EUR") -> str | None:
        found = authority_for(candidates, currency, DUE.due_on, TODAY)
        return found and f"{found.connection} {found.mandate.id}"

    assert chosen(both) == chosen(both[::-1]) == "pay pm_1"
    assert chosen(both, "USD") == "pay pm_1"
    assert chosen(both, "GBP") is None
    expired = but(card, expires_on=DUE.due_on)
    assert chosen(under(MANDATE) + under(expired, connection="pay")) == "debits M-1"
    twice = under(MANDATE, connection="b") + under(MANDATE, connection="a")
    assert chosen(twice) == "a M-1"


def test_a_collectors_own_mandates_are_nobody_elses() -> None:
    debits, pay = Channel(Vendor(), BATCHES), Channel(Vendor(), CARDS, keeps_mandates=True)
    both = {"debits": debits, "pay": pay}
    assert mandates_from(both, "psa") == {"debits": "psa", "pay": "pay"}
    assert mandates_from(both, "pay") == {"pay": "pay"}
    assert mandates_from({"debits": debits}, None) == {}


def test_a_batch_key_is_told_by_its_content() -> None:
    [made] = plan([DUE], {"psa:1": under(MANDATE)}, [], TODAY).intentions
    key = batch_key([made.request], TODAY)
    assert re.fullmatch(r"TS-20261001-[0-9a-f]{12}", key)
    assert key == batch_key([made.request], TODAY)
    assert key != batch_key([replace(made.request, amount=Money(1, "EUR"))], TODAY)


def test_at_most_one_attempt_is_open_at_a_time() -> None:
    assert {"intended", "unknown", "processing", "requires_customer", "lost"} == OPEN
    listed = str(OPEN_ATTEMPT).partition("(")[2]
    assert {word.strip("' )") for word in listed.split(",")} == OPEN
