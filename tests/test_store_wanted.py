"""Rows by many keys, past SQLAlchemy: what it finds the way it always does, and by an index."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import select

from tallystick.records import Booking
from tallystick.store.database import Database
from tallystick.store.facts import inbound
from tallystick.store.facts.schema import FACTS
from tallystick.store.wanted import Wanted, fetch

NOW = datetime(2026, 9, 1, tzinfo=UTC)
BOOKING = FACTS["booking"]
SAID = (BOOKING.c.id, BOOKING.c.work_date, BOOKING.c.seconds, BOOKING.c.approved, BOOKING.c.note)
THERE = select(*SAID).where(BOOKING.c.connection == "psa")
WANTED = THERE.where(Wanted(BOOKING.c.id))
ODD = ["", "it's", 'so "called"', "ü, ß", "100 %s", "{a,b}", "\\N", "7"]


def told(database: Database) -> None:
    records = [
        Booking(
            id=ref,
            work_date=date(2026, 9, 1 + at),
            seconds=at,
            approved=(None, True, False)[at % 3],
        )
        for at, ref in enumerate(ODD)
    ]
    with database.write() as connection:
        inbound.store_records(connection, "psa", "booking", records, NOW)
        inbound.store_records(connection, "rmm", "booking", records, NOW)


def test_it_finds_what_a_list_of_places_finds(database: Database) -> None:
    told(database)
    with database.read() as connection:
        for ids in (ODD, ODD[2:5], ["7", "8", "IT'S"], ["nobody"], []):
            plain = connection.execute(THERE.where(BOOKING.c.id.in_(ids))).all()
            found = fetch(connection, WANTED, ids=ids)
            assert sorted(found) == sorted(map(tuple, plain))
        [(_, day, _, approved, _)] = fetch(connection, WANTED, ids=[ODD[1]])
        assert (day, approved) == (date(2026, 9, 2), True)


def test_each_key_is_looked_up(database: Database) -> None:
    """However many bookings there are; SQLite alone says so of an empty table."""
    if database.dialect != "sqlite":
        return
    with database.read() as connection:
        text = f"EXPLAIN QUERY PLAN {WANTED.compile(dialect=connection.dialect)}"
        plan = [row[-1] for row in connection.exec_driver_sql(text, ("psa", '["7"]'))]
    assert any("(connection=? AND id=?)" in step for step in plan), plan
