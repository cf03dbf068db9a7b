"""How many pages SQLite keeps meanwhile: much work at a time gains nothing by many, and would fill
memory with them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import Connection

from tallystick.store.database import CACHE_KIB

SORTING_KIB: Final = 4000
"""To sort the keys of an index: with more it takes longer, as so many fit no processor's cache."""
BULK_KIB: Final = 32_000
"""To write ten thousand rows: the keys of a million fit, where with less their pages are read again
for every row."""


@contextmanager
def keeping(connection: Connection, kib: int) -> Iterator[None]:
    """No more than `kib` of pages until the end of this."""
    if connection.dialect.name != "sqlite":
        yield
        return
    connection.exec_driver_sql(f"PRAGMA cache_size = -{kib}")
    try:
        yield
    finally:
        connection.exec_driver_sql(f"PRAGMA cache_size = -{CACHE_KIB}")
