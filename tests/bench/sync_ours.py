"""Ours: the connector of the bench through transport, mapping, border, hash and store."""

from __future__ import annotations

import gc
import sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sync_clock import answer
from sync_connector import LISTS, MAPPING, BenchSession, BenchSettings

from tallystick.cli.app import COLLECTED_AFTER
from tallystick.connector import Context
from tallystick.mapping import MappingFile, load_mapping
from tallystick.store.database import open_database
from tallystick.store.migrate import ready
from tallystick.sync.pull import Feed, PullReport, pull
from tallystick.transport.client import Way

NOW = datetime(2026, 10, 1, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Berlin")


class Ours:
    """Both lists into one database, at `place`, a file or a server's URL."""

    def __init__(
        self, url: str, place: str, folder: Path, limit: int = 0, at_once: int = 8
    ) -> None:
        self.database = open_database(place if "://" in place else f"sqlite:///{place}", folder)
        ready(self.database)
        self._readers = load_mapping([MappingFile("bench.toml", MAPPING)])
        way = Way("psa", folder / "shared", allow_private=True)
        context = Context("psa", folder, lambda: NOW, way.open)
        settings = BenchSettings(url=url, limit=limit, at_once=at_once)
        self.session = BenchSession(settings, context)
        self._mapping_hash = "mapping"

    def first(self) -> None:
        self._pull(self._mapping_hash)

    def reread(self) -> None:
        """As after a changed mapping: the cursor is not believed, and every row is read again."""
        self._mapping_hash = "another mapping"
        self._pull(self._mapping_hash)

    def news(self) -> None:
        self._pull(self._mapping_hash)

    def _pull(self, mapping_hash: str) -> list[PullReport]:
        feeds = [
            Feed("psa", kind, self.session, self._readers[kind], mapping_hash) for kind in LISTS
        ]
        self.reports = [
            pull(feed, self.database, ZONE, lambda: NOW, lambda _: None) for feed in feeds
        ]
        return self.reports


if __name__ == "__main__":
    url, place, folder = sys.argv[1:]
    gc.set_threshold(COLLECTED_AFTER, *gc.get_threshold()[1:])  # as every command does
    answer(Ours(url, place, Path(folder)), place)
