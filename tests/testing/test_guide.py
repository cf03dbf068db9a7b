"""The guide for connector writers, followed to the letter."""

from __future__ import annotations

import re
import textwrap
import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest

from tallystick.scaffold.connector import write_connector
from tallystick.testing.bronze import Bronze
from tallystick.testing.desk import Handler
from tallystick.testing.gold import Gold
from tallystick.testing.silver import Silver

from .test_scaffold import installed, python

GUIDE = Path(__file__).parents[2] / "docs" / "write-a-connector.md"


def block(kind: str) -> str:
    [found] = re.findall(rf"```{kind}\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    return str(found)


@pytest.fixture
def desk() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return write_connector("acme", "psa", tmp_path)[0].parent


def test_the_connection_syncs_from_the_desk_over_http(
    package: Path, desk: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACME_TOKEN", "sesame")
    config = block("toml config").replace("8750", str(desk))
    (tmp_path / "tallystick.toml").write_text(config, encoding="utf-8")
    site = installed(package, tmp_path / "site")
    for first in (True, False):
        done = python("-m", "tallystick.cli", "sync", "--json", at=tmp_path, path=site)
        assert done.returncode == 0, done.stderr
        assert ('"written": 10' in done.stdout) is first
    assert '"written": 0' in done.stdout
    done = python("-m", "tallystick.cli", "check", at=tmp_path, path=site)
    assert done.stdout.splitlines()[1:] == ["1 problem."], done.stdout  # it has no contracts


def test_with_push_and_find_it_reaches_silver(package: Path) -> None:
    session = package / "tallystick_acme" / "session.py"
    text = session.read_text(encoding="utf-8")
    methods = textwrap.indent(block("python session"), "    ")
    text = text.replace("    def _get(", f"{methods}\n    def _get(", 1)
    text = text.replace("Pulled, Quota", "Pulled, Quota, Raw, Ref")
    session.write_text(text, encoding="utf-8")
    hooks = package / "tallystick_acme" / "__init__.py"
    text = hooks.read_text(encoding="utf-8").replace("frozenset(),", 'frozenset({"asset"}),')
    hooks.write_text(text.replace('tier="bronze"', 'tier="silver"'), encoding="utf-8")
    (package / "tests" / "test_conformance.py").write_text(block("python test"), encoding="utf-8")
    done = python("-m", "pytest", "-q", "-p", "no:cacheprovider", at=package, path=package)
    assert done.returncode == 0, done.stdout
    assert "15 passed, 3 skipped" in done.stdout


def test_the_guide_lists_every_rule_at_its_tier() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    listed = re.findall(r"^\| *(\w*) *\| `(\w+)` \|", text, re.MULTILINE)
    tiers: dict[str, str] = {}
    tier = ""
    for named, rule in listed:
        tier = named or tier
        tiers[rule] = tier
    expected = {
        name.removeprefix("test_"): kind.__name__.lower()
        for kind in (Bronze, Silver, Gold)
        for name in vars(kind)
        if name.startswith("test_")
    }
    assert tiers == expected
