"""A file of changed terms, for `bill simulate`: only what changes stands in it.

[contract]
ends_on = 2026-12-31

[[line]]
id = "AA-1001-1"
terms = { unit_price = "4500.00" }

[[rate_card]]
...
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from tallystick.billing.what_if import Change, LineChange
from tallystick.config.places import Places, explained
from tallystick.config.rate_tables import RateCard
from tallystick.config.sources import read_text
from tallystick.config.table import Table
from tallystick.config.values import Day, Text
from tallystick.errors import Problem, Stop
from tallystick.mapping.locate import TomlMisfit, parse_toml


class ChangedLine(Table):
    id: Text = Field(description="The line's id, as its source spells it; a new one is added.")
    remove: bool = Field(default=False, description="The contract goes without this line.")
    description: Text | None = Field(default=None, description="What invoices call it.")
    model: Text | None = Field(
        default=None, description="Another charge model: its terms begin from nothing."
    )
    starts_on: Day | None = Field(default=None, description="First day in force.")
    ends_on: Day | None = Field(default=None, description="First day no longer in force.")
    terms: dict[str, Any] = Field(default={}, description="Terms that change or come to it.")
    drop: tuple[Text, ...] = Field(default=(), description="Terms that go.")

    @property
    def change(self) -> LineChange:
        given = self.model_dump(include={"description", "model", "starts_on", "ends_on"})
        fields = {name: value for name, value in given.items() if value is not None}
        return LineChange(self.id, fields, self.terms, frozenset(self.drop), self.remove)


class Changes(Table):
    contract: dict[str, Any] = Field(default={}, description="Fields of the contract that change.")
    line: tuple[ChangedLine, ...] = Field(default=(), description="Lines that change.")
    rate_card: tuple[RateCard, ...] = Field(
        default=(), description="Rate cards that replace those of the same name."
    )

    @property
    def change(self) -> Change:
        return Change(self.contract, [line.change for line in self.line])


def read_changes(path: Path) -> Changes:
    """The changes in `path`; raises `Stop` listing every problem with its line."""
    text = read_text(path)
    try:
        return Changes.model_validate(parse_toml(text))
    except TomlMisfit as misfit:
        problems = [Problem(f"{path}:{misfit.line}", misfit.what, misfit.do)]
    except ValidationError as error:
        problems = explained(error, Changes, Places(str(path), text, {}))
    listed = "".join(f"\n  {problem}" for problem in problems)
    raise Stop(f"The changes cannot be used:{listed}\n", do="Correct them and run it again.")
