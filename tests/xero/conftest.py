"""The organisation that has our customer."""

from __future__ import annotations

import pytest

from .service import Organisation, contact


@pytest.fixture
def org() -> Organisation:
    """One that has our customer."""
    made = Organisation()
    made.lists["Contacts"].append(contact(4, Name="Acme", ContactNumber="psa:7"))
    return made
