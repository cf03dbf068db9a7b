"""Secrets: looked up where the configuration points, and never told to anybody."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote, quote_plus

import pytest
from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from tallystick.config.check import check_installation
from tallystick.config.connections import database_url, open_settings
from tallystick.config.load import load_config
from tallystick.connector import Connector, Context
from tallystick.errors import Stop
from tallystick.hookspecs import hookimpl
from tallystick.plugins import Plugins

CANARIES = [
    *(f"canary-{i}-sk_live_{i * 7919:x}" for i in range(8)),
    "p@ss w0rd/with?url&marks=1",
    "quotes\"and'ticks",
    "back\\slash",
    "ends with newline\n",
    "umläute-ÄÖÜß",
    "鍵はここ",
    "plus+and%20percent",
    "#not-a-comment",
    "{braces} and [brackets]",
    "tab\tinside",
    "a" * 300,
    "=cmd|' /C calc'!A0",
]
NOW = datetime(2026, 7, 1, tzinfo=UTC)


class Login(BaseModel):
    model_config = ConfigDict(extra="forbid")
    user: str
    password: SecretStr


class KeyLogin(BaseModel):
    model_config = ConfigDict(extra="forbid")
    kind: Literal["key"]
    key: SecretStr


class Vault(BaseModel):
    """A secret in every place a settings model can have one."""

    model_config = ConfigDict(extra="forbid")
    token: SecretStr
    aliased: SecretStr | None = Field(None, alias="api-key")
    pin: SecretStr | None = Field(None, min_length=4)
    marked: Annotated[SecretStr | None, Field(description="x")] = None
    login: Login | KeyLogin | None = None
    logins: list[Login] = []
    by_site: dict[str, SecretStr] = {}
    folder: str = "."
    retries: int = 3

    @field_validator("token")
    @classmethod
    def _indiscreet(cls, token: SecretStr) -> SecretStr:
        if token.get_secret_value().startswith("wrong"):
            raise ValueError(f"{token.get_secret_value()} is not a token")
        return token


class Careless:
    """A session whose errors tell everything."""

    def __init__(self, settings: Vault, context: Context) -> None:
        self.secret = settings.token.get_secret_value()

    def whoami(self) -> str:
        spelled = (self.secret, quote(self.secret, safe=""), quote_plus(self.secret))
        coded = base64.b64encode(self.secret.encode()).decode()
        raise RuntimeError(f"401 for {self.secret!r} {spelled} {coded} {coded.rstrip('=')}")


def vault(open_: Callable[[Vault, Context], Any] = Careless) -> Connector[Vault]:
    return Connector(
        name="vault",
        shelf="psa",
        settings=Vault,
        open=open_,
        reads=frozenset({"client"}),
        writes=frozenset(),
        mappings=None,
        tier="bronze",
    )


def plugins() -> Plugins:
    class Bringing:
        @hookimpl
        def tallystick_connectors(self) -> Iterable[Connector[Any]]:
            return [vault()]

    found = Plugins([])
    found.register(Bringing(), "bringing")
    return found


HEAD = """\
[msp]
name = "Nordlicht"
country = "DE"
zone = "Europe/Berlin"
[[tax]]
category = "standard"
percent = 19
[connection.psa]
connector = "vault"
home = ["client"]
[connection.psa.settings]
"""


@pytest.fixture
def settle(tmp_path: Path) -> Callable[[str], Path]:
    def write(settings: str) -> Path:
        path = tmp_path / "tallystick.toml"
        path.write_text(HEAD + settings, encoding="utf-8")
        return path

    return write


def opened(path: Path, environ: dict[str, str]) -> Vault:
    settings, _ = open_settings(load_config(path, environ), "psa", vault(), path, environ)
    return settings


def spellings(secret: str) -> set[str]:
    plain = {secret, repr(secret)[1:-1], json.dumps(secret)[1:-1], quote(secret, safe="")}
    coded = {base64.b64encode(secret.encode()), base64.urlsafe_b64encode(secret.encode())}
    return plain | {quote(secret), quote_plus(secret)} | {one.decode().rstrip("=") for one in coded}


def assert_untold(secret: str, told: str) -> None:
    for spelled in spellings(secret):
        assert spelled not in told


EVERYWHERE = """\
token = "{0}"
api-key = "{0}"
marked = "{0}"
login = {{ user = "me", password = "{0}" }}
logins = [{{ user = "a", password = "{0}" }}, {{ user = "b", password = "{0}" }}]
by_site = {{ hh = "{0}" }}
"""


def test_every_declared_secret_is_looked_up(settle: Callable[[str], Path], tmp_path: Path) -> None:
    secret_file = tmp_path / "token.txt"
    secret_file.write_text("from a file\r\n", encoding="utf-8")
    secret_file.chmod(0o640)
    text = EVERYWHERE.format("env:PSA_TOKEN").replace("env:PSA_TOKEN", "file:token.txt", 1)
    vault = opened(settle(text), {"PSA_TOKEN": "from the environment"})
    assert vault.token.get_secret_value() == "from a file"
    assert isinstance(vault.login, Login)
    others = [vault.aliased, vault.marked, vault.login.password, vault.by_site["hh"]]
    others += [login.password for login in vault.logins]
    assert {one.get_secret_value() for one in others if one} == {"from the environment"}
    assert "from" not in repr(vault)


@pytest.mark.parametrize("canary", CANARIES)
def test_a_secret_in_the_file_is_refused_by_its_key_alone(
    settle: Callable[[str], Path], canary: str
) -> None:
    path = settle(EVERYWHERE.format("@").replace('"@"', json.dumps(canary)))
    config = load_config(path, {})
    with pytest.raises(Stop) as stop:
        opened(path, {})
    told = f"{stop.value} {stop.value!r} {config!r} {config} {stop.value.__context__!r}"
    assert_untold(canary, told)
    for line, key in enumerate(("token", "api-key", "marked", "login.password"), 12):
        assert f"{path}:{line}: `connection.psa.settings.{key}`" in str(stop.value)
    assert str(stop.value).count("stands in the configuration itself") == 7


@pytest.mark.parametrize("canary", CANARIES)
def test_no_finding_of_a_check_tells_a_secret(
    settle: Callable[[str], Path], tmp_path: Path, canary: str
) -> None:
    (tmp_path / "psa").write_text(f"wrong{canary}\n", encoding="utf-8")
    (tmp_path / "psa").chmod(0o600)
    indiscreet = settle('token = "file:psa"\nretries = "often"\n')
    for environ, text in (
        ({"PSA_TOKEN": canary}, 'token = "env:PSA_TOKEN"\n'),
        ({}, indiscreet.read_text(encoding="utf-8").partition(HEAD)[2]),
    ):
        found = check_installation(settle(text), environ, plugins(), lambda: NOW)
        assert len(found) > 1
        assert_untold(canary.strip(), " ".join(f"{one} {one!r}" for one in found))
        assert any("(secret)" in one.what for one in found)


@pytest.mark.parametrize(
    ("reference", "what"),
    [
        ("env:PSA_TOKEN", "Environment variable PSA_TOKEN is not set."),
        ("env:EMPTY", "leads to is empty"),
        ("env:sk_live_51abc", "no name of an environment variable"),
        ("env:", "no name of an environment variable"),
        ("file:nowhere", "cannot be read: No such file"),
        ("file:.", "cannot be read"),
        ("file:open", "Everybody on this machine may read"),
        ("file:bytes", "no UTF-8"),
        ("file:long", "too long"),
        ("file:empty", "is empty"),
        ("file:a\\u0000b", "NUL"),
        ("file:../secret", "`..`"),
        ("ENV:PSA_TOKEN", "stands in the configuration itself"),
    ],
)
def test_a_secret_that_cannot_be_had_is_told_once_at_its_line(
    settle: Callable[[str], Path], tmp_path: Path, reference: str, what: str
) -> None:
    contents = {"open": b"x", "bytes": b"\xff", "long": b"x" * 70_000, "empty": b"\n"}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
        (tmp_path / name).chmod(0o644 if name == "open" else 0o600)
    path = settle(f'retries = 5\ntoken = "{reference}"\n')
    with pytest.raises(Stop) as stop:
        opened(path, {"EMPTY": ""})
    assert what in str(stop.value)
    assert f"{path}:13: " in str(stop.value)
    assert "sk_live" not in str(stop.value)
    assert str(stop.value).count(f"{path}:") == 1


def test_a_secret_that_cannot_be_had_is_not_also_too_short(settle: Callable[[str], Path]) -> None:
    path = settle('token = "env:T"\npin = "env:PIN"\n')
    with pytest.raises(Stop, match="PIN is not set") as stop:
        opened(path, {"T": "x"})
    assert str(stop.value).count(f"{path}:") == 1
    with pytest.raises(Stop, match="at least 4"):
        opened(path, {"T": "x", "PIN": "123"})


def test_a_secret_is_a_text(settle: Callable[[str], Path]) -> None:
    with pytest.raises(Stop) as stop:
        opened(settle("token = 4711\n"), {})
    assert "stands in the configuration itself" in str(stop.value)
    assert "4711" not in str(stop.value)


def test_a_secret_may_not_come_bare_from_an_override_either(
    settle: Callable[[str], Path],
) -> None:
    environ = {"TALLYSTICK__CONNECTION__PSA__SETTINGS__TOKEN": "canary"}
    with pytest.raises(Stop, match="variable TALLYSTICK__CONNECTION__PSA__SETTINGS__TOKEN") as stop:
        opened(settle(""), environ)
    assert "canary" not in str(stop.value)


def test_settings_are_told_with_their_lines_and_the_nearest_key(
    settle: Callable[[str], Path],
) -> None:
    path = settle('token = "env:T"\nretires = 3\nfolder = "a/../../b"\nretries = "often"\n')
    with pytest.raises(Stop) as stop:
        opened(path, {"T": "x"})
    told = str(stop.value)
    assert f"{path}:13: There is no key `retires`" in told
    assert "Did you mean 'retries'?" in told
    assert f"{path}:14: `connection.psa.settings.folder` has `..` in it." in told
    assert f"{path}:15: `connection.psa.settings.retries` is not right" in told


def test_the_database_url_may_be_a_reference(settle: Callable[[str], Path]) -> None:
    path = settle('token = "env:T"\n[store]\nurl = "env:TALLYSTICK_DATABASE_URL"\n')
    url = "postgresql+psycopg://tally:canary@db/tally"
    environ = {"TALLYSTICK_DATABASE_URL": url}
    found = database_url(load_config(path, environ), path, environ)
    assert found.get_secret_value() == url
    assert "canary" not in repr(found)
    with pytest.raises(Stop, match="TALLYSTICK_DATABASE_URL is not set") as stop:
        database_url(load_config(path, {}), path, {})
    assert stop.value.place == f"{path}:14"
