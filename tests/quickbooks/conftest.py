"""The company that has our customer."""

from __future__ import annotations

import pytest

from .kit import with_customer
from .service import Company


@pytest.fixture
def company() -> Company:
    """One that has our customer."""
    return with_customer()
