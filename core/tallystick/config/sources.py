"""Where configuration comes from: the file found, its tables, and the environment's overrides."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource

from tallystick.config.model import Config
from tallystick.config.places import Keys
from tallystick.errors import Stop
from tallystick.mapping.locate import TomlMisfit, parse_toml
from tallystick.mapping.twoway import Misfit

FILE = "tallystick.toml"
POINTER = "TALLYSTICK_CONFIG"
PREFIX = "TALLYSTICK__"
Environ = Mapping[str, str]


def find_config(given: Path | None, environ: Environ, here: Path) -> Path:
    """`given` (`--config`), else what TALLYSTICK_CONFIG names, else tallystick.toml in `here`.

    Only the first that is named counts: a misspelled one never falls through to another file.
    Raises `Stop` with every place tried, in order.
    """
    named = environ.get(POINTER)
    path = given or (Path(named) if named else here / FILE)
    if path.is_file():
        return path
    tried = [f"--config: {given or 'not given'}"]
    if given is None:
        tried.append(f"{POINTER}: {named or 'not set'}")
    if given is None and not named:
        tried.append(f"this folder: {path}")
    tried[-1] += ", which is a folder, not a file" if path.is_dir() else ", which does not exist"
    raise Stop(
        f"There is no configuration. Looked in order at {'; '.join(tried)}.",
        do="Go to the folder that has tallystick.toml, or make one with `tallystick init`.",
    )


def read_text(path: Path) -> str:
    """The file's text; raises `Stop` when it cannot be read or is no UTF-8."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        do = "Correct its name, or where it is looked for."
        raise Stop(f"There is no file {path}.", do=do) from None
    except OSError as error:
        raise Stop(f"{path} cannot be read: {error.strerror}.", do="Check its rights.") from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise Stop(
            "It is not UTF-8 text.", do="Save it as UTF-8.", place=f"{path}:{line}"
        ) from None


def from_environment(environ: Environ) -> tuple[dict[str, Any], dict[Keys, str]]:
    """The tables that variables such as TALLYSTICK__MSP__NAME make, and the variable of each key.

    A value is text, which the key's type reads; a list or table is written as in TOML.
    Raises `Misfit` for a list or table that is no TOML.
    """
    tables: dict[str, Any] = {}
    variables: dict[Keys, str] = {}
    for variable in sorted(environ):
        if not variable.startswith(PREFIX):
            continue
        keys = variable.removeprefix(PREFIX).lower().split("__")
        table = tables
        for key in keys[:-1]:
            if not isinstance(table.get(key), dict):
                table[key] = {}
            table = table[key]
        table[keys[-1]] = _value(variable, environ[variable])
        variables[tuple(keys)] = variable
    return tables, variables


def _value(variable: str, text: str) -> Any:
    if text[:1] not in ("[", "{"):
        return text
    try:
        return parse_toml(f"x = {text}")["x"]
    except TomlMisfit:
        raise Misfit(
            f"Variable {variable} begins like a list or table of TOML and is none.",
            """Write it like ["client", "ticket"].""",
        ) from None


def merged(file: dict[str, Any], environment: dict[str, Any]) -> Config:
    """The environment laid over the file, key by key; raises pydantic's `ValidationError`."""

    class Merged(Config):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            *_sources: PydanticBaseSettingsSource,
            **_named: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return (
                InitSettingsSource(settings_cls, environment),
                InitSettingsSource(settings_cls, file),
            )

    return Merged.model_validate({})
