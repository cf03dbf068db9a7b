"""The figures of syncing, small: over real sockets the floor and we bring in the same."""

from __future__ import annotations

import sqlite3
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from tallystick.store.facts.schema import FACTS

TICKETS = 40
BENCH = Path(__file__).parents[1] / "bench"


@pytest.fixture
def api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The URL of the API of the bench, a process of its own, with 40 tickets and 200 bookings."""
    monkeypatch.syspath_prepend(str(BENCH))
    from sync_api import serving

    (tmp_path / "pages").mkdir()
    with serving(tmp_path / "pages", TICKETS, page=50) as url:
        yield url


def _asked(url: str, path: str) -> Any:
    with urllib.request.urlopen(f"{url}/{path}") as answer:
        return msgspec.json.decode(answer.read())


def test_the_floor_and_we_store_the_same_and_ask_once_for_what_is_new(
    api: str, tmp_path: Path
) -> None:
    from sync_floor import Floor
    from sync_ours import Ours

    floor = Floor(api, str(tmp_path / "floor.db"))
    floor.first()
    ours = Ours(api, str(tmp_path / "ours.db"), tmp_path)
    ours.first()
    told = sqlite3.connect(tmp_path / "floor.db").execute("SELECT id, actualHours FROM bookings")
    booking = FACTS["booking"]
    with ours.database.read() as connection:
        stored = connection.execute(select(booking.c.id, booking.c.seconds)).all()
    assert {(ref, int(seconds)) for ref, seconds in told} == {*map(tuple, stored)}
    assert [one.stored.new for one in ours.reports] == [TICKETS, 5 * TICKETS]

    before = _asked(api, "told")["requests"]
    ours.news()
    assert _asked(api, "told")["requests"] == before + 2
    assert [one.read for one in ours.reports] == [0, 0]
    _asked(api, "advance")
    ours.news()
    assert [one.stored.changed for one in ours.reports] == [1, 1]
    ours.reread()
    assert [one.written for one in ours.reports] == [0, 0]
    assert [one.stored.older for one in ours.reports] == [1, 1], "the whole list has not changed"
    ours.database.close()
