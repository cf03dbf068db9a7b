"""dlt over the same API, run by the Python of a venv of its own (`make peers`): it imports no more
than dlt and what the protocol of the figures needs.

Set for speed, from its page on performance, and by trying each: a page of the API is given as one
list, not row by row; files between its stages are not compressed, which saves an eighth to a fifth;
PostgreSQL is loaded by COPY from CSV, which costs a fifth less than its INSERTs and as much as
Parquet through ADBC; SQLite from typed JSON, which costs it less than Parquet; orjson and pyarrow
are there. Left as they are: the strategies of a merge, which cost the same, and one process to
normalise in, as more save time but no work. `sync_dlt_arrow` gives it tables instead of objects.

    python sync_dlt.py URL DESTINATION FOLDER       then one phase a line on stdin
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import dlt
from dlt.sources.helpers import requests
from sync_clock import answer

SETTINGS = {
    "DATA_WRITER__DISABLE_COMPRESSION": "true",
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "RUNTIME__LOG_LEVEL": "ERROR",
}


class Dlt:
    """Both lists merged by id into one database."""

    earliest: Any = "2000-01-01T00:00:00Z"

    def __init__(self, url: str, place: str, folder: Path) -> None:
        os.environ.update(SETTINGS)
        self._url = url
        self._format = "csv" if "://" in place else "typed-jsonl"
        if "://" in place:
            parts = urlsplit(place)
            host = quote(parse_qs(parts.query)["host"][0], safe="")
            destination = dlt.destinations.postgres(
                f"postgresql://postgres:none@{host}:5432{parts.path}"
            )
        else:
            destination = dlt.destinations.sqlalchemy(f"sqlite:///{place}")
        self._pipeline = dlt.pipeline(
            "bench", destination=destination, dataset_name="psa", pipelines_dir=str(folder / "dlt")
        )

    def given(self, items: list[dict[str, Any]]) -> Any:
        """What dlt is given of a page."""
        return items

    def asked(self, latest: Any) -> str:
        """How the API is asked for what changed after `latest`."""
        return str(latest)

    def _resource(self, name: str) -> Any:
        since = dlt.sources.incremental("updated", initial_value=self.earliest)

        @dlt.resource(name=name, primary_key="id", write_disposition="merge")
        def rows(updated: Any = since) -> Iterator[Any]:
            first = updated.last_value == updated.initial_value
            query = {} if first else {"updated_after": self.asked(updated.last_value)}
            seen = 0
            for number in count(1):
                told = {**query, "page": number}
                found = requests.get(f"{self._url}/{name}", params=told).json()
                if found["items"]:
                    yield self.given(found["items"])
                seen += len(found["items"])
                if seen >= found["total"]:
                    return

        return rows

    def first(self) -> None:
        for name in ("tickets", "bookings"):
            self._pipeline.run(self._resource(name), loader_file_format=self._format)

    news = first


if __name__ == "__main__":
    url, place, folder = sys.argv[1:]
    answer(Dlt(url, place, Path(folder)), place)
