"""Deliveries arrive exactly once, and payments among them."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tallystick.cash.telling.post_payments import post_payments
from tallystick.connector import Context, Raw, Sink
from tallystick.delivery import Delivery, deliver
from tallystick.errors import Retry, SkipRecord, Stop
from tallystick.plugins import Plugins
from tallystick.store.billing import outbound
from tallystick.store.database import Database

from .outside import Accounting
from .world import NOON, World, movement

SILENCE = Retry("No answer.", do="Try again.")


def send(database: Database, sink: Sink, verify: Any = lambda _: None) -> Delivery:
    raw: Raw = {"id": "p1", "amount": Decimal("1.00")}
    return deliver(database, sink, "books", "payment", "k1", raw, lambda: NOON, verify)


def state(database: Database) -> str:
    with database.read() as connection:
        row = outbound.state_of(connection, "books", "payment", "k1")
    assert row is not None
    return str(row.state)


def test_a_delivery_that_was_confirmed_costs_no_call(database: Database) -> None:
    sink = Accounting()
    assert send(database, sink) == send(database, sink) == Delivery("confirmed", "k1", "")
    assert sink.pushes == ["k1"]


def test_a_lost_answer_is_found_and_not_pushed_again(database: Database) -> None:
    sink = Accounting(fails=[SILENCE])
    assert send(database, sink).state == state(database) == "unknown"
    assert send(database, sink).state == state(database) == "confirmed"
    assert sink.pushes == ["k1"]


def test_what_never_arrived_is_pushed_again(database: Database) -> None:
    sink = Accounting(fails=[SILENCE])
    send(database, sink)
    sink.told.clear()
    assert send(database, sink).state == "confirmed"
    assert sink.pushes == ["k1", "k1"]


def test_a_refusal_is_told_and_tried_again(database: Database) -> None:
    sink = Accounting(fails=[SkipRecord("No such account.", do="Add it.")])
    assert send(database, sink) == Delivery("refused", None, "No such account. Add it.")
    assert send(database, sink).state == "confirmed"


def test_a_stop_leaves_the_intention_for_the_next_run_to_ask_about(database: Database) -> None:
    sink = Accounting(fails=[Stop("Locked out.", do="Log in.")])
    with pytest.raises(Stop):
        send(database, sink)
    assert state(database) == "intended"
    assert send(database, sink).state == "confirmed"
    assert sink.pushes == ["k1"]


def test_a_difference_is_held_until_the_vendor_agrees(database: Database) -> None:
    def verify(theirs: Raw) -> str | None:
        return None if theirs["amount"] == Decimal("1.00") else f"It has {theirs['amount']}."

    sink = Accounting(says=lambda raw: {**raw, "amount": Decimal("1.01")})
    for _ in range(2):
        assert send(database, sink, verify) == Delivery("differs", "k1", "It has 1.01.")
    assert (state(database), sink.pushes) == ("differs", ["k1"])
    sink.says = dict
    assert send(database, sink, verify).state == "confirmed"
    assert sink.pushes == ["k1"]


@pytest.fixture
def world(database: Database) -> World:
    made = World(database)
    made.invoice("INV-0001", "100.00")
    made.invoice("INV-0002", "60.00", state="issued")
    made.bank(
        movement("t1", "130.00", remittance="INV-0001"),
        movement("t2", "60.00", 21, remittance="INV-0002"),
        movement("t3", "-4.90", 22),
    )
    made.settle()
    return made


def post(world: World, sink: Sink) -> Any:
    return post_payments(world.database, sink, "books", world.now, lambda _: None)


def test_payments_and_suspense_go_to_accounting_once(world: World) -> None:
    sink = Accounting()
    report = post(world, sink)
    assert (report.confirmed, report.waiting, report.problems) == (3, 1, [])
    assert sink.told["bank:bank:t1:1"] == {
        "id": "bank:bank:t1:1",
        "client": "psa:1001",
        "invoice": "INV-0001",
        "paid_on": movement("x", "0").booked_on,
        "amount": Decimal("100.00"),
        "currency": "EUR",
        "account": "Assets:Bank:Bank",
        "receivable": "Assets:Receivable",
    }
    entry = sink.told["bank:bank:t1:2"]
    assert [(leg["account"], leg["amount"]) for leg in entry["postings"]] == [
        ("Assets:Bank:Bank", Decimal("30.00")),
        ("Liabilities:Suspense", Decimal("-30.00")),
    ]
    world.post("INV-0002")
    assert post(world, sink).confirmed == 1
    assert post(world, sink).confirmed == 0
    assert len(sink.pushes) == 4


def test_money_placed_later_is_paid_from_suspense(world: World) -> None:
    sink = Accounting()
    post(world, sink)
    world.bank(movement("t4", "25.00", remittance="INV-0009"))
    world.settle()
    world.invoice("INV-0009", "25.00")
    world.settle()
    post(world, sink)
    assert sink.told["bank:bank:t4:2"]["account"] == "Liabilities:Suspense"


def test_a_silent_system_is_not_asked_for_ever(world: World) -> None:
    world.bank(*(movement(f"u{number}", "1.00") for number in range(9)))
    world.settle()
    sink = Accounting(fails=[SILENCE] * 20)
    report = post(world, sink)
    assert (report.confirmed, len(report.problems), len(sink.pushes)) == (0, 3, 3)
    sink.fails.clear()
    assert post(world, sink).problems == []
    assert len(sink.pushes) == len(set(sink.pushes))


def test_one_cent_of_difference_is_told(world: World) -> None:
    sink = Accounting(says=lambda raw: {**raw, "amount": Decimal("99.99"), "postings": ()})
    problems = post(world, sink).problems
    assert len(problems) == 3
    assert "99.99 EUR where we say 100.00 EUR" in str(problems[0])


def test_the_plain_text_books_take_all_of_it(world: World, tmp_path: Path) -> None:
    connector = Plugins().connector("journal")
    settings = connector.settings.model_validate({"folder": "books"})
    sink = connector.open(settings, Context("books", tmp_path, world.now))
    assert isinstance(sink, Sink)
    report = post(world, sink)
    assert (report.confirmed, report.problems) == (3, [])
    assert post(world, sink).confirmed == 0
