"""Opening the database, and the two kinds of transaction: reading and writing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from tallystick.errors import Stop

BUSY_TIMEOUT_MS = 15_000
CACHE_KIB = 64_000
"""Pages SQLite may keep: a thousand changed bookings with what follows them lie on nine thousand.
With less, a page is read again for each thing that happens to its row."""

STATEMENTS = 500
"""So many statements a connection to SQLite keeps ready: more than a run has, of which the driver's
own 128 would throw each away before it comes again."""

LOG_PAGES = 16_000
"""Of 4 KB: the log is brought into the file this seldom, as transactions change the same pages: a
bulk load those of its indexes, scattered bookings those of their stamps and cells."""


class Database:
    """One open database. Every change happens inside `write()`, one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._writer = self._reader = engine
        if engine.dialect.name == "postgresql":
            snapshot = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
            self._reader = engine.execution_options(**snapshot)

    @property
    def dialect(self) -> str:
        return self._reader.dialect.name

    @property
    def file(self) -> str | None:
        """Where SQLite keeps it, None for one in memory or on a server."""
        name = self._reader.url.database
        return name if self.dialect == "sqlite" and name not in ("", ":memory:") else None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent view: what others commit meanwhile is not seen. Nothing may be changed."""
        with self._reader.begin() as connection:
            self._begin(connection, "BEGIN")
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction that commits whole or not at all. SQLite takes its lock up front,
        so two writers wait for each other instead of failing half way."""
        with self._writer.begin() as connection:
            self._begin(connection, "BEGIN IMMEDIATE")
            yield connection

    @contextmanager
    def glance(self) -> Iterator[Connection]:
        """For one statement that reads. A server is spared the transaction around it."""
        with self.session() if self.dialect == "postgresql" else self.read() as connection:
            yield connection

    @contextmanager
    def session(self) -> Iterator[Connection]:
        """A connection outside any transaction, for locks that outlast one."""
        with self._writer.connect() as connection:
            yield connection.execution_options(isolation_level="AUTOCOMMIT")

    def _begin(self, connection: Connection, statement: str) -> None:
        """Begin on SQLite, whose driver does not by itself: past SQLAlchemy, whose way to a
        statement, and whose events, take longer than a small transaction."""
        if self.dialect != "sqlite":
            return
        try:
            connection.connection.cursor().execute(statement)
        except sqlite3.Error as error:
            raise OperationalError(statement, None, error) from error

    def close(self) -> None:
        self._reader.dispose()


def open_database(url: str, root: Path) -> Database:
    """Open `url` (`sqlite:///file` from `root`, `postgresql+psycopg://...`); raises `Stop`."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise Stop(
            "The database URL of [store] cannot be read.",
            do='Write it like "sqlite:///tallystick.db" or "postgresql+psycopg://host/name".',
        ) from None
    if parsed.get_backend_name() == "sqlite":
        if parsed.database not in (None, "", ":memory:"):
            parsed = parsed.set(database=str(root / str(parsed.database)))
        engine = create_engine(parsed, connect_args={"cached_statements": STATEMENTS})
        event.listen(engine, "connect", _prepare_sqlite)
    else:
        engine = create_engine(parsed, max_overflow=-1)  # each thread needs up to three
    return Database(engine)


def _prepare_sqlite(connection: DBAPIConnection, _: Any) -> None:
    """Durable and concurrent: write-ahead log, a flush to disk at every commit."""
    # the driver must not begin transactions by itself: `Database._begin` does
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        f"cache_size = -{CACHE_KIB}",
        f"wal_autocheckpoint = {LOG_PAGES}",
        f"busy_timeout = {BUSY_TIMEOUT_MS}",
        "foreign_keys = ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def unreachable(error: DBAPIError) -> Stop:
    """The sentence for a database that does not answer, without its URL or password."""
    return Stop(
        f"The database did not answer: {type(error.orig).__name__}.",
        do="Check [store] url in tallystick.toml and that the server runs.",
    )
