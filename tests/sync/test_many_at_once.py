"""What comes in a thousand rows at a time is stored as if it had come one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.exc import DBAPIError

from tallystick.connector import Cursor, Pulled, Raw, Whole
from tallystick.errors import Retry
from tallystick.mapping import MappingFile, load_mapping
from tallystick.records import KINDS, Asset, Booking, Usage
from tallystick.store.database import Database
from tallystick.store.facts import inbound
from tallystick.store.facts.cursors import read_cursor
from tallystick.store.facts.records import record_of
from tallystick.store.facts.schema import FACTS, quarantine
from tallystick.sync import batches
from tallystick.sync.border import Reader, admit, admit_many
from tallystick.sync.pull import Feed, pull
from tallystick.sync.seen import Seen

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 9, 1, tzinfo=UTC)
ON_BOTH = settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
MAPPING = """
[booking]
id = { at = "id", as = "text" }
technician = { at = "member.id", as = "text" }
client = "client"
ticket = { at = "refs[kind=ticket].id", as = "text" }
work_type = { at = "type", values = { Remote = "remote", Onsite = "onsite" } }
billable = { at = "billable", values = { Yes = "billable", No = "never" }, null = "?" }
work_date = { at = "day", as = "date" }
started_at = { at = "start", as = "datetime", zone = "Europe/Berlin" }
ended_at = { at = "end", as = "datetime" }
seconds = { at = "hours", as = "hours" }
approved = { at = "approved", as = "bool" }
invoice = { at = "invoice.number", null = "" }
location = { const = "office" }
note = "note"
version = { at = "version", as = "int" }
"""
READER = load_mapping([MappingFile("desk.toml", MAPPING)])["booking"]
texts = st.text(max_size=6) | st.sampled_from(["", "\0", "\ud800", "ü", "a\tb\\N\nc\r", "\\N"])
numbers = (
    st.integers(-9, 99)
    | st.decimals(-9, 99, places=2)
    | st.sampled_from(
        [
            "1.50",
            "1",
            "x",
            Decimal("1.50"),
            Decimal("1.5"),
            Decimal("1e-25"),
            1.5,
            True,
            Decimal("1E+2"),
        ]
    )
)
instants = st.sampled_from(
    [
        *("2026-07-01T06:00:00Z", "2026-07-01T23:30:00Z", "2026-07-01T06:00:00+02:00"),
        *("2026-W27-3T06:00:00Z", "2026-07-01T25:00:00Z", "2026-07-01T06:00:0xZ"),
        *("20260701T060000Z", " 2026-07-01T06:00:00Z", "2026-07-01T06:00:00.25Z"),
        *("2026-07-01 06:00", "2026-03-29T02:30:00", 7),
    ]
)
usual = {
    "id": st.integers(0, 30),
    "member": st.fixed_dictionaries({"id": st.integers(1, 3)}) | st.none(),
    "client": st.sampled_from(["A", "B"]),
    "refs": st.sampled_from([[], [{"kind": "ticket", "id": 7}]]),
    "type": st.sampled_from(["Remote", "Onsite", None]),
    "billable": st.sampled_from(["Yes", "No", "?", None, ""]),
    "day": st.sampled_from(["2026-07-01", None]),
    "start": st.sampled_from(["2026-07-01T06:00:00Z", "2026-07-01T23:30:00Z"]),
    "end": st.sampled_from(["2026-07-02T06:00:00Z"]),
    "hours": st.sampled_from([None, Decimal("0.25"), 2, Decimal("0.333")]),
    "approved": st.sampled_from([True, False, None]),
    "invoice": st.sampled_from([{"number": "PSA-9"}, {"number": ""}, {}, None]),
    "note": st.sampled_from(["", "looked into it", "a\tb\\N\nc\r", None]),
    "version": st.integers(0, 2),
}
anything = texts | numbers | instants | st.none() | st.lists(st.none(), max_size=1)


@st.composite
def rows(draw: st.DrawFn) -> dict[str, Any]:
    """A usual row; one in a few holds something else in one of its places, or lacks it."""
    row = draw(st.fixed_dictionaries(usual))
    if draw(st.integers(0, 3)) == 0:
        name = draw(st.sampled_from(sorted(usual)))
        row[name] = draw(anything)
        if draw(st.booleans()):
            del row[name]
    return row


def one_by_one(raws: Sequence[Raw]) -> list[tuple[Any, ...]]:
    records = [admit("booking", Booking, READER.read(raw), BERLIN) for raw in raws]
    return [msgspec.structs.astuple(record) for record in records]


@given(st.lists(rows(), min_size=1, max_size=5))
def test_many_are_admitted_as_each_would_be_or_each_is_looked_at(raws: list[Raw]) -> None:
    columns = admit_many("booking", READER, raws, BERLIN)
    if columns is None:
        return
    found = [*zip(*columns, strict=True)]
    assert found == one_by_one(raws)
    assert [[type(one) for one in row] for row in found] == [
        [type(one) for one in row] for row in one_by_one(raws)
    ]


@given(st.lists(st.fixed_dictionaries(usual), min_size=1, max_size=5))
def test_what_is_usual_is_not_looked_at_one_by_one(raws: list[Raw]) -> None:
    assert admit_many("booking", READER, raws, BERLIN) is not None


@dataclass
class Desk:
    """Gives rows, and says that there are no others."""

    rows: Sequence[Raw]

    def whoami(self) -> str:
        return "desk"

    def pull(self, record: str, since: str | None) -> Iterator[Pulled | Cursor | Whole]:
        for number, row in enumerate(self.rows):
            yield Pulled(row, f"row {number}")
        yield Cursor("end")


def test_what_came_before_a_source_broke_off_is_stored_and_no_cursor(database: Database) -> None:
    class Breaks(Desk):
        def pull(self, record: str, since: str | None) -> Iterator[Pulled | Cursor | Whole]:
            yield Pulled(self.rows[0], "row 0")
            raise Retry("The vendor fell silent.", do="Run this again.")

    row = {"id": 1, "start": "2026-07-01T06:00:00Z", "hours": 2}
    feed = Feed("psa", "booking", Breaks([row]), READER, "mapping")
    with pytest.raises(Retry, match="fell silent"):
        pull(feed, database, BERLIN, lambda: NOW, lambda _: None)
    with database.read() as connection:
        assert connection.execute(select(FACTS["booking"].c.id)).scalars().all() == ["1"]
        assert read_cursor(connection, "psa", "booking", "mapping") is None


def test_where_nothing_is_new_nothing_is_written(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = {"id": 1, "start": "2026-07-01T06:00:00Z", "hours": 2}
    for rows_now in ([row], []):
        feed = Feed("psa", "booking", Desk(rows_now), READER, "mapping")
        pull(feed, database, BERLIN, lambda: NOW, lambda _: None)
        monkeypatch.delattr(Database, "write", raising=False)
    with database.read() as connection:
        assert read_cursor(connection, "psa", "booking", "mapping") == "end"


@dataclass
class OneByOne:
    """A mapping that never reads many."""

    reader: Reader

    def __post_init__(self) -> None:
        self.read = self.reader.read
        self.read_what_fits = self.reader.read_what_fits

    def read_columns(self, raws: Sequence[Raw]) -> None:
        return None


def pulled(database: Database, reader: Reader, *lists: Sequence[Raw]) -> tuple[Any, ...]:
    """What pulling `lists` one after the other into an empty store leaves there, and reports."""
    booking = FACTS["booking"]
    reports = []
    with database.write() as connection:
        connection.execute(delete(booking))
        connection.execute(delete(quarantine))
    for number, one in enumerate(lists):
        feed = Feed("psa", "booking", Desk(one), reader, str(number))
        reports.append(pull(feed, database, BERLIN, lambda: NOW, lambda _: None))
    with database.read() as connection:
        stored = connection.execute(select(booking).order_by(booking.c.id)).all()
        aside = connection.execute(select(quarantine).order_by(quarantine.c.raw_hash)).all()
    return stored, aside, reports


HALF_A_CHARACTER: Raw = {
    "id": 0,
    "member": None,
    "client": "A",
    "refs": [],
    "type": "Remote",
    "billable": "Yes",
    "day": "2026-07-01",
    "start": "2026-07-01T06:00:00Z",
    "end": "2026-07-02T06:00:00Z",
    "hours": None,
    "approved": "\ud800",
    "note": "",
    "version": 0,
}


@ON_BOTH
@given(st.lists(st.lists(rows(), max_size=6), min_size=1, max_size=2))
@example([[HALF_A_CHARACTER]])
def test_a_pull_of_many_stores_quarantines_and_heals_as_one_of_each(
    database: Database, lists: list[list[Raw]]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batches, "FEW", 1)
        assert pulled(database, READER, *lists) == pulled(database, OneByOne(READER), *lists)


any_text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)
awkward = any_text | st.sampled_from(['"', "\\", "\\N", "NULL", '{"a",b}', "a\tb\n"])
moments = st.datetimes(
    datetime(1990, 1, 1),
    datetime(2040, 1, 1),
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=-3))]),
)
records = {
    "booking": st.builds(
        Booking,
        id=st.sampled_from("abc"),
        client=st.none() | awkward,
        ticket=st.none() | st.just("T"),
        updated_at=st.none() | moments,
        started_at=st.none() | moments,
        work_date=st.dates(date(1, 1, 1)),
        seconds=st.integers(0, 2**40),
        approved=st.none() | st.booleans(),
        note=awkward,
        location=st.none() | awkward,
    ),
    "asset": st.builds(
        Asset, id=st.sampled_from("abc"), name=awkward, tags=st.lists(awkward).map(tuple)
    ),
    "usage": st.builds(
        Usage,
        id=st.sampled_from("abc"),
        client=awkward,
        meter=awkward,
        quantity=st.decimals(allow_nan=False, allow_infinity=False, places=6),
        used_on=st.dates(),
    ),
}


@pytest.mark.parametrize("kind", sorted(records))
@ON_BOTH
@given(st.data())
def test_what_is_stored_is_what_is_read_back(
    database: Database, kind: str, data: st.DataObject
) -> None:
    table = FACTS[kind]
    with database.write() as connection:
        connection.execute(delete(table))
    latest: dict[str, Any] = {}
    for _ in range(2):  # new ones, then changed ones
        some = data.draw(st.lists(records[kind], unique_by=lambda one: one.id))
        some = [msgspec.structs.replace(one, version=len(latest)) for one in some]
        with database.write() as connection:
            inbound.store_records(connection, "psa", kind, some, NOW)
        latest |= {one.id: one for one in some}
    with database.read() as connection:
        rows_found = connection.execute(select(table)).all()
    assert {row.id: record_of(row, KINDS[kind]) for row in rows_found} == latest


def test_what_the_driver_refuses_is_an_error_of_the_database(database: Database) -> None:
    usual_one = Booking(id="a", work_date=date(2026, 1, 1), seconds=1)
    strange = msgspec.structs.replace(usual_one, billable=None)  # which the table does not take
    with pytest.raises(DBAPIError), database.write() as connection:
        inbound.store_records(connection, "psa", "booking", [strange], NOW)


@given(st.sets(st.text(max_size=3)), st.sets(st.text(max_size=3)))
def test_seen_are_those_that_were_met(met: set[str], others: set[str]) -> None:
    seen = Seen()
    seen.add(met)
    assert {one for one in met | others if one in seen} == met
