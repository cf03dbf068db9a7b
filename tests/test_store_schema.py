"""The schema: migrations make exactly the tables the code declares, on both databases."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import URL

from tallystick.errors import Stop
from tallystick.store import migrate, tables
from tallystick.store.billing.schema import number_series
from tallystick.store.database import Database, open_database


def test_migrations_and_tables_agree(database: Database) -> None:
    with database.read() as connection:
        opts = {"compare_type": False, "include_name": _ours}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, tables.metadata) == []


def _ours(name: str | None, kind: str, _: object) -> bool:
    """Beside our tables there may be those of the workers' queue."""
    return kind != "table" or not str(name).startswith("procrastinate_")


def test_the_newest_migration_is_the_one_the_code_asks_for(database: Database) -> None:
    versions = files("tallystick.store.migrations").joinpath("versions")
    newest = max(one.name for one in versions.iterdir() if one.name.endswith(".py"))
    assert newest.startswith(f"{migrate.HEAD}_")
    with database.read() as connection:
        assert migrate.current(connection) == migrate.HEAD


def test_upgrading_twice_does_nothing(database: Database) -> None:
    assert migrate.upgrade(database) is False


def test_a_fresh_sqlite_file_is_ready_at_once(tmp_path: Path) -> None:
    database = open_database("sqlite:///fresh.db", tmp_path)
    migrate.ready(database)
    with database.read() as connection:
        assert migrate.current(connection) == migrate.HEAD
    database.close()


def test_a_fresh_postgresql_waits_for_the_command(postgres: URL, tmp_path: Path) -> None:
    database = open_database(postgres.render_as_string(hide_password=False), tmp_path)
    with pytest.raises(Stop, match="db upgrade"):
        migrate.ready(database)
    database.close()


def test_sqlite_is_durable(tmp_path: Path) -> None:
    database = open_database("sqlite:///durable.db", tmp_path)
    with database.read() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    database.close()


def test_a_write_that_fails_leaves_nothing(database: Database) -> None:
    table = number_series

    def fail_half_way() -> None:
        with database.write() as connection:
            connection.execute(table.insert().values(name="x", next=1))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    with database.read() as connection:
        assert connection.execute(table.select()).all() == []
