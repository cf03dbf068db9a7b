"""The whole way over the strict fake: invoices collected by the real shell, whatever the line does,
and settled by what Stripe's balance says.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from tests.cash.world import World as Books

from tallystick.books.entries import bank_account
from tallystick.cash.collecting.channels import Channel
from tallystick.cash.collecting.collect import collect
from tallystick.cash.settling.settle import settle
from tallystick.connector import Pulled
from tallystick.plugins import Plugins
from tallystick.records import BankTransaction, Mandate
from tallystick.store.database import open_database
from tallystick.store.facts import inbound
from tallystick.store.migrate import upgrade
from tallystick_stripe.session import StripeSession

from .conftest import Clock
from .server import FakeStripe
from .world import World

FAULTS = ("lost", "unseen", "broken", "busy", "cut", "page")


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    database = open_database("sqlite:///test.db", tmp_path)
    upgrade(database)
    yield Books(database)
    database.close()


class Office:
    """An MSP that collects over `session`, at the fake's own time."""

    def __init__(self, books: Books, session: StripeSession, world: World, clock: Clock) -> None:
        self.books, self.session, self.world, self.clock = books, session, world, clock

    def client(self, ref: str, fate: str = "ok", kind: str = "card") -> None:
        """A client with a mandate at Stripe and an invoice over 119.00."""
        self.world.customer(name=f"Client {ref}", metadata={"tallystick_client": f"psa:{ref}"})
        customer = next(reversed(self.world.store["customer"]))
        self.world.method(customer, fate, kind)
        self.books.invoice(f"INV-{ref}", "119.00", client=ref, due_on=date(2026, 11, 2))

    def sync(self) -> None:
        for kind, record in (("mandate", Mandate), ("bank_transaction", BankTransaction)):
            rows = self.session.pull(kind, None)
            records = [record(**one.raw) for one in rows if isinstance(one, Pulled)]
            with self.books.database.write() as connection:
                inbound.store_records(connection, "cards", kind, records, self.clock())

    def collect(self) -> None:
        collects = Plugins().connector("stripe").collects
        assert collects is not None
        channels = {"cards": Channel(self.session, collects, keeps_mandates=True)}
        day = self.clock().date()
        collect(self.books.database, channels, {}, self.clock, day, lambda _: None)

    def settle(self) -> None:
        day = self.clock().date()
        settle(self.books.database, ["cards"], day, self.clock, lambda _: None, [])

    def must_tie(self) -> None:
        """What the books say we have at Stripe is what Stripe says, and receivables add up."""
        assert all(one.ties for one in self.books.overview().currencies)
        theirs = sum(one["net"] for one in self.world.store["balance_transaction"].values())
        ours = self.books.balances().get(f"{bank_account('cards')} EUR", "0.00")
        assert Decimal(ours) == Decimal(theirs) / 100


@pytest.fixture
def office(books: Books, session: StripeSession, world: World, clock: Clock) -> Office:
    return Office(books, session, world, clock)


def test_every_outcome_ends_where_it_belongs(office: Office, world: World, clock: Clock) -> None:
    office.client("1")
    office.client("2", "insufficient_funds")
    office.client("3", "needs_action")
    office.client("4", kind="sepa_debit")
    office.client("5", kind="sepa_debit")
    office.sync()
    office.collect()
    states = office.books.attempts()
    assert states["INV-2-1"] == "declined" and states["INV-3-1"] == "requires_customer"
    office.sync()
    office.settle()
    paid, still = ("paid", Decimal("119.00")), ("collecting", Decimal("0.00"))
    assert office.books.states() == {
        "INV-1": paid,
        "INV-2": ("posted", Decimal("0.00")),
        "INV-3": still,
        "INV-4": still,
        "INV-5": still,
    }
    by_key = {
        one["metadata"]["tallystick_attempt"]: one for one in world.store["payment_intent"].values()
    }
    clock.pass_(days=5)
    world.authenticate(by_key["INV-3-1"])
    world.settle(by_key["INV-4-1"])
    world.fail(by_key["INV-5-1"])
    office.sync()
    office.settle()
    states = {number: state for number, (state, _) in office.books.states().items()}
    assert [states[f"INV-{n}"] for n in (1, 3, 4, 5)] == ["paid", "paid", "paid", "reopened"]
    clock.pass_(days=30)
    dispute = world.dispute(by_key["INV-1-1"])
    world.pay_out()
    office.sync()
    office.settle()
    assert office.books.states()["INV-1"][0] == "reopened"
    office.must_tie()
    world.win(dispute)
    office.sync()
    office.settle()
    assert office.books.states()["INV-1"][0] == "paid"
    office.must_tie()


@pytest.mark.parametrize("seed", range(8))
def test_whatever_the_line_does_each_invoice_is_charged_once_and_paid(
    office: Office, world: World, fake: FakeStripe, clock: Clock, seed: int
) -> None:
    chance = random.Random(seed)
    for ref in ("1", "2", "3"):
        office.client(ref, kind=chance.choice(["card", "sepa_debit"]))
    office.sync()
    for _ in range(4):
        faults = chance.choices(["", *FAULTS], weights=[3] + [1] * len(FAULTS), k=6)
        fake.faults.extend(one for fault in faults for one in [fault] * chance.choice([1, 5]))
        office.collect()
        clock.pass_(hours=1)
    fake.faults.clear()
    for _ in range(3):
        office.collect()
        clock.pass_(hours=2)
    made = [one["metadata"]["tallystick_invoice"] for one in world.store["payment_intent"].values()]
    assert sorted(made) == ["INV-1", "INV-2", "INV-3"]
    for intent in world.store["payment_intent"].values():
        if intent["status"] == "processing":
            world.settle(intent)
    office.sync()
    office.settle()
    assert {state for state, _ in office.books.states().values()} == {"paid"}
    assert set(office.books.attempts().values()) == {"succeeded"}
    office.must_tie()
