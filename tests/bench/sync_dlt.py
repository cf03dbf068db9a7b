"""dlt over the same API, run by the Python of a venv of its own (`make peers`): it imports no more
than dlt and what the protocol of the figures needs.

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

INCREMENTAL = dlt.sources.incremental("updated", initial_value="2000-01-01T00:00:00Z")


class Dlt:
    """Both lists merged by id into one database."""

    def __init__(self, url: str, place: str, folder: Path) -> None:
        os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
        os.environ["RUNTIME__LOG_LEVEL"] = "ERROR"
        self._url = url
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

    def _resource(self, name: str) -> Any:
        @dlt.resource(name=name, primary_key="id", write_disposition="merge")
        def rows(
            updated: Any = INCREMENTAL,
        ) -> Iterator[list[dict[str, Any]]]:
            first = updated.last_value == updated.initial_value
            query = {} if first else {"updated_after": updated.last_value}
            seen = 0
            for number in count(1):
                told = {**query, "page": number}
                found = requests.get(f"{self._url}/{name}", params=told).json()
                yield found["items"]
                seen += len(found["items"])
                if seen >= found["total"]:
                    return

        return rows

    def first(self) -> None:
        for name in ("tickets", "bookings"):
            self._pipeline.run(self._resource(name))

    news = first


if __name__ == "__main__":
    url, place, folder = sys.argv[1:]
    answer(Dlt(url, place, Path(folder)), place)
