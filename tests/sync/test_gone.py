"""Deletes: what a whole list leaves out is gone, unless it is too much to be true."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tallystick.connector import Broken, Cursor, Pulled, Whole
from tallystick.store.database import Database, open_database
from tallystick.store.facts.gone import LeftOut, take_away
from tallystick.store.facts.inbound import keep_nothing
from tallystick.store.facts.schema import FACTS, cursor, gone
from tallystick.store.migrate import ready
from tallystick.sync.pull import Feed, PullReport, pull

NOW = datetime(2026, 9, 1, tzinfo=UTC)


class Plain:
    def read(self, raw: Any) -> dict[str, Any]:
        return dict(raw)

    read_what_fits = read

    def read_columns(self, raws: Any) -> None:
        """One by one."""


@dataclass
class Desk:
    """Tells the bookings of `days` in a list of all, or of those in `window`."""

    days: dict[str, date]
    window: tuple[date, date] | None = None
    broken: Sequence[Broken] = ()

    def whoami(self) -> str:
        return "desk"

    def pull(self, record: str, since: str | None) -> Iterator[Pulled | Broken | Cursor | Whole]:
        for ref, day in self.days.items():
            if self.window is None or self.window[0] <= day < self.window[1]:
                yield Pulled({"id": ref, "work_date": day, "seconds": 60}, f"booking {ref}")
        yield from self.broken
        yield Whole("work_date", *self.window) if self.window else Whole()
        yield Cursor(f"{len(self.days)}")


def sync(database: Database, desk: Desk, *, accept: bool = False) -> PullReport:
    feed = Feed("psa", "booking", desk, Plain(), "")
    zone = ZoneInfo("Europe/Berlin")
    return pull(feed, database, zone, lambda: NOW, lambda _: None, accept_gone=accept)


def there(database: Database) -> set[str]:
    with database.read() as connection:
        return set(connection.execute(select(FACTS["booking"].c.id)).scalars())


def many(count: int) -> dict[str, date]:
    return {f"b{n}": date(2026, 8, 1 + n % 28) for n in range(count)}


def test_what_is_listed_no_more_is_taken_away_and_kept_as_it_was(database: Database) -> None:
    days = many(5)
    sync(database, Desk(days))
    del days["b3"]
    report = sync(database, Desk(days))
    assert (report.gone, report.held, report.written) == (1, 0, 1)
    assert there(database) == days.keys()
    with database.read() as connection:
        [last] = connection.execute(select(gone)).all()
    assert (last.id, last.record["seconds"]) == ("b3", 60)
    assert sync(database, Desk(days)).written == 0


def test_what_two_syncs_find_gone_at_a_time_is_taken_away_once(database: Database) -> None:
    sync(database, Desk(many(5)))
    for _ in range(2):
        with database.write() as connection:
            take_away(connection, "psa", "booking", ["b3"], NOW, keep_nothing)
    with database.read() as connection:
        assert [row.id for row in connection.execute(select(gone))] == ["b3"]


def test_outside_its_window_a_list_takes_nothing_away(database: Database) -> None:
    sync(database, Desk(many(28)))
    report = sync(database, Desk({}, (date(2026, 8, 3), date(2026, 8, 6))))
    assert report.gone == 3
    assert there(database) == many(28).keys() - {"b2", "b3", "b4"}


def test_a_list_that_leaves_out_too_much_is_held_until_somebody_accepts_it(
    database: Database,
) -> None:
    sync(database, Desk(many(200)))
    few = many(3)
    report = sync(database, Desk(few))
    assert (report.gone, report.held) == (0, 197)
    assert there(database) == many(200).keys()
    with database.read() as connection:
        assert connection.execute(select(cursor.c.token)).scalar() == "200"
    accepted = sync(database, Desk(few), accept=True)
    assert (accepted.gone, accepted.held) == (197, 0)
    assert there(database) == few.keys()


def test_a_row_too_broken_to_name_its_record_takes_nothing_away(database: Database) -> None:
    days = many(5)
    sync(database, Desk(days))
    del days["b1"]
    report = sync(database, Desk(days, broken=[Broken("row 2", "It is cut.", "Mend it.", {})]))
    assert (report.gone, report.held) == (0, 1)
    assert "b1" in there(database)


@pytest.mark.parametrize(
    ("left_out", "stored", "plausible"), [(10, 12, True), (11, 12, False), (11, 110, True)]
)
def test_a_few_or_a_tenth_may_go(left_out: int, stored: int, plausible: bool) -> None:
    assert LeftOut(["x"] * left_out, stored).plausible is plausible


@settings(max_examples=8, phases=[Phase.generate], deadline=None)
@given(st.lists(st.sets(st.integers(0, 9)), min_size=1, max_size=4))
def test_after_any_lists_there_is_what_the_last_one_says(lists: list[set[int]]) -> None:
    with TemporaryDirectory() as folder:
        database = open_database("sqlite:///lists.db", Path(folder))
        ready(database)
        for numbers in lists:
            sync(database, Desk({f"b{n}": date(2026, 8, 1) for n in numbers}))
        assert there(database) == {f"b{n}" for n in lists[-1]}
        database.close()
