"""Holds, releases and caps: who may do what, and that the log shows every change of itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import delete, update
from tests.cash.world import World

from tallystick.cash.collecting.holds import held_now, hold, lift, payments_stopped
from tallystick.cash.collecting.release import caps_in_force, release, released
from tallystick.cash.policy.caps import Caps, stricter
from tallystick.errors import Stop
from tallystick.money import Money
from tallystick.store.books import control
from tallystick.store.books.schema import control_event
from tallystick.store.books.sealed import broken, head_of
from tallystick.store.database import Database
from tallystick.views.verify import heads, verify

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
TEN, TWENTY = Caps({"EUR": Decimal(10)}), Caps({"EUR": Decimal(20)})


@dataclass
class Clock:
    at: datetime = NOON

    def __call__(self) -> datetime:
        return self.at


def stopped(database: Database) -> str:
    with database.read() as connection:
        return str(payments_stopped(connection) or "")


def test_one_person_stops_all_payments_and_another_lets_them_go_on(database: Database) -> None:
    clock = Clock()
    assert stopped(database) == ""
    hold(database, "payments", "anna", "wrong mandates", clock)
    assert "held by anna: wrong mandates" in stopped(database)
    with pytest.raises(Stop, match="held already, by anna"):
        hold(database, "payments", "ben", "again", clock)
    with pytest.raises(Stop, match="less than 24 hours ago"):
        lift(database, "payments", "anna", clock)
    assert lift(database, "payments", "ben", clock) is False
    assert stopped(database) == ""
    with pytest.raises(Stop, match="is not held"):
        lift(database, "payments", "ben", clock)


def test_whoever_is_alone_lifts_it_a_day_later_and_the_log_says_so(database: Database) -> None:
    clock = Clock()
    hold(database, "payments", "anna", "x", clock)
    clock.at += timedelta(hours=24)
    assert lift(database, "payments", "anna", clock) is True
    with database.read() as connection:
        assert [(one.kind, one.by) for one in control.events(connection)] == [
            ("hold", "anna"),
            ("lift", "anna"),
        ]
        assert control.events(connection)[1].reason.startswith("lifted alone")


def test_an_invoice_and_a_client_are_held_and_nothing_else_is(database: Database) -> None:
    World(database).invoice("INV-1", "119.00")
    hold(database, "psa:1001", "anna", "asks for a plan", Clock(NOON + timedelta(hours=1)))
    hold(database, "payments", "anna", "x", Clock(NOON + timedelta(hours=2)))
    hold(database, "INV-1", "anna", "disputes it", Clock())
    with pytest.raises(Stop, match="neither an invoice nor a client"):
        hold(database, "INV-2", "anna", "x", Clock())
    with database.read() as connection:
        assert [one.subject for one in held_now(connection)] == ["payments", "INV-1", "psa:1001"]


def test_a_second_person_releases_what_is_open_for_a_day(database: Database) -> None:
    world, clock = World(database), Clock()
    world.invoice("INV-1", "119.00")  # which anna prepared
    given = (clock, TEN)
    with pytest.raises(Stop, match="anna prepared INV-1; a second person"):
        release(database, "INV-1", "anna", "ok", *given, sole_operator=False)
    with pytest.raises(Stop, match="anna prepared INV-1"):
        release(database, "INV-1", "anna", "ok", *given, sole_operator=True)
    with pytest.raises(Stop, match="Nothing is to be collected"):
        release(database, "INV-2", "ben", "ok", *given, sole_operator=False)
    release(database, "INV-1", "ben", "agreed by phone", *given, sole_operator=False)
    with database.read() as connection:
        assert released(connection, NOON) == {"INV-1": Money(11900, "EUR")}
        assert released(connection, NOON + timedelta(hours=25)) == {}
    clock.at += timedelta(hours=25)
    release(database, "INV-1", "anna", "ok", *given, sole_operator=True)
    with database.read() as connection:
        assert "released alone" in control.events(connection)[-1].reason


def test_caps_go_down_at_once_and_up_by_a_person(database: Database) -> None:
    def in_force(caps: Caps) -> tuple[Caps, bool]:
        with database.write() as connection:
            found, problem = caps_in_force(connection, caps, NOON)
            return found, problem is not None

    assert in_force(Caps()) == (Caps(), False)
    assert in_force(TWENTY) == (TWENTY, False)
    assert in_force(TEN) == (TEN, False)
    assert in_force(TWENTY) == (TEN, True)
    assert in_force(Caps()) == (TEN, True)
    both = Caps({"EUR": Decimal(20)}, {"USD": Decimal(5)})
    assert in_force(both) == (Caps({"EUR": Decimal(10)}, {"USD": Decimal(5)}), True)
    release(database, "caps", "ben", "a bigger client", Clock(), TWENTY, sole_operator=False)
    assert in_force(TWENTY) == (TWENTY, False)
    with database.read() as connection:
        logged = [(one.by, one.reason) for one in control.events(connection)]
    assert logged == [("tallystick.toml", "lowered")] * 3 + [("ben", "a bigger client")]


def test_the_lower_cap_is_the_stricter() -> None:
    assert stricter(TEN, TWENTY) == stricter(TWENTY, TEN) == TEN
    assert stricter(Caps(), TEN) == stricter(TEN, Caps()) == TEN


def test_every_change_of_the_log_is_found(database: Database) -> None:
    clock = Clock()
    hold(database, "payments", "anna", "x", clock)
    lift(database, "payments", "ben", clock)
    hold(database, "payments", "anna", "y", clock)
    anchor = heads(database)
    assert anchor["control"].length == 3
    assert verify(database, anchor).holds
    changes = [
        update(control_event).where(control_event.c.id == 2).values(by="anna"),
        update(control_event).where(control_event.c.id == 1).values(reason="z"),
        update(control_event).where(control_event.c.id == 1).values(detail={"a": 1}),
        delete(control_event).where(control_event.c.id == 3),
    ]
    for change in changes:
        with database.write() as connection:
            connection.execute(change)
            assert broken(connection, "control")
            connection.rollback()
    with database.read() as connection:
        assert broken(connection, "control") == []
        assert head_of(connection, "control") == anchor["control"]
