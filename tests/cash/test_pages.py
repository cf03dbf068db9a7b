"""Hosted pages: one open path at a time, whichever way the money comes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import select

from tallystick.cash.collecting.attempts import OPEN
from tallystick.cash.collecting.sending import Outcome
from tallystick.cash.listening import pages
from tallystick.cash.listening.events import store_events
from tallystick.cash.listening.page_life import close_page, close_settled, refresh_page
from tallystick.connector import Event
from tallystick.errors import Stop
from tallystick.records import Client
from tallystick.store.cash import events
from tallystick.store.cash.collection_schema import attempt
from tallystick.store.cash.pages import request_of
from tallystick.store.cash.provider_schema import page
from tallystick.store.database import Database, open_database
from tallystick.store.migrate import upgrade

from .provider import CARDS, Pay, moved
from .rounds import process_events, refresh_pages
from .world import NOON, World, movement

ACME = Client(id="1001", name="Acme GmbH", email="ap@acme.example")
KEY = "INV-0001-1"
HOUR = timedelta(hours=1)


@pytest.fixture
def world(database: Database) -> World:
    made = World(database)
    made.invoice("INV-0001", "100.00")
    return made


def intend(world: World, number: str = "INV-0001") -> str:
    told = (world.database, "pay", CARDS, number, ACME, None, "anna", world.now)
    return pages.intend_payment(*told)


def set_up(world: World) -> str:
    told = (world.database, "pay", CARDS, "psa:1001", ACME, "EUR", None, "anna", world.now)
    return pages.intend_set_up(*told)


def refresh(world: World, pay: Pay, key: str = KEY) -> Outcome:
    asking = world.round(pay.channel())
    refresh_page(asking, key)
    return asking.outcome


def opened(world: World) -> Pay:
    pay = Pay(world.now)
    refresh(world, pay, intend(world))
    return pay


def state(world: World, key: str = KEY) -> str:
    with world.database.read() as connection:
        return str(connection.execute(select(page.c.state).where(page.c.key == key)).scalar())


def test_a_page_is_the_open_attempt_of_its_invoice(world: World) -> None:
    """At a peer's, autocharge and an open checkout both charged."""
    pay = opened(world)
    world.card()
    assert (state(world), world.attempts()) == ("open", {KEY: "requires_customer"})
    assert world.column(KEY, "link") == "https://pay.example/1"
    world.collect_through(pay.channel())
    assert (pay.charges, world.states()["INV-0001"][0]) == ([], "collecting")
    pay.pays(KEY)
    refresh(world, pay)
    assert (state(world), world.attempts()) == ("done", {KEY: "processing"})
    world.bank(
        moved("t1", "97.00", "2026-10-03", charges="3.00", end_to_end_id=KEY), connection="pay"
    )
    world.settle()
    world.collect_through(pay.channel())
    assert (pay.charges, world.states()["INV-0001"][0]) == ([KEY], "paid")


def test_what_is_being_collected_gets_no_page(world: World) -> None:
    world.card()
    pay = Pay(world.now)
    world.collect_through(pay.channel())
    with pytest.raises(Stop, match="being collected"):
        intend(world)
    pay.becomes(KEY, "declined", "MD01")
    world.clock += HOUR
    world.collect_through(pay.channel())
    assert intend(world) == "INV-0001-2"


def test_asking_for_a_page_twice_gives_one(world: World) -> None:
    pay = opened(world)
    assert intend(world) == KEY
    refresh(world, pay)
    assert list(pay.pages) == [KEY]


def test_money_that_came_another_way_closes_the_page(world: World) -> None:
    pay = opened(world)
    world.bank(movement("t1", "100.00", remittance="INV-0001"))
    world.settle()
    assert close_settled(world.round(pay.channel())) == 1
    assert (pay.pages[KEY].state, state(world)) == ("expired", "expired")
    assert world.attempts() == {KEY: "cancelled"}
    assert close_settled(world.round(pay.channel())) == 0


def test_a_page_paid_before_it_could_be_closed_stands(world: World) -> None:
    pay = opened(world)
    pay.pays(KEY)
    world.bank(movement("t1", "100.00", remittance="INV-0001"))
    world.settle()
    world.collect_through(pay.channel())
    assert (state(world), world.attempts()) == ("done", {KEY: "processing"})


def test_a_page_of_another_amount_is_closed_before_there_is_a_new_one(world: World) -> None:
    pay = opened(world)
    world.bank(movement("t1", "40.00", remittance="INV-0001"))
    world.settle()
    with pytest.raises(Stop, match=f"--close {KEY}"):
        intend(world)
    assert close_page(world.round(pay.channel()), KEY)
    refresh(world, pay, intend(world))
    assert [one.state for one in pay.pages.values()] == ["expired", "open"]


@pytest.mark.parametrize("paid", [False, True], ids=["closed", "paid otherwise"])
def test_a_page_that_is_over_before_it_was_opened_stays_over(world: World, paid: bool) -> None:
    """Whoever intended it opens it a moment later, and under its key gets the one that is over."""
    pay = Pay(world.now)
    key = intend(world)
    with world.database.read() as connection:
        row = connection.execute(select(page)).one()
    if paid:
        world.bank(movement("t1", "100.00", remittance="INV-0001"))
        world.settle()
        refresh(world, pay, key)
    else:
        assert close_page(world.round(pay.channel()), key)
    assert pay.open_page(request_of(row)).state == "expired"
    assert (state(world), world.attempts()) == ("expired", {KEY: "cancelled"})


def test_a_page_that_expires_frees_its_invoice(world: World) -> None:
    pay = opened(world)
    pay.close_page(KEY)
    world.clock += HOUR
    refresh_pages(world.round(pay.channel()))
    assert (state(world), world.attempts()) == ("expired", {KEY: "cancelled"})
    assert world.states()["INV-0001"][0] == "posted"


@pytest.mark.parametrize("fault", ["before", "after"])
def test_a_page_without_an_answer_is_asked_for_and_opened_once(world: World, fault: str) -> None:
    pay = Pay(world.now, faults=[None, fault])  # type: ignore[list-item]  # one of its two words
    refresh(world, pay, intend(world))
    assert (state(world), world.attempts()) == ("unknown", {KEY: "requires_customer"})
    refresh(world, pay)
    assert (state(world), list(pay.pages)) == ("open", [KEY])


def test_a_page_is_not_opened_again_once_its_key_may_be_forgotten(world: World) -> None:
    pay = Pay(world.now, faults=[None, "before"])
    refresh(world, pay, intend(world))
    world.clock = NOON + 25 * HOUR
    assert refresh(world, pay).lost
    assert (state(world), world.attempts(), pay.pages) == ("lost", {KEY: "lost"}, {})


def test_a_client_gives_a_mandate_on_a_page_and_it_is_pulled(world: World) -> None:
    pay = Pay(world.now)
    key = set_up(world)
    assert (key, set_up(world)) == ("SETUP-psa-1001-" + key[15:], key)
    refresh(world, pay, key)
    [(_, body)] = pay.bodies
    assert b'"amount":null' in body
    pay.pays(key)
    store_events(world.database, "pay", [Event("e1", "done", NOON, key)], b"{}", world.now())
    process_events(world.round(pay.channel()))
    assert state(world, key) == "done"
    with world.database.read() as connection:
        assert set(events.pulls_wanted(connection)) == {"pay"}
    assert set_up(world) != key


def test_at_once_a_page_and_a_collection_one_of_them_is_live(world: World) -> None:
    world.card()
    pay = Pay(world.now)

    def page_it(_: int) -> None:
        try:
            refresh(world, pay, intend(world))
        except Stop:
            return

    with ThreadPoolExecutor(4) as pool:
        done = [pool.submit(page_it, one) for one in range(2)]
        done += [pool.submit(world.collect_through, pay.channel()) for _ in range(2)]
        for one in done:
            one.result()
    with world.database.read() as connection:
        rows = connection.execute(select(attempt).where(attempt.c.state.in_(OPEN))).all()
    assert len(rows) == 1
    assert len(pay.charges) + len(pay.pages) == 1


class OnePath(RuleBasedStateMachine):
    """Whatever a person, a payer, the bank, the network and the clock do to one invoice: it is
    never charged while it can be paid on a page, nor twice."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        database = open_database("sqlite:///cash.db", Path(self.folder.name))
        upgrade(database)
        self.world = World(database)
        self.world.invoice("INV-0001", "100.00")
        self.world.card()
        self.pay = Pay(self.world.now)
        self.paid: set[str] = set()

    def teardown(self) -> None:
        self.world.database.close()
        self.folder.cleanup()

    @rule()
    def collects(self) -> None:
        self.world.collect_through(self.pay.channel())

    @rule()
    def opens(self) -> None:
        try:
            refresh(self.world, self.pay, intend(self.world))
        except Stop:
            return

    @rule()
    def closes(self) -> None:
        for key in list(self.pay.pages):
            close_page(self.world.round(self.pay.channel()), key)

    @rule()
    def payer_pays(self) -> None:
        for key, one in list(self.pay.pages.items()):
            if one.state == "open":
                self.pay.pays(key)

    @rule(faults=st.lists(st.sampled_from([None, "before", "after"]), max_size=4))
    def breaks(self, faults: list[None]) -> None:
        self.pay.faults = list(faults)

    @rule(state=st.sampled_from(["succeeded", "declined"]))
    def provider_decides(self, state: str) -> None:
        for key, one in self.pay.payments.items():
            if one.state == "processing":
                self.pay.becomes(key, state, "AM04")

    @precondition(lambda self: self.pay.payments)
    @rule()
    def money_moves(self) -> None:
        for key, one in self.pay.payments.items():
            if one.state == "succeeded" and key not in self.paid:
                self.paid.add(key)
                came = moved(f"t-{key}", "100.00", "2026-10-03", end_to_end_id=key)
                self.world.bank(came, connection="pay")
        self.world.settle()

    @rule(hours=st.sampled_from([1, 12, 19]))
    def time_passes(self, hours: int) -> None:
        self.world.clock += hours * HOUR
        refresh_pages(self.world.round(self.pay.channel()))

    @invariant()
    def one_path(self) -> None:
        live = [key for key, one in self.pay.pages.items() if one.state == "open"]
        under_way = [
            key
            for key, one in self.pay.payments.items()
            if key not in self.pay.pages and one.state in ("processing", "succeeded")
        ]
        assert len(live) + len(under_way) <= 1
        good = [key for key, one in self.pay.payments.items() if one.state == "succeeded"]
        assert len(good) <= 1


OnePath.TestCase.settings = settings(
    max_examples=10,
    stateful_step_count=25,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # its stories shrink for minutes
)
TestOnePath = OnePath.TestCase
