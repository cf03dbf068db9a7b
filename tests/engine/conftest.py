"""Offices to work in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tallystick.store.database import Database

from .office import Office, office


@pytest.fixture
def small(database: Database, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    """An office on each kind of database."""
    url = "sqlite:///test.db"
    if database.dialect == "postgresql":
        url = postgres_url(database, request)
    with office(tmp_path, url) as opened:
        yield opened


def postgres_url(database: Database, request: pytest.FixtureRequest) -> str:
    with database.read() as connection:
        name = connection.exec_driver_sql("SELECT current_database()").scalar_one()
    url = request.getfixturevalue("postgres").set(database=name)
    return str(url.render_as_string(hide_password=False))
