"""Pull: rows become records or a sentence; nothing is lost, a second run writes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from tallystick.connector import Broken, Context, Cursor, Pulled
from tallystick.mapping import MappingFile, load_mapping
from tallystick.plugins import Plugins
from tallystick.records import Booking
from tallystick.store.database import Database
from tallystick.store.facts.quarantine import waiting
from tallystick.store.facts.records import record_of
from tallystick.store.facts.schema import FACTS
from tallystick.sync.pull import Feed, PullReport, pull

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 9, 1, tzinfo=UTC)
MAPPING = """
[booking]
id = "Id"
client = "Client"
work_type = { at = "Type", values = { Remote = "remote" } }
seconds = { at = "Hours", as = "hours" }
work_date = { at = "Day", as = "date" }
"""
HEADER = "Id,Client,Type,Hours,Day"
GOOD = ["1,C,Remote,1.5,2026-07-01", "2,C,Remote,0.25,2026-07-02"]


def feed(folder: Path, mapping: str = MAPPING) -> Feed:
    connector = Plugins().connector("files")
    settings = connector.settings(folder=".", files={"booking": "bookings.csv"})
    session = connector.open(settings, Context("psa", folder, lambda: NOW))
    reader = load_mapping([MappingFile("psa.toml", mapping)])["booking"]
    return Feed("psa", "booking", session, reader, mapping_hash=mapping)


def run(database: Database, one: Feed) -> PullReport:
    return pull(one, database, BERLIN, lambda: NOW, lambda _: None)


def write(folder: Path, *rows: str) -> None:
    (folder / "bookings.csv").write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")


def bookings(database: Database) -> dict[str, Booking]:
    with database.read() as connection:
        rows = connection.execute(select(FACTS["booking"])).all()
    return {row.id: record_of(row, Booking) for row in rows}


def sentences(database: Database) -> list[tuple[str, str]]:
    with database.read() as connection:
        return [(row.place, f"{row.what} {row.do}") for row in waiting(connection)]


def test_a_second_run_writes_nothing(database: Database, tmp_path: Path) -> None:
    write(tmp_path, *GOOD)
    assert run(database, feed(tmp_path)).written == 2
    assert run(database, feed(tmp_path)).written == 0
    assert bookings(database)["1"].seconds == 5400


@pytest.mark.parametrize(
    ("row", "names"),
    [
        ("3,C,Remote,1.5", ("row 4", "bookings.csv")),
        ('3,C,Remote,"1.234,56",2026-07-01', ("Hours", "decimal_mark")),
        ("3,C,Remote,NaN,2026-07-01", ("Hours", "NaN")),
        ("3,C,Remote,1_000,2026-07-01", ("Hours", "1_000")),
        ("3,C,Onsite,1,2026-07-01", ("Type", "Onsite")),
        ("3,C,Remote,1,31.07.2026", ("Day", "31.07.2026")),
        (",C,Remote,1,2026-07-01", ("id",)),
        ("3,C,Remote,-1,2026-07-01", ("less than nothing",)),
    ],
)
def test_a_row_that_cannot_be_used_gets_one_sentence_and_the_rest_goes_through(
    database: Database, tmp_path: Path, row: str, names: tuple[str, ...]
) -> None:
    write(tmp_path, *GOOD, row)
    report = run(database, feed(tmp_path))
    assert (report.stored.new, report.quarantined) == (2, 1)
    [(place, sentence)] = sentences(database)
    assert "bookings.csv" in place
    assert all(name in f"{place} {sentence}" for name in names), sentence
    assert "Traceback" not in sentence


def test_a_corrected_row_is_healed(database: Database, tmp_path: Path) -> None:
    write(tmp_path, *GOOD, "3,C,Remote,many,2026-07-01")
    run(database, feed(tmp_path))
    write(tmp_path, *GOOD, "3,C,Remote,2,2026-07-01")
    report = run(database, feed(tmp_path))
    assert (report.stored.new, report.healed) == (1, 1)
    assert sentences(database) == []


def test_a_corrected_mapping_reads_an_unchanged_file_again(
    database: Database, tmp_path: Path
) -> None:
    write(tmp_path, *GOOD, "3,C,Onsite,2,2026-07-01")
    assert run(database, feed(tmp_path)).quarantined == 1
    mended = MAPPING.replace('Remote = "remote"', 'Remote = "remote", Onsite = "onsite"')
    report = run(database, feed(tmp_path, mended))
    assert (report.stored.new, report.healed) == (1, 1)
    assert bookings(database)["3"].work_type == "onsite"


def test_true_time_over_midnight_and_over_a_clock_change(
    database: Database, tmp_path: Path
) -> None:
    mapping = """
    [booking]
    id = "Id"
    started_at = { at = "Start", as = "datetime" }
    ended_at = { at = "End", as = "datetime" }
    """
    (tmp_path / "bookings.csv").write_text(
        "Id,Start,End\n"
        "midnight,2026-08-13T22:30:00+02:00,2026-08-14T01:15:00+02:00\n"
        "auckland,2026-09-27T01:30:00+12:00,2026-09-27T04:30:00+13:00\n"
        "winter,2026-10-25T01:30:00+02:00,2026-10-25T03:30:00+01:00\n",
        encoding="utf-8",
    )
    run(database, feed(tmp_path, mapping))
    found = bookings(database)
    assert found["midnight"].seconds == (2 * 60 + 45) * 60
    assert found["midnight"].work_date == date(2026, 8, 13)
    assert found["auckland"].seconds == 2 * 3600
    assert found["auckland"].work_date == date(2026, 9, 26), "it began on the 26th in Berlin"
    assert found["winter"].seconds == 3 * 3600


class Interrupted(Exception):
    """The process dies here."""


class Pages:
    """A source of ten pages that dies while giving page `dies_at`, like a vendor mid-run."""

    def __init__(self, dies_at: int | None) -> None:
        self.dies_at = dies_at
        self.asked: list[str | None] = []

    def whoami(self) -> str:
        return "pages"

    def pull(self, record: str, since: str | None) -> Iterator[Pulled | Broken | Cursor]:
        self.asked.append(since)
        for page in range(json.loads(since) + 1 if since else 0, 10):
            for row in range(3):
                if page == self.dies_at and row == 1:
                    raise Interrupted
                yield Pulled(
                    {"Id": f"{page}-{row}", "Hours": "1", "Day": "2026-07-01"},
                    f"row {row} of page {page}",
                )
            yield Cursor(json.dumps(page))


def test_a_crash_mid_page_costs_that_page_and_no_row(database: Database, tmp_path: Path) -> None:
    reader = feed(tmp_path).reader
    dying = Pages(dies_at=6)
    with pytest.raises(Interrupted):
        run(database, Feed("psa", "booking", dying, reader, "m"))
    assert len(bookings(database)) == 18
    going_on = Pages(dies_at=None)
    run(database, Feed("psa", "booking", going_on, reader, "m"))
    assert going_on.asked == ["5"], "the cursor stands behind the last stored page"
    with database.read() as connection:
        count = connection.execute(select(func.count()).select_from(FACTS["booking"])).scalar()
    assert count == 30
