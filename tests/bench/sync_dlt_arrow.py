"""dlt given Arrow tables, made of each page with the types of its columns: its quickest way in, for
who knows that the objects are flat and what is in them. It then looks at no row of its own.

    python sync_dlt_arrow.py URL DESTINATION FOLDER
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from sync_clock import answer
from sync_dlt import Dlt

INSTANTS = ("entered", "resolved", "updated", "timeStart", "timeEnd")
TOLD = "%Y-%m-%dT%H:%M:%SZ"


class Tables(Dlt):
    earliest = datetime(2000, 1, 1, tzinfo=UTC)

    def __init__(self, url: str, place: str, folder: Path) -> None:
        super().__init__(url, place, folder)
        if "://" not in place:
            self._format = "parquet"

    def given(self, items: list[dict[str, Any]]) -> Any:
        table = pa.Table.from_pylist(items)
        for at, name in enumerate(table.column_names):
            if name in INSTANTS:
                texts = table[name].cast(pa.string())
                instants = pc.strptime(texts, TOLD, "us").cast(pa.timestamp("us", "UTC"))
                table = table.set_column(at, name, instants)
        return table

    def asked(self, latest: Any) -> str:
        return str(latest.strftime(TOLD))


if __name__ == "__main__":
    url, place, folder = sys.argv[1:]
    answer(Tables(url, place, Path(folder)), place)
