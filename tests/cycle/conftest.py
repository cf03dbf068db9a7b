"""The MSP every test of the cycle bills, on both databases."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from tallystick.store.database import Database, open_database

from .msp import Msp
from .told import client, contract, fixed, hourly


@pytest.fixture
def msp(database: Database) -> Msp:
    """An MSP nobody has told anything yet."""
    return Msp(database)


@pytest.fixture
def office(msp: Msp) -> Msp:
    """One client with a monthly fee of 100 and hourly work, from July 2026."""
    msp.tell(client(), contract(), fixed(), hourly())
    return msp


@pytest.fixture
def fresh(migrated: Path, tmp_path: Path) -> Iterator[Callable[[], Msp]]:
    """Makes as many MSPs as a test needs, each with a SQLite file of its own."""
    opened: list[Database] = []
    numbers = count(1)

    def another() -> Msp:
        name = f"{next(numbers)}.db"
        shutil.copy(migrated, tmp_path / name)
        opened.append(open_database(f"sqlite:///{name}", tmp_path))
        return Msp(opened[-1])

    yield another
    for database in opened:
        database.close()
