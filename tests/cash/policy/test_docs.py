"""Every example of docs/collection.md comes out as it says."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tallystick.cash.policy.caps import Asked, Meter
from tallystick.cash.policy.decision import Agreed, Ask, Case, Person, decide
from tallystick.cash.policy.dunning import Overdue, claimed_fees, reminder
from tallystick.cash.policy.instalments import instalments
from tallystick.cash.policy.interest import Balance, late_interest
from tallystick.cash.policy.ladder import Failure
from tallystick.cash.policy.set_off import Open, set_off
from tallystick.config.collection import Collection, Dunning
from tallystick.config.model import Config
from tallystick.engine.collection import caps_of, policy_terms, steps_of
from tallystick.money import Money

DOC = Path(__file__).resolve().parents[3] / "docs" / "collection.md"
EXAMPLES = re.findall(r"```toml\n(.*?)```\n\n```text\n(.*?)```", DOC.read_text("utf-8"), re.DOTALL)


def eur(amount: str) -> Money:
    return Money.exact(amount, "EUR")


def invoice(config: Config, facts: Mapping[str, Any]) -> str:
    case = Case(
        open=eur(facts["open"]),
        settled=eur(facts.get("settled", "0")),
        issued_on=facts["issued_on"],
        due_on=facts["due_on"],
        failures=[Failure(one["on"], one["code"]) for one in facts.get("failed", ())],
        at_once=not facts.get("file", False),
    )
    if plan := facts.get("plan"):
        parts = instalments(eur(plan["of"]), plan["parts"], plan["every"], plan["from"])
        case = case._replace(plan=Agreed(parts, eur("0")))
    verdict = decide(case, policy_terms(config), facts["today"])
    if isinstance(verdict, Ask):
        return f"ask for {verdict.amount} on {verdict.on}"
    if isinstance(verdict, Person):
        return f"a person: {verdict.what} {verdict.do}"
    return f"wait until {verdict.until}: {verdict.why}"


def documents(config: Config, facts: list[dict[str, Any]]) -> str:
    found = [Open(one["number"], "psa:1", eur(one["open"]), one["issued_on"]) for one in facts]
    return "\n".join(f"{one.credit} pays {one.amount} of {one.invoice}" for one in set_off(found))


def asked(config: Config, facts: list[dict[str, Any]]) -> str:
    meter, lines = Meter(caps_of(config), {}), []
    for one in facts:
        wanted = Asked(one["number"], eur(one["amount"]), released=one.get("released", False))
        why = meter.take(wanted)
        lines.append(f"{wanted.invoice} {f'waits: {why}' if why else 'is collected'}")
    return "\n".join(lines)


def overdue(config: Config, facts: Mapping[str, Any]) -> str:
    one = Overdue("INV-1", "psa:1", eur(facts["open"]), facts["due_on"], facts["reminded"])
    step = reminder(one, steps_of(config), facts["today"])
    assert step is not None
    fees = claimed_fees(one, steps_of(config), step.ordinal)
    return f"step {step.ordinal}, due since {step.since}, with fees of {fees}"


def interest(config: Config, facts: Mapping[str, Any]) -> str:
    balances = [Balance(one["since"], eur(one["amount"])) for one in facts["open"]]
    return str(late_interest(balances, facts["until"], Decimal(facts["percent"])))


KINDS: dict[str, Callable[[Config, Any], str]] = {
    "invoice": invoice,
    "document": documents,
    "asked": asked,
    "overdue": overdue,
    "interest": interest,
}


@pytest.mark.parametrize(("given", "said"), EXAMPLES, ids=range(len(EXAMPLES)))
def test_the_example_comes_out_as_it_says(given: str, said: str) -> None:
    facts = tomllib.loads(given)
    config = Config.model_construct(
        collection=Collection(**facts.pop("collection", {})),
        dunning=tuple(Dunning(**one) for one in facts.pop("dunning", ())),
    )
    [(kind, told)] = facts.items()
    assert KINDS[kind](config, told) == said.strip()


def test_every_kind_of_example_is_there() -> None:
    kinds = {kind for given, _ in EXAMPLES for kind in tomllib.loads(given)}
    assert kinds == {*KINDS, "collection", "dunning"}
