"""One record reaches a vendor once, also where two processes would send it at the same time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from tallystick.connector import Raw, Ref
from tallystick.delivery import Delivery, deliver
from tallystick.store.database import Database

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
    busy = Delivery("unknown", None, "Somebody else is sending it right now.")
    assert vendor.meanwhile == [busy]
    assert vendor.pushed == ["INV-1"]
    assert sent(database, vendor, "INV-1") == Delivery("confirmed", "1", "")
    assert sent(database, vendor, "INV-2").state == "confirmed", "the next one is free again"
