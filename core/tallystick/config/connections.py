"""A connection of the configuration, made ready: its settings, its secrets, its mapping files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from pydantic import BaseModel, SecretStr, ValidationError

from tallystick.config.load import located, stopped
from tallystick.config.model import Config, Connection
from tallystick.config.places import Keys, Places, dotted, explained
from tallystick.config.secrets import Unresolved, is_reference, resolve, resolve_secrets
from tallystick.config.sources import Environ, read_text
from tallystick.config.values import leads_out
from tallystick.connector import STATE_FOLDER, Connector, Context
from tallystick.errors import Problem, Stop
from tallystick.mapping import MappingFile
from tallystick.mapping.locate import TomlMisfit, parse_toml
from tallystick.mapping.twoway import Misfit

S = TypeVar("S", bound=BaseModel)


class Opened(NamedTuple, Generic[S]):
    """A connector's settings, None when they are no good; why; and the secrets among them."""

    settings: S | None
    problems: list[Problem]
    secrets: list[SecretStr]


def open_settings(
    config: Config, name: str, connector: Connector[S], path: Path, environ: Environ
) -> tuple[S, list[SecretStr]]:
    """The settings of connection `name` as `connector` wants them, its secrets looked up, and
    these secrets.

    `path` is the configuration file, for messages and as the start of relative paths. Raises
    `Stop` listing every problem.
    """
    *_, places = located(path, environ)
    opened = read_settings(config, name, connector, places, path.parent, environ)
    if opened.settings is None:
        raise stopped(opened.problems)
    return opened.settings, opened.secrets


def context_of(
    config: Config,
    name: str,
    root: Path,
    now: Callable[[], datetime],
    secrets: Iterable[SecretStr],
    trace: Path | None = None,
) -> Context:
    """What is lent to the connector of `name`; `secrets`, those of its settings, never show, not
    even in `trace`."""
    from tallystick.transport.client import Way

    hidden = [secret.get_secret_value() for secret in secrets]
    way = Way(name, root / STATE_FOLDER, config.connection[name].allow_private, hidden, trace)
    return Context(name, root, now, way.open)


def read_settings(
    config: Config,
    name: str,
    connector: Connector[S],
    places: Places,
    root: Path,
    environ: Environ,
) -> Opened[S]:
    """`open_settings` with its mistakes as values."""
    within: Keys = ("connection", name, "settings")
    given = config.connection[name].settings
    resolved = resolve_secrets(given, connector.settings, root, environ)
    problems = [_unresolved(one, within, places) for one in resolved.unresolved]
    problems += [
        places.problem(keys, f"`{dotted(keys)}` has `..` in it.", "Write the path in full.")
        for keys in _leading_out(given, within)
    ]
    try:
        settings = connector.settings.model_validate(resolved.settings)
    except ValidationError as error:
        known = {one.keys for one in resolved.unresolved}
        do = f"`tallystick plugin show {connector.name}` says what goes there."
        problems += explained(error, connector.settings, places, within, known, do)
        settings = None
    return Opened(None if problems else settings, problems, resolved.secrets)


def _unresolved(one: Unresolved, within: Keys, places: Places) -> Problem:
    keys = (*within, *one.keys)
    return places.problem(keys, f"`{dotted(keys)}`: {one.misfit.what}", one.misfit.do)


def _leading_out(value: object, keys: Keys) -> list[Keys]:
    """The keys of texts in which a part of a path is `..`."""
    if isinstance(value, Mapping):
        return [found for key, one in value.items() for found in _leading_out(one, (*keys, key))]
    if isinstance(value, list):
        return [found for i, one in enumerate(value) for found in _leading_out(one, (*keys, i))]
    return [keys] if isinstance(value, str) and leads_out(value) else []


def mapping_files(
    connection: Connection, connector: Connector[BaseModel], root: Path
) -> list[MappingFile]:
    """The connector's shipped mapping, then the MSP's own over it; none when neither has one.

    Raises `Stop` when the MSP's file is not there, or is no TOML.
    """
    found: list[MappingFile] = []
    if connector.mappings:
        package, _, file = connector.mappings.partition("/")
        text = files(package).joinpath(file).read_text(encoding="utf-8")
        found.append(MappingFile(connector.mappings, text))
    if connection.mapping:
        text = read_text(root / connection.mapping)
        try:
            parse_toml(text)
        except TomlMisfit as misfit:
            place = f"{connection.mapping.as_posix()}:{misfit.line}"
            raise Stop(misfit.what, do=misfit.do, place=place) from None
        found.append(MappingFile(connection.mapping.as_posix(), text))
    return found


def database_url(config: Config, path: Path, environ: Environ) -> SecretStr:
    """The database's URL, looked up where `store.url` is a reference; raises `Stop`."""
    url = config.store.url.get_secret_value()
    if not is_reference(url):
        return config.store.url
    try:
        return SecretStr(resolve(url, path.parent, environ))
    except Misfit as misfit:
        *_, places = located(path, environ)
        place = places.at(("store", "url"))
        raise Stop(f"`store.url`: {misfit.what}", do=misfit.do, place=place) from None
