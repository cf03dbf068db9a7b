"""What waits for a person is listed once, with why and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update
from tests.cash.outside import Vendor
from tests.cash.world import World, copy_of, laid, movement

from tallystick.cash.collecting.holds import hold
from tallystick.cash.collecting.plans import agree
from tallystick.cash.collecting.release import release
from tallystick.cash.policy.caps import Caps
from tallystick.cash.policy.decision import Terms
from tallystick.cash.showing.escalations import escalations
from tallystick.store.cash import reminders
from tallystick.store.cash.collection_schema import attempt

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
DUE = date(2026, 10, 1)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return laid(tmp_path_factory.mktemp("escalations"), lambda world: world.mandate())


@pytest.fixture
def world(template: Path) -> Iterator[World]:
    with copy_of(template) as made:
        yield made


def told(world: World, terms: Terms | None = None, today: date = DUE) -> dict[str, str]:
    with world.database.read() as connection:
        given = (terms or Terms(), 2, ZoneInfo("Europe/Berlin"), NOON, today)
        return {one.number: one.why for one in escalations(connection, *given)}


def failed(world: World, code: str) -> None:
    world.collect(Vendor())
    more = {"end_to_end_id": "INV-1-1", "day": 5}
    world.bank(
        movement("t1", "119.00", **more),
        movement("t2", "-119.00", **more, returned=True, return_reason=code),
    )
    world.settle()


def test_what_goes_on_by_itself_is_not_listed(world: World) -> None:
    world.invoice("INV-1", "119.00", due_on=DUE)
    world.invoice("CN-1", "-19.00")
    world.invoice("INV-3", "119.00", state="issued")
    assert told(world) == {}
    failed(world, "AM04")
    assert told(world) == {}


def test_a_collection_that_failed_for_good(world: World) -> None:
    world.invoice("INV-1", "119.00", due_on=DUE)
    failed(world, "MD01")
    assert "there is no valid mandate" in told(world)["INV-1"]
    hold(world.database, "INV-1", "anna", "we talk", world.now)
    assert told(world) == {"INV-1": "It is held by anna: we talk."}


@pytest.mark.parametrize(
    ("state", "why"),
    [
        ("parked", "could not be sent: no IBAN"),
        ("lost", "Nobody knows"),
        ("requires_customer", "The payer has to act"),
        ("disputed", "disputed"),
        ("processing", None),
    ],
)
def test_a_collection_that_is_stuck(world: World, state: str, why: str | None) -> None:
    world.invoice("INV-1", "119.00", due_on=DUE)
    world.collect(Vendor())
    with world.database.write() as connection:
        connection.execute(update(attempt).values(state=state, reason="no IBAN"))
    assert (why in told(world)["INV-1"]) if why else (told(world) == {})


def test_a_cap_until_it_is_released(world: World) -> None:
    world.invoice("INV-1", "119.00", due_on=DUE)
    caps = Caps({"EUR": Decimal(100)})
    assert "above the cap of 100.00 EUR" in told(world, Terms(caps=caps))["INV-1"]
    given = (world.database, "INV-1", "ben", "agreed", world.now, caps)
    release(*given, sole_operator=False)
    assert told(world, Terms(caps=caps)) == {}


def test_a_missed_instalment_and_the_last_reminder(world: World) -> None:
    for number in ("INV-1", "INV-2", "INV-3"):
        world.invoice(number, "119.00", due_on=DUE)
    agree(world.database, "INV-1", 2, "month", date(2026, 10, 2), "ben", world.now)
    with world.database.write() as connection:
        reminders.intend(connection, {"INV-2": 1, "INV-3": 1}, NOON)
        reminders.intend(connection, {"INV-2": 2}, NOON)
    assert told(world, today=date(2026, 10, 7)).keys() == {"INV-2"}
    found = told(world, today=date(2026, 10, 8))
    assert found["INV-1"] == "The instalment of 2026-10-02 was not paid."
    assert "for the last time" in found["INV-2"]
