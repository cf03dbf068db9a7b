"""A database within another one, for those who look at what is written or keep it from being."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from tallystick.store.database import Database


class Wrapped(Database):
    """Reads as `whole` does; how it writes is said by each kind."""

    def __init__(self, whole: Database) -> None:
        self._whole = whole

    @property
    def dialect(self) -> str:
        return self._whole.dialect

    @property
    def file(self) -> str | None:
        return self._whole.file

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with self._whole.read() as connection:
            yield connection
