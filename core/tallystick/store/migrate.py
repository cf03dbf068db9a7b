"""Bringing a database to the current schema."""

from __future__ import annotations

from sqlalchemy import Connection, inspect, text

from tallystick.errors import Stop
from tallystick.store.database import Database
from tallystick.store.facts.late_indexes import restore

HEAD = "0001"
"""The newest revision in `migrations/versions`; a test holds the two together."""


def current(connection: Connection) -> str | None:
    """The revision the database is at, None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.execute(
        text("SELECT version_num FROM alembic_version")
    ).scalar()
    return revision


def upgrade(database: Database) -> bool:
    """Apply every missing migration in one transaction; False when there was none.

    Raises `Stop` for a database that a newer version made.
    """
    with database.read() as connection:
        if current(connection) == HEAD:
            return False
    with database.write() as connection:
        _run(connection)
    return True


def ready(database: Database) -> None:
    """SQLite is upgraded on the spot, and gets the indexes a killed pull left out; PostgreSQL,
    which others may share, is upgraded only on command."""
    if database.dialect == "sqlite":
        upgrade(database)
        restore(database)
        return
    with database.read() as connection:
        found = current(connection)
    if found != HEAD:
        raise Stop(
            f"The database schema is at {found or 'nothing'}, this version needs {HEAD}.",
            do="Run `tallystick db upgrade`.",
        )


def _run(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", "tallystick.store:migrations")
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError:
        raise Stop(
            f"The database has schema {current(connection)}, which this version does not know.",
            do="A newer Tallystick made it: use that one, or name another database in [store].",
        ) from None
