"""Secrets: the configuration says where they are, never what they are.

`env:NAME` is an environment variable, `file:path` a file (from the folder of tallystick.toml)
that only its owner and group may read. No sentence here quotes what stands in the file, as
it may be the secret itself.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any, NamedTuple, get_args, get_origin

from pydantic import BaseModel, SecretStr

from tallystick.config.places import Keys
from tallystick.config.values import leads_out
from tallystick.mapping.twoway import Misfit

SIZE_LIMIT = 64 << 10
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*").fullmatch
_PASSWORD = re.compile("://[^@]*:[^@]+@|[?&][a-z_]*(?:passw|pwd|secret|token)", re.IGNORECASE)


def password_in_url(url: str) -> bool:
    return _PASSWORD.search(url) is not None


def is_reference(value: str) -> bool:
    return value.startswith(("env:", "file:"))


def resolve(reference: str, root: Path, environ: Mapping[str, str]) -> str:
    """The secret that `env:NAME` or `file:path` leads to; raises `Misfit`."""
    scheme, _, name = reference.partition(":")
    if not is_reference(reference):
        raise Misfit(
            "It is a secret and stands in the configuration itself.",
            "Write `env:NAME` or `file:path` there instead, and change the secret:"
            " whoever saw the file knows it.",
        )
    secret = _from_variable(name, environ) if scheme == "env" else _from_file(name, root)
    if not secret:
        raise Misfit(f"The secret its `{scheme}:` leads to is empty.", "Put the secret there.")
    return secret


def _from_variable(name: str, environ: Mapping[str, str]) -> str:
    if not _VARIABLE(name):
        raise Misfit(
            "What follows `env:` is no name of an environment variable.",
            "Use capitals, digits and underscores, such as env:PSA_TOKEN.",
        )
    if name not in environ:
        raise Misfit(f"Environment variable {name} is not set.", "Set it and run this again.")
    return environ[name]


def _from_file(name: str, root: Path) -> str:
    """The file's text without the line end an editor leaves."""
    if leads_out(name) or "\0" in name:
        raise Misfit("What follows `file:` has `..` or NUL in it.", "Write the path in full.")
    try:
        with (root / name).open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            content = file.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise Misfit(
            f"The secret file cannot be read: {error.strerror}.",
            "Correct what follows `file:`; it counts from the folder of tallystick.toml.",
        ) from None
    if os.name == "posix" and mode & stat.S_IROTH:
        raise Misfit(
            "Everybody on this machine may read the secret file.",
            "Take that right away (chmod o-r) and change the secret.",
        )
    if len(content) > SIZE_LIMIT:
        raise Misfit("The secret file is too long for a secret.", "Correct `file:`.")
    try:
        return content.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise Misfit("The secret file is no UTF-8 text.", "Write the secret as text.") from None


class Unresolved(NamedTuple):
    """A secret that could not be had, at the keys of the setting."""

    keys: Keys
    misfit: Misfit


class Resolved(NamedTuple):
    """Settings with a `SecretStr` where a reference stood, what failed, and every secret found."""

    settings: dict[str, Any]
    unresolved: list[Unresolved]
    secrets: list[SecretStr]


LookUp = Callable[[Any, Keys], SecretStr]


def resolve_secrets(
    settings: Mapping[str, Any], model: type[BaseModel], root: Path, environ: Mapping[str, str]
) -> Resolved:
    """Look up every setting that `model` declares as `SecretStr`, at any depth."""
    resolved = Resolved({}, [], [])

    def look_up(value: Any, keys: Keys) -> SecretStr:
        try:
            secret = SecretStr(resolve(value if isinstance(value, str) else "", root, environ))
        except Misfit as misfit:
            resolved.unresolved.append(Unresolved(keys, misfit))
            return SecretStr("")
        resolved.secrets.append(secret)
        return secret

    resolved.settings.update(_walk_table(settings, model, (), look_up))
    return resolved


def _walk_table(
    table: Mapping[str, Any], model: type[BaseModel], keys: Keys, look_up: LookUp
) -> dict[str, Any]:
    walked = dict(table)
    for name, field in model.model_fields.items():
        for key in {name, field.alias, field.validation_alias}:
            if isinstance(key, str) and key in table:
                walked[key] = _walk(table[key], field.annotation, (*keys, key), look_up)
    return walked


def _walk(value: Any, annotation: Any, keys: Keys, look_up: LookUp) -> Any:
    """`value` with everything in it looked up that `annotation` declares secret."""
    annotation = getattr(annotation, "__value__", annotation)  # of a `type X = ...`
    if value is None or isinstance(value, SecretStr):
        return value
    if _is_a(annotation, SecretStr):
        return look_up(value, keys)
    if _is_a(annotation, BaseModel):
        table = isinstance(value, dict)
        return _walk_table(value, annotation, keys, look_up) if table else value
    parts = get_args(annotation)
    if not _is_a(get_origin(annotation), Collection):  # a union or Annotated: any part may fit
        for part in parts:
            value = _walk(value, part, keys, look_up)
        return value
    if isinstance(value, dict):
        return {k: _walk(inner, parts[-1], (*keys, k), look_up) for k, inner in value.items()}
    if isinstance(value, list):
        for part in parts:
            value = [_walk(inner, part, (*keys, i), look_up) for i, inner in enumerate(value)]
    return value


def _is_a(annotation: Any, kind: type) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, kind)
