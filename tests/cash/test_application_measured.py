"""How often cash application is right: six months with truth; `make sim` plays more."""

from __future__ import annotations

from pathlib import Path

import pytest

from .measure import measured
from .world import laid

SEEDS = range(6)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return laid(tmp_path_factory.mktemp("month"), lambda _: None)


def test_nobodys_money_is_misplaced_and_most_is_placed(template: Path) -> None:
    found = measured(template, SEEDS)
    assert found.wrong_client == 0, found.errors
    assert found.precision >= 0.999, found.errors
    assert found.recall >= 0.85, found.said()
