"""A process that may end at any moment at which that matters."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection

from tallystick.connector import Raw, Ref, Sink
from tallystick.store.database import Database
from tallystick.testing.simulate.wrapped import Wrapped


class Crash(BaseException):
    """The process is gone."""


@dataclass
class Bomb:
    """Goes off at the `fuse`-th moment; with fuse 0 it only counts them."""

    fuse: int = 0
    moments: int = 0

    def tick(self) -> None:
        self.moments += 1
        if self.moments == self.fuse:
            raise Crash


class Fragile(Wrapped):
    """A database whose process may end before or after any commit."""

    def __init__(self, database: Database, bomb: Bomb) -> None:
        super().__init__(database)
        self._bomb = bomb

    @contextmanager
    def write(self) -> Iterator[Connection]:
        with self._whole.write() as connection:
            yield connection
            self._bomb.tick()
        self._bomb.tick()


@dataclass
class FragileSink:
    """A sink whose caller may end before it is asked, and after it has done what it was asked."""

    sink: Sink
    bomb: Bomb

    def whoami(self) -> str:
        return self.sink.whoami()

    def push(self, record: str, raw: Raw, key: str) -> Ref:
        self.bomb.tick()
        ref = self.sink.push(record, raw, key)
        self.bomb.tick()
        return ref

    def find(self, record: str, key: str) -> Ref | None:
        self.bomb.tick()
        return self.sink.find(record, key)
