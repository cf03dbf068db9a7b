"""`plugin show`: what a page tells a user to write is what the connector takes."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tallystick.config.model import Config
from tallystick.config.secrets import resolve_secrets
from tallystick.connector.page import page_of
from tallystick.plugins import Plugins

CONNECTORS = Plugins().connectors()


class Everything(dict[str, str]):
    """An environment in which every variable is set."""

    def __contains__(self, name: object) -> bool:
        return True

    def __getitem__(self, name: str) -> str:
        return "sk_test_4711"


@pytest.mark.parametrize("name", sorted(CONNECTORS))
def test_what_a_page_says_to_write_is_taken(name: str, tmp_path: Path) -> None:
    connector = CONNECTORS[name]
    [block] = re.findall(r"```toml\n(.*?)```", page_of(connector), re.DOTALL)
    tables = tomllib.loads(block)
    msp = {"name": "N", "country": "DE", "zone": "Europe/Berlin"}
    tax = [{"category": "standard", "percent": "19"}]
    config = Config.model_validate({"msp": msp, "tax": tax, **tables})
    [connection] = [one for one in config.connection.values() if one.connector == name]
    assert set(connection.home) <= connector.reads
    known = connector.settings.model_fields
    assert connection.settings.keys() <= known.keys()
    required = {key for key, field in known.items() if field.is_required()}
    assert required <= connection.settings.keys()
    found = resolve_secrets(connection.settings, connector.settings, tmp_path, Everything())
    bad = [one for one in found.unresolved if "file" not in one.misfit.what]
    assert not bad, bad


def test_it_is_shown_by_name_and_a_wrong_name_is_a_sentence(
    run: Callable[..., Any], tmp_path: Path
) -> None:
    shown = run("plugin", "show", "connectwise", at=tmp_path)
    assert shown.code == 0 and 'private_key = "env:CW_PRIVATE"' in shown.out
    wrong = run("plugin", "show", "conectwise", at=tmp_path)
    assert wrong.code == 1 and "installed are autotask" in wrong.err


def test_a_setting_that_is_missing_says_where_settings_are_told(
    run: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "tallystick.toml").write_text(
        '[msp]\nname = "N"\ncountry = "DE"\nzone = "Europe/Berlin"\n'
        '[[tax]]\ncategory = "standard"\npercent = "19"\n'
        '[connection.n]\nconnector = "ninjaone"\n[connection.n.settings]\nregion = "moon"\n'
    )
    said = run("check", at=tmp_path).out
    assert said.count("`tallystick plugin show ninjaone` says what goes there.") == 3
