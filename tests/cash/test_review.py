"""Review: what is not sure waits for a person, and what they say is done once and remembered."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from tallystick.cash.recognising import review
from tallystick.cash.repaying.credit import spend_credit
from tallystick.errors import Stop
from tallystick.records import Client
from tallystick.store.cash import reviews

from .world import World, copy_of, laid, movement

ACCOUNT = "DE02120300000000202051"


def prepare(world: World) -> None:
    world.clients(
        Client(id="1001", name="Acme GmbH", customer_number="K1001"),
        Client(id="1002", name="Bergmann Logistik AG"),
        Client(id="1003", name="Nordlicht Service GmbH"),
        Client(id="1004", name="Nordlicht Service Ltd"),
    )
    world.invoice("INV-2026-0001", "119.00", client="1001")
    world.invoice("INV-2026-0002", "238.00", client="1001")
    world.invoice("INV-2026-0003", "595.00", client="1002")
    world.invoice("INV-2026-0004", "77.00", client="1003")
    world.invoice("INV-2026-0005", "77.00", client="1004")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return laid(tmp_path_factory.mktemp("review"), prepare)


@pytest.fixture
def world(template: Path) -> Iterator[World]:
    with copy_of(template) as one:
        yield one
        one.must_hold()


def paid(world: World, ref: str, amount: str, text: str, name: str = "", account: str = "") -> None:
    who = {"counterparty": name or None, "counterparty_iban": account or None}
    world.bank(movement(ref, amount, remittance=text, **who))
    world.settle()


def queue(world: World, ref: str) -> list[tuple[dict[str, str], int, tuple[str, ...]]]:
    with world.database.read() as connection:
        found = reviews.queue(connection)
    return [
        ({n: str(amount.amount) for n, amount in one.places}, one.score, one.reasons)
        for movement, listed in found.items()
        for one in listed
        if movement.id == ref
    ]


def settled(world: World) -> dict[str, str]:
    return {number: str(amount) for number, (_, amount) in world.states().items() if amount}


@pytest.mark.parametrize(
    ("amount", "text", "name", "reasons"),
    [
        ("119.00", "IT", "ACME GMBH", ("payer_name", "amount", "amount_of_no_other")),
        ("119.00", "Rg 2026-0001", "", ("number_without_prefix", "amount", "amount_of_no_other")),
        ("119.00", "INV-2026-001", "", ("number_mistyped", "amount", "amount_of_no_other")),
        ("119.00", "Kd K1001", "Chef privat", ("customer_number", "amount", "amount_of_no_other")),
        ("357.00", "alles", "Acme", ("payer_name", "sum_of_invoices", "everything_open")),
    ],
)
def test_what_is_explained_and_unique_is_applied_with_its_reasons(
    world: World, amount: str, text: str, name: str, reasons: tuple[str, ...]
) -> None:
    paid(world, "t1", amount, text, name)
    assert settled(world)["INV-2026-0001"] == "119.00"
    assert world.suspense() == 0
    with world.database.read() as connection:
        [decision] = reviews.decisions(connection)
    assert decision[1:] == (
        "applied",
        decision.places,
        min(100, decision.score or 0),
        reasons,
        None,
        "",
    )
    assert {rule for kind, rule, _, _ in world.rules() if kind == "payment"} == {"scored"}


@pytest.mark.parametrize(
    ("amount", "text", "name", "best"),
    [
        ("77.00", "IT", "Nordlicht Service", 50),  # two clients of one name, one price
        ("100.00", "IT", "Acme", 50),  # in part: of which is not said
        ("595.00", "IT", "", 50),  # the amount alone
        ("595.00", "IT", "Bergmann Logistic", 75),  # a name much like it
        ("238.00", "INV-2026-0003", "Acme", 60),  # names one, fits another
        ("595.00", "INV-2026-0003", "Acme", 70),  # the number is right, the payer another
    ],
)
def test_what_is_not_waits_for_a_person(
    world: World, amount: str, text: str, name: str, best: int
) -> None:
    paid(world, "t1", amount, text, name)
    assert settled(world) == {}
    assert str(world.suspense()) == amount
    assert max(score for _, score, _ in queue(world, "t1")) == best


def test_two_payments_one_invoice_could_take_are_both_asked_about(world: World) -> None:
    name = {"counterparty": "Acme GmbH"}
    world.bank(movement("t1", "119.00", **name), movement("t2", "119.00", **name))
    world.settle()
    assert settled(world) == {}
    assert [len(queue(world, ref)) > 0 for ref in ("t1", "t2")] == [True, True]


def test_an_overpayment_settles_what_it_names_and_the_rest_is_credit(
    world: World,
) -> None:
    paid(world, "t1", "130.00", "Rg 2026-0001", "Acme", ACCOUNT)
    review.accept(world.database, "t1", 1, "anna", world.today, world.now)
    assert settled(world) == {"INV-2026-0001": "119.00"}
    assert world.suspense() == 11
    with world.database.write() as connection:
        spend_credit(connection, (), world.today, world.now())
    assert settled(world) == {"INV-2026-0001": "119.00", "INV-2026-0002": "11.00"}
    assert world.suspense() == 0


def test_accepting_applies_once_and_the_account_is_known_from_then_on(world: World) -> None:
    paid(world, "t1", "595.00", "danke", "Chef privat", ACCOUNT)
    assert review.accept(world.database, "t1", 1, "anna", world.today, world.now)
    assert settled(world) == {"INV-2026-0003": "595.00"}
    with pytest.raises(Stop, match="No movement in suspense is 't1'"):
        review.accept(world.database, "t1", 1, "anna", world.today, world.now)
    with world.database.read() as connection:
        [decision] = reviews.decisions(connection)
    assert (decision.verdict, decision.decided_by) == ("accepted", "anna")
    world.invoice("INV-2026-0006", "41.00", client="1002")
    paid(world, "t2", "41.00", "danke", "Chef privat", ACCOUNT)
    assert settled(world)["INV-2026-0006"] == "41.00"


def test_a_candidate_that_changed_meanwhile_is_refused(world: World) -> None:
    paid(world, "t1", "595.00", "danke")
    with world.database.read() as connection:
        before = reviews.queue(connection)
    paid(world, "t2", "595.00", "INV-2026-0003")
    with world.database.write() as connection:  # as if the queue were not refreshed yet
        reviews.replace_queue(connection, [one for each in before.values() for one in each])
    with pytest.raises(Stop, match="has changed since it was found"):
        review.accept(world.database, "t1", 1, "anna", world.today, world.now)
    assert settled(world) == {"INV-2026-0003": "595.00"}
    assert world.suspense() == 595


def test_a_rejected_candidate_is_not_found_again(world: World) -> None:
    paid(world, "t1", "595.00", "danke")
    assert review.reject(world.database, "t1", None, "anna", "a gift", world.now) == 1
    world.settle()
    assert queue(world, "t1") == []
    assert world.suspense() == 595


def test_a_person_places_any_money_where_it_fits_and_nowhere_else(world: World) -> None:
    paid(world, "t1", "400.00", "danke")

    def place(*places: tuple[str, str | None]) -> None:
        told = [(number, None if amount is None else Decimal(amount)) for number, amount in places]
        review.place(world.database, "bank:t1", told, "anna", world.today, world.now)

    for number, amount in (("INV-9", None), ("INV-2026-0001", "119.01"), ("INV-2026-0001", "-1")):
        with pytest.raises(Stop):
            place((number, amount))
    with pytest.raises(Stop, match=r"0\.00 EUR is left"):
        place(("INV-2026-0003", "400"), ("INV-2026-0001", None))
    assert settled(world) == {}
    place(("INV-2026-0003", "100"), ("INV-2026-0001", None), ("INV-2026-0002", None))
    assert settled(world) == {
        "INV-2026-0001": "119.00",
        "INV-2026-0002": "181.00",
        "INV-2026-0003": "100.00",
    }
    assert world.suspense() == 0


def test_money_that_went_out_is_a_return_or_a_refund(world: World) -> None:
    world.invoice("CN-2026-0001", "-30.00", client="1001")
    paid(world, "t1", "119.00", "INV-2026-0001")
    paid(world, "t2", "-149.00", "back")
    told = [("CN-2026-0001", None), ("INV-2026-0001", None)]
    review.place(world.database, "t2", told, "anna", world.today, world.now)
    assert world.states()["INV-2026-0001"] == ("reopened", 0)
    assert world.states()["CN-2026-0001"] == ("paid", -30)
    assert world.suspense() == 0
