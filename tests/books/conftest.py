"""The MSP whose books are read, on both databases."""

from __future__ import annotations

import pytest
from tests.cycle.msp import Msp

from tallystick.store.database import Database


@pytest.fixture
def msp(database: Database) -> Msp:
    """An MSP nobody has told anything yet."""
    return Msp(database)
