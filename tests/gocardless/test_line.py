"""The whole way over the strict fake: invoices collected by the real shell, whatever the line does,
and settled by what GoCardless' payouts say."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from tests.cash.world import World as Books

from tallystick.books.entries import bank_account, transfer_account
from tallystick.cash.collecting.channels import Channel
from tallystick.cash.collecting.collect import collect
from tallystick.cash.settling.settle import settle
from tallystick.connector import Pulled
from tallystick.plugins import Plugins
from tallystick.records import BankTransaction, Mandate
from tallystick.store.database import open_database
from tallystick.store.facts import inbound
from tallystick.store.migrate import upgrade
from tallystick_gocardless.session import GoCardlessSession

from .conftest import NOW
from .fake import World

FAULTS = ("lost", "unseen", "fails", "busy", "cut", "page")
TODAY = NOW.date()


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    database = open_database("sqlite:///test.db", tmp_path)
    upgrade(database)
    yield Books(database)
    database.close()


class Office:
    """An MSP that collects over `session`."""

    def __init__(self, books: Books, session: GoCardlessSession, world: World) -> None:
        self.books, self.session, self.world = books, session, world

    def client(self, ref: str) -> None:
        """A client with a mandate at GoCardless and an invoice over 119.00."""
        made = self.session.push("client", {"name": f"Client {ref}"}, f"psa:{ref}")
        links = {"customer": made.id, "creditor": "CR001"}
        self.world.add("mandates", id=f"MD9{ref}", scheme="bacs", status="active", links=links)
        self.books.invoice(f"INV-{ref}", "119.00", client=ref, due_on=TODAY, currency="GBP")

    def sync(self) -> None:
        for kind, record in (("mandate", Mandate), ("bank_transaction", BankTransaction)):
            rows = self.session.pull(kind, None)
            records = [record(**one.raw) for one in rows if isinstance(one, Pulled)]
            with self.books.database.write() as connection:
                inbound.store_records(connection, "debits", kind, records, NOW)

    def collect(self) -> None:
        collects = Plugins().connector("gocardless").collects
        assert collects is not None
        channels = {"debits": Channel(self.session, collects, keeps_mandates=True)}
        collect(self.books.database, channels, {}, lambda: NOW, TODAY, lambda _: None)

    def settle(self) -> None:
        providers = {"debits": ["GoCardless"]}
        settle(
            self.books.database,
            ["debits"],
            TODAY,
            lambda: NOW,
            lambda _: None,
            providers=providers,
        )

    def payment(self, ref: str) -> dict[str, object]:
        held = self.world.objects["payments"].values()
        (found,) = [one for one in held if one["metadata"]["tallystick_invoice"] == f"INV-{ref}"]
        return found

    def pay_out(self, *moves: tuple[str, str], fee: str = "-20.3") -> None:
        """A payout of these items by invoice; payments that come in cost a fee."""
        items, total = [], Decimal(0)
        for kind, ref in moves:
            amount = "11900.0" if kind == "payment_paid_out" else "-11900.0"
            links = {"payment": self.payment(ref)["id"]}
            items.append({"type": kind, "amount": amount, "links": links})
            total += Decimal(amount)
            if kind == "payment_paid_out":
                items.append({"type": "gocardless_fee", "amount": fee, "links": links})
                total += Decimal(fee)
        made = self.world.add(
            "payouts",
            id=f"PO{self.world.counted('payouts')}",
            amount=int(total.quantize(Decimal(1))),
            currency="GBP",
            status="paid",
            reference=f"TALLYMSP-{self.world.counted('payouts')}",
            links={"creditor": "CR001"},
        )
        self.world.items[made["id"]] = items

    def must_tie(self) -> None:
        """All of what GoCardless held is paid out, and receivables add up."""
        assert all(one.ties for one in self.books.overview().currencies)
        assert self.books.balances().get(f"{bank_account('debits')} GBP", "0.00") == "0.00"


@pytest.fixture
def office(books: Books, session: GoCardlessSession, world: World) -> Office:
    return Office(books, session, world)


def test_every_outcome_ends_where_it_belongs(office: Office) -> None:
    for ref in ("1", "2", "3", "4"):
        office.client(ref)
    office.sync()
    office.collect()
    assert set(office.books.attempts().values()) == {"processing"}
    office.pay_out(("payment_paid_out", "1"), ("payment_paid_out", "2"), ("payment_paid_out", "3"))
    office.sync()
    office.settle()
    states = {number: state for number, (state, _) in office.books.states().items()}
    assert states == {"INV-1": "paid", "INV-2": "paid", "INV-3": "paid", "INV-4": "collecting"}
    office.must_tie()
    office.pay_out(("payment_failed", "2"), ("payment_charged_back", "3"))
    office.sync()
    office.settle()
    states = {number: state for number, (state, _) in office.books.states().items()}
    assert [states[f"INV-{n}"] for n in (1, 2, 3)] == ["paid", "reopened", "reopened"]
    attempts = office.books.attempts()
    assert attempts["INV-1-1"] == "succeeded" and attempts["INV-2-1"] == "failed_late"
    assert office.books.balances() == {
        "Assets:Receivable GBP": "357.00",
        f"{transfer_account('debits')} GBP": "118.39",
        "Expenses:Fees GBP": "0.61",
    }
    office.must_tie()


@pytest.mark.parametrize("seed", range(5))
def test_whatever_the_line_does_each_invoice_is_debited_once_and_paid(
    office: Office, world: World, seed: int
) -> None:
    chance = random.Random(seed)
    for ref in ("1", "2", "3"):
        office.client(ref)
    office.sync()
    for _ in range(4):
        faults = chance.choices(["", *FAULTS], weights=[3] + [1] * len(FAULTS), k=6)
        world.faults.extend(one for fault in faults for one in [fault] * chance.choice([1, 5]))
        office.collect()
    world.faults.clear()
    for _ in range(2):
        office.collect()
    made = [one["metadata"]["tallystick_invoice"] for one in world.objects["payments"].values()]
    assert sorted(made) == ["INV-1", "INV-2", "INV-3"]
    office.pay_out(*(("payment_paid_out", ref) for ref in ("1", "2", "3")))
    for _ in range(2):
        office.sync()
        office.settle()
    assert {state for state, _ in office.books.states().values()} == {"paid"}
    assert set(office.books.attempts().values()) == {"succeeded"}
    office.must_tie()


def test_a_client_without_a_customer_is_not_debited(office: Office, world: World) -> None:
    office.books.invoice("INV-9", "119.00", client="9", due_on=date(2026, 7, 1), currency="GBP")
    office.sync()
    office.collect()
    assert world.counted("payments") == 0
