"""One record reaches a vendor once, also where two processes would send it at the same time."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tallystick.connector import Raw, Ref
from tallystick.delivery import Delivery, deliver
from tallystick.store.database import Database, open_database
from tallystick.store.migrate import upgrade

NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)


@dataclass
class Slow:
    """A vendor that is told of the same record by somebody else while it takes it from us."""

    database: Database
    pushed: list[str] = field(default_factory=list)
    meanwhile: list[Delivery] = field(default_factory=list)

    def whoami(self) -> str:
        return "slow"

    def push(self, record: str, raw: Raw, key: str) -> Ref:
        if not self.pushed:
            self.pushed.append(key)
            self.meanwhile.append(sent(self.database, self, key))
        else:
            self.pushed.append(key)
        return Ref("1", raw)

    def find(self, record: str, key: str) -> Ref | None:
        return None


def sent(database: Database, sink: Slow, key: str) -> Delivery:
    given = (database, sink, "books", "invoice", key, {"number": key})
    return deliver(*given, lambda: NOON, lambda _: None)


def test_who_comes_while_it_is_sent_leaves_it(database: Database) -> None:
    vendor = Slow(database)
    assert sent(database, vendor, "INV-1") == Delivery("confirmed", "1", "")
    busy = Delivery("busy", None, "Somebody else is sending it right now.")
    assert vendor.meanwhile == [busy]
    assert vendor.pushed == ["INV-1"]
    assert sent(database, vendor, "INV-1") == Delivery("confirmed", "1", "")
    assert sent(database, vendor, "INV-2").state == "confirmed", "the next one is free again"


def test_no_file_stays_beside_the_database(tmp_path: Path) -> None:
    database = open_database("sqlite:///test.db", tmp_path)
    upgrade(database)
    assert sent(database, Slow(database), "INV-1").state == "confirmed"
    database.close()
    assert [path.name for path in tmp_path.iterdir()] == ["test.db"]


def test_one_process_at_a_time_holds_what_is_beside_the_database(tmp_path: Path) -> None:
    """However the file of the lock comes and goes between them."""
    held = tmp_path / "held"
    script = f"""
from pathlib import Path
from tallystick.store.database import open_database
from tallystick.store.turn import held_beside
database = open_database("sqlite:///test.db", Path({str(tmp_path)!r}))
held, mine = Path({str(held)!r}), 0
while mine < 300:
    with held_beside(database, "to-books") as alone:
        if alone:
            held.touch(exist_ok=False)
            held.unlink()
            mine += 1
"""
    processes = [subprocess.Popen([sys.executable, "-c", script]) for _ in range(3)]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    assert list(tmp_path.iterdir()) == []
