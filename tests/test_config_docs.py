"""docs/configuration.md says what the models say, and its examples are configurations."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from pydantic import BaseModel, SecretStr

from tallystick.config import (
    accounts,
    cash,
    collection,
    device_counts,
    effort,
    email,
    flows,
    indices,
    model,
    printed,
    rate_tables,
    schedules,
)
from tallystick.config.load import load_config, read_config
from tallystick.config.render import toml
from tallystick.config.sources import POINTER, PREFIX

DOC = (Path(__file__).resolve().parents[1] / "docs" / "configuration.md").read_text("utf-8")
SECTIONS: dict[str, type[BaseModel]] = {
    "## `[msp]`": printed.Msp,
    "## `[store]`": model.Store,
    "## `[connection.<name>]`": model.Connection,
    "## `[[rate_card]]`": rate_tables.RateCard,
    "### `[[rate_card.rate]]`": rate_tables.Rate,
    "### `[rate_card.rate.hours]`": rate_tables.Hours,
    "## `[[tax]]`": model.Tax,
    "## `[[exchange_rate]]`": model.ExchangeRate,
    "## `[[index]]`": indices.Index,
    "## `[billing]`": model.Billing,
    "## `[approval]`": model.Approval,
    "## `[collection]`": collection.Collection,
    "## `[[dunning]]`": collection.Dunning,
    "## `[accounts]`": accounts.Accounts,
    "## `[effort]`": effort.Effort,
    "### `[[effort.overhead]]`": effort.Overhead,
    "## `[advice]`": model.Advice,
    "## `[cash]`": cash.Cash,
    "## `[email]`": email.Email,
    "### `[email.invoice]`, `[email.credit_note]`": email.Words,
    "## `[documents]`": printed.Documents,
    "## `[[schedule]]`": schedules.Schedule,
    "## `[serve]`": schedules.Serve,
    "## `[[link]]`": model.Link,
    "## `[[device_count]]`": device_counts.DeviceCount,
    "## `[[flow]]`": flows.Flow,
}


def rows(table: type[BaseModel]) -> list[str]:
    """The rows of the table's reference: key, default, meaning."""
    found = []
    for name, field in table.model_fields.items():
        value = field.default
        if isinstance(value, SecretStr):
            value = value.get_secret_value()
        if isinstance(value, bool | tuple):
            value = toml(value) if value != () else ()
        empty = value is None or value in ((), {}) or value == date.min
        default = "required" if field.is_required() else "" if empty else f"`{value}`"
        found.append(f"| `{field.alias or name}` | {default} | {field.description} |")
    return found


def section(heading: str) -> str:
    assert DOC.count(f"\n{heading}\n") == 1
    after = DOC.partition(f"\n{heading}\n")[2]
    return re.split(r"\n##+ ", after)[0]


@pytest.mark.parametrize("heading", SECTIONS)
def test_every_key_is_described_as_the_models_have_it(heading: str) -> None:
    described = [line for line in section(heading).splitlines() if line.startswith("| `")]
    assert described == rows(SECTIONS[heading])


def test_every_table_is_described() -> None:
    named = {re.split(r"[].<[]+", heading.strip("#` "))[1] for heading in SECTIONS}
    assert named == set(model.Config.model_fields)


def test_every_description_is_a_sentence() -> None:
    for table in SECTIONS.values():
        for name, field in table.model_fields.items():
            assert field.description, name
            assert field.description.endswith("."), name


def test_the_examples_together_are_a_configuration(tmp_path: Path) -> None:
    examples = re.findall(r"```toml\n(.*?)```", DOC, re.DOTALL)
    path = tmp_path / "tallystick.toml"
    path.write_text("\n".join(examples), encoding="utf-8")
    config = load_config(path, {})
    assert len(config.connection) > 1
    for name, field in model.Config.model_fields.items():
        assert getattr(config, name) != field.get_default(), f"{name} has no example"


def test_the_variables_are_named_as_they_are(tmp_path: Path) -> None:
    assert f"`{POINTER}`" in DOC
    variables = dict(re.findall(rf"^({PREFIX}\w+)='?([^'\n]*)'?$", DOC, re.MULTILINE))
    assert len(variables) > 1
    path = tmp_path / "tallystick.toml"
    path.write_text("\n".join(re.findall(r"```toml\n(.*?)```", DOC, re.DOTALL)), encoding="utf-8")
    before, _ = read_config(path, {})
    after, problems = read_config(path, variables)
    assert problems == []
    assert after != before
