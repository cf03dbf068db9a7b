"""Refunds: two people, never more than was received, once, and the money follows."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tallystick.cash.collecting.sending import Outcome
from tallystick.cash.listening.verdicts import resolve
from tallystick.cash.repaying import refunds
from tallystick.cash.repaying.refunds import Asked
from tallystick.cash.repaying.repaying import refresh_refund
from tallystick.connector import Refund
from tallystick.errors import Stop
from tallystick.store.cash.provider_schema import refund as table
from tallystick.store.database import Database

from .provider import Pay, moved
from .rounds import refresh_refunds
from .world import NOON, World, copy_of, laid

KEY = "INV-0001-1"
RF = "RF-INV-0001-1-1"
HOUR = timedelta(hours=1)
PAID = moved("t1", "97.00", "2026-10-16", charges="3.00", end_to_end_id=KEY)


def paid(world: World) -> Pay:
    world.invoice("INV-0001", "100.00")
    world.card()
    pay = Pay(world.now)
    world.collect_through(pay.channel())
    world.bank(PAID, connection="pay")
    world.settle()
    return pay


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


def ask(world: World, amount: str, **more: str) -> Asked:
    told = (world.database, "INV-0001", Decimal(amount), "goodwill", "anna", {"pay"}, world.now)
    return refunds.ask(*told, **more)


def approve(world: World, key: str, by: str = "ben") -> None:
    refunds.approve(world.database, key, by, world.now)


def send(world: World, pay: Pay, key: str = RF) -> Outcome:
    asking = world.round(pay.channel())
    refresh_refund(asking, key)
    return asking.outcome


def state(world: World, key: str = RF) -> str:
    with world.database.read() as connection:
        return str(connection.execute(select(table.c.state).where(table.c.key == key)).scalar())


def test_one_asks_another_lets_go_and_the_money_is_told_by_a_movement(world: World) -> None:
    pay = paid(world)
    assert ask(world, "40.00").key == RF
    with pytest.raises(Stop, match="second person"):
        approve(world, RF, "anna")
    send(world, pay)
    assert pay.repaid == [], "nobody let it go"
    approve(world, RF)
    send(world, pay)
    assert (state(world), pay.repaid) == ("pending", [KEY])
    world.bank(moved("t2", "-40.00", "2026-10-20", end_to_end_id=RF), connection="pay")
    world.settle()
    assert (state(world), world.states()["INV-0001"]) == ("succeeded", ("part_paid", Decimal(60)))
    assert world.attempts()[KEY] == "succeeded", "a refund is no return"
    held = world.collect_through(pay.channel()).held
    assert "given back" in str(held[0])
    assert pay.charges == ["INV-0001"]
    world.bank(
        moved("t3", "40.00", "2026-10-28", end_to_end_id=RF, returned=True), connection="pay"
    )
    world.settle()
    assert (state(world), world.states()["INV-0001"]) == ("failed", ("paid", Decimal(100)))


def test_a_refund_pays_a_credit_note_out(world: World) -> None:
    pay = paid(world)
    world.invoice("CN-0002", "-40.00")
    with pytest.raises(Stop, match=r"40.00 EUR of CN-0002 is open"):
        ask(world, "41.00", credit_note="CN-0002")
    ask(world, "40.00", credit_note="CN-0002")
    with pytest.raises(Stop, match=r"0.00 EUR of CN-0002 is open and not on its way back"):
        ask(world, "40.00", credit_note="CN-0002")
    approve(world, RF)
    send(world, pay)
    world.bank(moved("t2", "-40.00", "2026-10-20", end_to_end_id=RF), connection="pay")
    world.settle()
    assert world.states()["CN-0002"][0] == world.states()["INV-0001"][0] == "paid"


def test_nothing_is_given_back_during_a_dispute(world: World) -> None:
    pay = paid(world)
    ask(world, "40.00")
    world.dispute("dp_1", KEY, "100.00", "open")
    with pytest.raises(Stop, match="dispute"):
        approve(world, RF)
    with pytest.raises(Stop, match="dispute"):
        ask(world, "10.00")
    world.dispute("dp_1", KEY, "100.00", "lost")
    with pytest.raises(Stop, match=r"0.00 EUR of it is left"):
        approve(world, RF)
    assert pay.repaid == []


def test_a_dispute_that_opens_before_it_is_sent_stops_it(world: World) -> None:
    pay = paid(world)
    ask(world, "40.00")
    approve(world, RF)
    world.dispute("dp_1", KEY, "100.00", "open")
    send(world, pay)
    assert (state(world), pay.repaid) == ("cancelled", [])


@pytest.mark.parametrize("fault", ["before", "after"])
def test_a_lost_answer_is_asked_for_and_given_back_once(world: World, fault: str) -> None:
    pay = paid(world)
    ask(world, "40.00")
    approve(world, RF)
    pay.faults = [None, fault]  # type: ignore[list-item]  # one of its two words
    send(world, pay)
    assert state(world) == "unknown"
    send(world, pay)
    assert (state(world), pay.repaid) == ("pending", [KEY])
    pay.refunds[RF] = Refund(RF, "succeeded", "re_1")
    world.clock += 20 * HOUR
    refresh_refunds(world.round(pay.channel()))
    assert state(world) == "succeeded"


def test_past_its_keys_life_it_waits_for_two_people(world: World) -> None:
    pay = paid(world)
    ask(world, "40.00")
    approve(world, RF)
    pay.faults, pay.hides = [None, "after"], {RF}
    send(world, pay)
    world.clock = NOON + 25 * HOUR
    assert send(world, pay).lost
    send(world, pay)
    assert (state(world), pay.repaid) == ("lost", [KEY])
    with pytest.raises(Stop, match=r"60.00 EUR of it is left"):
        ask(world, "61.00")
    for by in ("anna", "ben"):
        resolve(world.database, RF, "went-through", by, "seen", world.now)
    assert state(world) == "pending"


def test_what_was_not_collected_through_a_provider_is_not_given_back_there(world: World) -> None:
    world.invoice("INV-0001", "100.00")
    with pytest.raises(Stop, match="not collected"):
        ask(world, "1.00")


def test_one_who_asked_may_drop_it(world: World) -> None:
    paid(world)
    ask(world, "100.00")
    refunds.refuse(world.database, RF, "anna", world.now)
    with pytest.raises(Stop, match="No refund"):
        approve(world, RF)
    assert ask(world, "100.00").key == "RF-INV-0001-1-2"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return laid(tmp_path_factory.mktemp("template"), paid)


WORDS = ("ask 30", "ask 60", "ask 100", "approve", "send", "fault", "open", "lost", "won")
STEPS = st.lists(st.sampled_from(WORDS), max_size=14)


@settings(max_examples=25)
@given(STEPS)
def test_refunds_and_lost_disputes_never_exceed_what_was_received(
    template: Path, steps: list[str]
) -> None:
    with copy_of(template) as world:
        pay = Pay(world.now)
        keys: list[str] = []
        disputed = "none"
        for step in steps:
            before = len(pay.repaid)
            try:
                if step.startswith("ask"):
                    keys.append(ask(world, f"{step.split()[1]}.00").key)
                elif step == "approve" and keys:
                    approve(world, keys[-1])
                elif step == "send":
                    refresh_refunds(world.round(pay.channel()))
                elif step == "fault":
                    pay.faults = [None, "after"]
                elif step in ("open", "lost", "won"):
                    disputed = step
                    amount = "100.00" if not pay.repaid else "20.00"
                    world.dispute("dp_1", KEY, amount, step)
            except Stop:
                pass
            if disputed == "open":
                assert len(pay.repaid) == before
            world.clock += timedelta(minutes=70)
        given_back = sum(
            Decimal(str(_amount(body))) for key, body in _sent(pay) if key in pay.refunds
        )
        assert given_back <= 100
        if disputed == "lost" and not given_back:
            with pytest.raises(Stop):
                ask(world, "1.00")


def _sent(pay: Pay) -> list[tuple[str, bytes]]:
    return list(dict(pay.bodies).items())


def _amount(body: bytes) -> Decimal:
    minor = msgspec.json.decode(body)["amount"]["minor"]
    return Decimal(minor) / 100
