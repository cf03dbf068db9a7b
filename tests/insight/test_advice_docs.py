"""docs/advice.md: its example is what the command prints, and its figures are the code's."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tallystick.cli.advising import show_contract
from tallystick.cli.screen import Screen
from tallystick.insight import advice, causes
from tallystick.insight.advice import advise
from tallystick.insight.back_test import back_test
from tallystick.insight.history import Cause, History, Month
from tallystick.insight.prices import AdviceTerms
from tallystick.money import Money
from tallystick.period import add_months
from tallystick.views.advice import ContractAdvice

from .contracts import START, eur

DOC = (Path(__file__).resolve().parents[2] / "docs" / "advice.md").read_text(encoding="utf-8")


def told(toml: str) -> History:
    given = tomllib.loads(toml)
    cause = Cause("ticket type", given["cause"])
    months = tuple(
        Month(
            first=add_months(START, at, 1),
            cost=eur(cost),
            seconds=0,
            fees=eur(given["fees"]),
            variable=Money.zero("EUR"),
            devices=given["devices"],
            users=given["users"],
            device_days=365,
            causes={cause: eur(cost * given["cause_percent"] / 100)},
        )
        for at, cost in enumerate(given["costs"])
    )
    return History("psa:C-7", "Bakery Sommer", "Managed workplace", "EUR", months, START)


def test_the_example_is_what_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    [toml] = re.findall(r"```toml\n(.*?)```", DOC, re.DOTALL)
    [text] = re.findall(r"```text\n(.*?)```", DOC, re.DOTALL)
    history, terms = told(toml), AdviceTerms()
    found = ContractAdvice(terms, advise(history, terms), back_test([history], terms))
    show_contract(Screen(as_json=False), found)
    printed = [line.rstrip() for line in capsys.readouterr().out.strip().splitlines()]
    assert printed == text.strip().splitlines()


def test_the_thresholds_are_those_of_the_code() -> None:
    assert f"more than {advice.RESCOPE_ABOVE} %" in DOC
    assert f"is {causes.MOST_FROM} % of the cost or more" in DOC
