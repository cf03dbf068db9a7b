"""docs/connectors.md says of every connector what is so."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from tallystick.plugins import Plugins
from tallystick.testing.bronze import Bronze
from tallystick.testing.silver import Silver

TESTS = Path(__file__).parents[1]
PAGE = (TESTS.parent / "docs" / "connectors.md").read_text(encoding="utf-8")
ROWS = {
    name: [cell.strip() for cell in rest.split("|")]
    for name, rest in re.findall(r"^\| `(\w+)` \| (.*) \|$", PAGE, re.MULTILINE)
}
RULES = re.findall(r"^\| [^|`]+ \| `(\w+)` \|$", PAGE, re.MULTILINE)
KITS = {
    "gocardless": "tests/gocardless/test_conformance.py",
    "stripe": "tests/stripe/test_conformance.py",
    "xero": "tests/xero/test_conformance.py",
    "quickbooks": "tests/quickbooks/test_conformance.py",
    "tryton": "tests/tryton/test_conformance.py",
}
"""Where the kit runs over a connector, if not in `tests/NAME/test_NAME.py`."""


@cache
def named() -> frozenset[str]:
    written = (path.read_text(encoding="utf-8") for path in TESTS.rglob("test_*.py"))
    return frozenset(name for text in written for name in re.findall(r"def (test_\w+)", text))


def test_it_lists_every_connector_with_its_tier() -> None:
    assert {name: cells[0] for name, cells in ROWS.items()} == {
        one.name: one.tier for one in Plugins().connectors().values()
    }


@pytest.mark.parametrize("name", ROWS)
def test_what_it_names_is_there(name: str) -> None:
    connector = Plugins().connector(name)
    for cell in ROWS[name][1:]:
        if cell == "kit":
            assert connector.tier in ("silver", "gold"), "the rule is above its tier"
            where = KITS.get(name, f"tests/{name}/test_{name}.py")
            text = (TESTS.parent / where).read_text(encoding="utf-8")
            assert re.search(r"class Test\w+\((ConnectorContract|Kit)\)", text), where
            beside = (TESTS.parent / where).parent.glob("*.py")
            told = "".join(path.read_text(encoding="utf-8") for path in beside)
            assert not [rule for rule in RULES if f'"{rule}"' in told], "a rule is exempt"
        elif cell == "reads only":
            assert not connector.writes
        else:
            assert cell.strip("`") in named()


def test_the_rules_it_names_are_rules_of_the_kit() -> None:
    assert len(RULES) == 5
    assert all(hasattr(Bronze, f"test_{one}") or hasattr(Silver, f"test_{one}") for one in RULES)
