"""docs/einvoice.md names every identifier, unit and refusal there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tallystick.billing.einvoice.codes import UNITS, VATEX
from tallystick.billing.einvoice.profiles import PROFILES

from .test_einvoice_refusals import DEMANDED, REFUSED

PAGE = (Path(__file__).parents[2] / "docs/einvoice.md").read_text(encoding="utf-8")
ROWS = [[cell.strip(" `") for cell in row.split("|")[1:-1]] for row in PAGE.splitlines()]


def test_the_units_are_those_of_the_code() -> None:
    [first] = [index for index, row in enumerate(ROWS) if row == ["unit", "code"]]
    table = ROWS[first + 2 : ROWS.index([], first)]
    assert dict(table) == UNITS


@pytest.mark.parametrize("name", PROFILES)
def test_the_identifiers_are_those_of_the_code(name: str) -> None:
    profile = PROFILES[name]
    assert [name, profile.identifier, profile.process] in ROWS


def test_the_reasons_are_those_of_the_code() -> None:
    told = {row[0].split()[0]: row[3] for row in ROWS if len(row) == 4 and row[3][:5] == "VATEX"}
    assert told == VATEX


@pytest.mark.parametrize("rule", [*REFUSED, *DEMANDED])
def test_every_rule_that_refuses_is_told(rule: str) -> None:
    body, _, number = rule.rpartition("-")
    spelled = rf"{re.escape(rule)}\b|{body}-[\d, ]*\b{number}\b"
    assert re.search(spelled, PAGE), f"{rule} is not in docs/einvoice.md"
