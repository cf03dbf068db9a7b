"""What nobody knows of an attempt is asked for, never guessed, and never sent under another key."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tallystick.cash.collecting.asking import ask_again
from tallystick.cash.listening.verdicts import Verdict, resolve
from tallystick.connector import Attempt
from tallystick.errors import Stop
from tallystick.store.database import Database

from .provider import Pay, moved
from .world import NOON, World, movement

KEY = "INV-0001-1"
HOUR = timedelta(hours=1)


@pytest.fixture
def world(database: Database) -> World:
    made = World(database)
    made.invoice("INV-0001", "100.00")
    made.card()
    return made


def test_a_lost_answer_is_asked_for_within_the_keys_life(world: World) -> None:
    pay = Pay(world.now, faults=["after"])
    world.collect_through(pay.channel())
    assert world.attempts() == {KEY: "unknown"}
    world.collect_through(pay.channel())
    assert (world.attempts(), pay.charges) == ({KEY: "processing"}, ["INV-0001"])
    assert len(pay.bodies) == 1, "it was found, so nothing was sent again"


def test_what_never_arrived_is_replayed_with_the_same_key_and_body(world: World) -> None:
    pay = Pay(world.now, faults=["before"])
    world.collect_through(pay.channel())
    world.clock = NOON + 19 * HOUR
    world.card(holder="Another Name GmbH")
    world.collect_through(pay.channel())
    assert (world.attempts(), pay.charges) == ({KEY: "processing"}, ["INV-0001"])
    [(key, body)] = pay.bodies
    assert (key, b"Acme GmbH" in body) == (KEY, True)


def test_a_failed_replay_stays_unknown(world: World) -> None:
    pay = Pay(world.now, faults=["before", None, "before", None, "before"])
    for _ in range(3):
        world.collect_through(pay.channel())
        assert world.attempts() == {KEY: "unknown"}
    assert pay.charges == []
    world.collect_through(pay.channel())
    assert pay.charges == ["INV-0001"]


def test_what_was_paid_meanwhile_is_withdrawn_and_not_replayed(world: World) -> None:
    pay = Pay(world.now, faults=["before"])
    world.collect_through(pay.channel())
    world.bank(movement("t1", "100.00", remittance="INV-0001"))
    world.settle()
    report = world.collect_through(pay.channel())
    assert [one[0] for one in report.cancelled] == ["INV-0001"]
    assert (world.attempts(), pay.charges) == ({KEY: "cancelled"}, [])
    assert world.states()["INV-0001"][0] == "paid"


def test_past_the_keys_life_nothing_is_replayed_and_it_waits_for_two_people(world: World) -> None:
    pay = Pay(world.now, faults=["after"])
    pay.hides = {KEY}
    world.collect_through(pay.channel())
    world.clock = NOON + 25 * HOUR
    for _ in range(3):
        world.collect_through(pay.channel())
        assert world.attempts() == {KEY: "lost"}
    assert (pay.charges, len(pay.bodies)) == (["INV-0001"], 1)
    assert world.states()["INV-0001"][0] == "collecting"
    assert [one.state for one in world.overview().stuck] == ["lost"]


def lost(world: World, *, charged: bool) -> Pay:
    pay = Pay(world.now, faults=["after" if charged else "before"], hides={KEY})
    world.collect_through(pay.channel())
    world.clock = NOON + 25 * HOUR
    world.collect_through(pay.channel())
    return pay


def test_a_lost_attempt_that_is_found_after_all_goes_on(world: World) -> None:
    pay = lost(world, charged=True)
    pay.hides = set()
    ask_again(world.round(pay.channel()))
    assert world.attempts() == {KEY: "lost"}, "its time has not come"
    world.clock += 24 * HOUR
    ask_again(world.round(pay.channel()))
    assert world.attempts() == {KEY: "processing"}


def says(world: World, verdict: Verdict, by: str) -> bool:
    return not resolve(world.database, KEY, verdict, by, "looked it up", world.now).waits


def test_two_people_say_it_never_arrived_and_it_is_collected_under_a_new_key(world: World) -> None:
    pay = lost(world, charged=False)
    assert not says(world, "never-sent", "anna")
    assert not says(world, "never-sent", "anna"), "once more is not a second person"
    assert not says(world, "went-through", "ben"), "they must say the same"
    assert not says(world, "never-sent", "anna")
    assert says(world, "never-sent", "ben")
    assert world.attempts() == {KEY: "cancelled"}
    world.collect_through(pay.channel())
    assert world.attempts() == {KEY: "cancelled", "INV-0001-2": "processing"}
    assert pay.charges == ["INV-0001"]


def test_a_verdict_is_forgotten_after_a_day(world: World) -> None:
    lost(world, charged=False)
    assert not says(world, "never-sent", "anna")
    world.clock += 25 * HOUR
    assert not says(world, "never-sent", "ben")


def test_two_people_say_it_went_through_and_its_money_is_waited_for(world: World) -> None:
    pay = lost(world, charged=True)
    says(world, "went-through", "anna")
    assert says(world, "went-through", "ben")
    assert world.attempts() == {KEY: "processing"}
    world.bank(
        moved("t1", "97.00", "2026-10-03", charges="3.00", end_to_end_id=KEY), connection="pay"
    )
    world.settle()
    assert (world.attempts(), world.states()["INV-0001"][0]) == ({KEY: "succeeded"}, "paid")
    assert pay.charges == ["INV-0001"]


def test_nobody_decides_what_its_collector_can_tell(world: World) -> None:
    pay = Pay(world.now, faults=["after"])
    world.collect_through(pay.channel())
    with pytest.raises(Stop, match="unknown"):
        says(world, "never-sent", "anna")
    with pytest.raises(Stop, match="Nothing called"):
        resolve(world.database, "INV-9", "failed", "anna", "", world.now)


def test_dropped_webhooks_heal_by_asking_ever_more_rarely(world: World) -> None:
    pay = Pay(world.now)
    world.collect_through(pay.channel())
    for _ in range(60):
        ask_again(world.round(pay.channel()))
        world.clock += HOUR
    assert 6 <= len(pay.asked) <= 10
    pay.becomes(KEY, "declined", "insufficient_funds")
    world.clock += 24 * HOUR
    asking = world.round(pay.channel())
    ask_again(asking)
    assert [(one[0], one[2]) for one in asking.outcome.declined] == [
        ("INV-0001", "insufficient_funds")
    ]
    assert world.column(KEY, "reason") == "insufficient_funds"


def test_a_payer_who_must_act_gets_a_page_and_nobody_charges_again(world: World) -> None:
    link = "https://pay.example/auth"
    pay = Pay(world.now, says={KEY: Attempt(KEY, "requires_customer", "pi_1", "3ds", link)})
    report = world.collect_through(pay.channel())
    assert [one[2] for one in report.asked_of_payer] == [link]
    assert [one.link for one in world.overview().stuck] == [link]
    world.collect_through(pay.channel())
    assert pay.charges == ["INV-0001"]
    pay.becomes(KEY, "succeeded")
    world.clock += HOUR
    world.collect_through(pay.channel())
    assert (world.attempts(), world.column(KEY, "link")) == ({KEY: "processing"}, None)
    asked = len(pay.asked)
    world.clock += 100 * HOUR
    world.collect_through(pay.channel())
    assert len(pay.asked) == asked, "it said succeeded: the money is the next to come"


def test_a_link_is_closed_once_its_invoice_is_paid_in_another_way(world: World) -> None:
    link = "https://pay.example/auth"
    pay = Pay(world.now, says={KEY: Attempt(KEY, "requires_customer", "pi_1", "3ds", link)})
    world.collect_through(pay.channel())
    ask_again(world.round(pay.channel()))
    assert pay.payments[KEY].state == "requires_customer"
    world.bank(movement("t1", "100.00", remittance="INV-0001"))
    world.settle()
    ask_again(world.round(pay.channel()))
    assert (pay.payments[KEY].state, world.attempts()) == ("cancelled", {KEY: "cancelled"})
    assert (pay.charges, world.states()["INV-0001"][0]) == (["INV-0001"], "paid")


def test_no_key_of_one_request_is_ever_that_of_another(world: World) -> None:
    """A peer's client kept the idempotency key of the last request for the next one."""
    for number in range(2, 6):
        world.invoice(f"INV-000{number}", "10.00")
    pay = Pay(world.now, faults=["after", "before", None, "after"])
    for _ in range(3):
        world.collect_through(pay.channel())
    bodies: dict[str, set[bytes]] = {}
    for key, body in pay.bodies:
        bodies.setdefault(key, set()).add(body)
    assert sorted(bodies) == [f"INV-000{number}-1" for number in range(1, 6)]
    assert all(len(ones) == 1 for ones in bodies.values())
    assert sorted(pay.charges) == [f"INV-000{number}" for number in range(1, 6)]
