"""Reading `tallystick.toml`: every mistake at once, each at its line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from tallystick.config.contradictions import contradictions
from tallystick.config.model import Config
from tallystick.config.places import Places, explained
from tallystick.config.secrets import password_in_url
from tallystick.config.sources import Environ, from_environment, merged, read_text
from tallystick.errors import Problem, Stop
from tallystick.mapping.locate import TomlMisfit, parse_toml
from tallystick.mapping.twoway import Misfit


def load_config(path: Path, environ: Environ) -> Config:
    """The configuration in `path` with the TALLYSTICK__ variables of `environ` laid over it.

    Raises `Stop` listing every problem.
    """
    config, problems = read_config(path, environ)
    if config is None or problems:
        raise stopped(problems)
    return config


def read_config(path: Path, environ: Environ) -> tuple[Config | None, list[Problem]]:
    """The configuration, None when its shape is wrong, and every problem found in it.

    Raises `Stop` when there is no such file or it is no text.
    """
    config, problems, _ = located(path, environ)
    return config, problems


def located(path: Path, environ: Environ) -> tuple[Config | None, list[Problem], Places]:
    """`read_config`, and where each key stands."""
    text = read_text(path)
    places = Places(str(path), text, {})
    try:
        file = parse_toml(text)
    except TomlMisfit as misfit:
        return None, [Problem(f"{path}:{misfit.line}", misfit.what, misfit.do)], places
    try:
        environment, variables = from_environment(environ)
    except Misfit as misfit:
        return None, [Problem("environment", misfit.what, misfit.do)], places
    places = Places(str(path), text, variables)
    problems = list(_inline_password(file, places))
    try:
        config = merged(file, environment)
    except ValidationError as error:
        return None, _in_order(problems + explained(error, Config, places)), places
    problems += [places.problem(*finding) for finding in contradictions(config)]
    return config, _in_order(problems), places


def _inline_password(file: dict[str, Any], places: Places) -> list[Problem]:
    """A database URL with a password may come from the environment, not stand in the file."""
    store = file.get("store")
    url = store.get("url") if isinstance(store, dict) else None
    if not isinstance(url, str) or not password_in_url(url):
        return []
    what = "`store.url` has a password in it, where everybody who gets this file reads it."
    do = "Put the URL into an environment variable and write `env:` and its name here."
    return [Problem(places.in_file(("store", "url")), what, do)]


def _in_order(problems: Sequence[Problem]) -> list[Problem]:
    """By line, those of the environment last."""

    def position(problem: Problem) -> int:
        _, _, line = problem.place.rpartition(":")
        return int(line) if line.isdigit() else len(problems) << 32

    return sorted(problems, key=position)


def stopped(problems: Sequence[Problem]) -> Stop:
    """All `problems` as one error."""
    listed = "".join(f"\n  {problem}" for problem in problems)
    return Stop(
        f"The configuration cannot be used:{listed}\n", do="`tallystick check` lists all there is."
    )
