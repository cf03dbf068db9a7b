"""Events: stored once, believed only as a hint, the same end in every order."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from tallystick.cash.collecting.sending import Outcome
from tallystick.cash.listening.events import store_events
from tallystick.cash.listening.masking import without_cards
from tallystick.connector import Attempt, AttemptState, Event
from tallystick.store.cash import events
from tallystick.store.cash.collection_schema import attempt
from tallystick.store.cash.provider_schema import event
from tallystick.store.database import Database

from .provider import Pay, moved
from .rounds import process_events
from .world import NOON, World, copy_of, laid

KEY = "INV-0001-1"


def told(ref: str, kind: str, key: str | None = KEY, vendor_ref: str | None = None) -> Event:
    return Event(ref, kind, NOON, key, vendor_ref)


def store(world: World, *ones: Event, source: str = "pay", body: bytes = b"{}") -> int:
    return store_events(world.database, source, ones, body, world.now())


def process(world: World, pay: Pay) -> Outcome:
    asking = world.round(pay.channel())
    process_events(asking)
    return asking.outcome


def stored(world: World) -> dict[str, tuple[str, str]]:
    with world.database.read() as connection:
        rows = connection.execute(select(event).order_by(event.c.id))
        return {row.id: (row.state, row.reason) for row in rows}


def collected(world: World) -> Pay:
    world.invoice("INV-0001", "100.00")
    world.card()
    pay = Pay(world.now)
    world.collect_through(pay.channel())
    return pay


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


def test_a_delivery_is_stored_once_however_often_it_comes(world: World) -> None:
    collected(world)
    assert store(world, told("e1", "paid"), told("e2", "settled")) == 2
    assert store(world, told("e2", "settled"), told("e3", "late")) == 1
    assert set(stored(world)) == {"e1", "e2", "e3"}
    assert store(world, told("e1", "paid"), source="other") == 1, "each connection has its own"


def test_deliveries_at_the_same_moment_are_one_row_and_one_payment(world: World) -> None:
    """A peer made two payments of two simultaneous webhooks."""
    pay = collected(world)
    pay.becomes(KEY, "succeeded")

    def both(_: int) -> int:
        new = store(world, told("e1", "paid"))
        process(world, pay)
        return new

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(both, range(4))) == 1
    assert (pay.charges, world.attempts()) == (["INV-0001"], {KEY: "processing"})
    world.bank(moved("t1", "100.00", "2026-10-16", end_to_end_id=KEY), connection="pay")
    world.settle()
    assert [one[3] for one in world.rules()] == ["100.00"]


def test_an_event_says_nothing_but_what_to_ask_about(world: World) -> None:
    pay = collected(world)
    store(world, told("e1", "payment.succeeded"), body=b'{"state": "succeeded", "amount": 1}')
    process(world, pay)
    assert world.attempts() == {KEY: "processing"}
    pay.becomes(KEY, "declined", "lost_card")
    store(world, told("e2", "payment.succeeded"))
    assert [one[2] for one in process(world, pay).declined] == ["lost_card"]
    assert stored(world)["e2"] == ("processed", f"attempt {KEY} was asked about.")


def test_a_key_that_we_never_gave_this_connection_is_ignored_with_its_reason(
    world: World,
) -> None:
    pay = collected(world)
    asked = len(pay.asked)
    store(world, told("e1", "paid", "INV-9-1"), told("e2", "payout", None))
    store(world, told("e3", "paid", KEY), source="another")
    process(world, pay)
    assert {state for state, _ in stored(world).values()} == {"ignored"}
    assert "nothing that was asked for" in stored(world)["e3"][1]
    assert len(pay.asked) == asked
    with world.database.read() as connection:
        assert set(events.pulls_wanted(connection)) == {"another", "pay"}


def test_an_event_finds_its_attempt_by_the_providers_own_reference(world: World) -> None:
    pay = collected(world)
    pay.becomes(KEY, "declined", "lost_card")
    store(world, told("e1", "failed", None, "pi_1"))
    process(world, pay)
    assert world.attempts() == {KEY: "declined"}


def test_a_question_without_an_answer_is_asked_again_and_nothing_is_charged(world: World) -> None:
    """A peer charged its clients again every day after its webhook job had crashed."""
    pay = collected(world)
    pay.becomes(KEY, "succeeded")
    store(world, told("e1", "paid"))
    pay.faults = ["before"]
    process(world, pay)
    assert stored(world)["e1"][0] == "stored"
    process(world, pay)
    assert stored(world)["e1"][0] == "stored", "its time has not come"
    for _ in range(3):
        world.clock += timedelta(hours=24)
        process(world, pay)
        world.collect_through(pay.channel())
    assert (stored(world)["e1"][0], pay.charges) == ("processed", ["INV-0001"])


def test_a_pull_is_wanted_until_it_began_after_the_event(world: World) -> None:
    pay = collected(world)
    store(world, told("e1", "paid"))
    process(world, pay)
    with world.database.write() as connection:
        wanted = events.pulls_wanted(connection)["pay"]
        events.want_pull(connection, "pay", wanted + timedelta(seconds=1))
        events.pulled(connection, "pay", wanted)
        assert set(events.pulls_wanted(connection)) == {"pay"}
        events.pulled(connection, "pay", wanted + timedelta(seconds=1))
        assert events.pulls_wanted(connection) == {}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return laid(tmp_path_factory.mktemp("template"), collected)


STORY: tuple[tuple[AttemptState, str], ...] = (
    ("processing", "created"),
    ("requires_customer", "action"),
    ("processing", "acted"),
    ("declined", "failed"),
    ("processing", "tried again"),
    ("succeeded", "succeeded"),
)


class Uncommitted(Database):
    """A database of which nothing is ever committed: 720 stories are told in seconds."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def dialect(self) -> str:
        return self._connection.dialect.name

    @contextmanager
    def read(self) -> Iterator[Connection]:
        yield self._connection

    write = read


def test_all_orders_of_six_events_each_told_twice_end_the_same(template: Path) -> None:
    """An event is sent once the provider is where it says, comes whenever it likes and
    once more in the end; what is stored is processed after every other delivery."""
    ends = set()
    with copy_of(template) as laid_world, laid_world.database.write() as connection:
        world = World(Uncommitted(connection))
        pay = Pay(world.now)
        for number, order in enumerate(permutations(range(6))):
            pay.payments[KEY] = Attempt(KEY, "processing", "pi_1")
            happened = 0
            with connection.begin_nested() as told_once:
                for at, index in enumerate(order):
                    happened = max(happened, index)
                    pay.becomes(KEY, STORY[happened][0])
                    assert store(world, told(f"e{index}", STORY[index][1])) == 1
                    if at % 2 == number % 2 or at == 5:
                        process(world, pay)
                assert store(world, *(told(f"e{one}", STORY[one][1]) for one in order)) == 0
                row = connection.execute(select(attempt)).one()
                states = {state for state, _ in stored(world).values()}
                ends.add((row.state, row.told, world.states()["INV-0001"][0], *states))
                told_once.rollback()
    assert ends == {("processing", "succeeded", "collecting", "processed")}


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("card 4242 4242 4242 4242, thanks", "card **** **** **** 4242, thanks"),
        ('{"n":"5555555555554444"}', '{"n":"************4444"}'),
        ("378282246310005", "***********0005"),
        ("4242424242424241", "4242424242424241"),
        ("pi_4242424242424242", "pi_4242424242424242"),
        ("1761998400", "1761998400"),
    ],
)
def test_card_numbers_are_masked_and_other_numbers_stay(text: str, masked: str) -> None:
    assert without_cards(text) == masked


@given(st.text(alphabet="0123456789 -x", max_size=60))
def test_masking_twice_is_masking_once_and_keeps_the_length(text: str) -> None:
    once = without_cards(text)
    assert (len(once), without_cards(once)) == (len(text), once)


def test_no_card_number_is_ever_stored(world: World) -> None:
    store(world, told("e1", "note"), body=b'{"note": "my card is 4242424242424242\x00"}')
    with world.database.read() as connection:
        body = connection.execute(select(event.c.body)).scalar_one()
    assert "4242424242424242" not in body
    assert "************4242" in body
