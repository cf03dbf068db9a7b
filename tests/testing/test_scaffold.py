"""`plugin new`: what it writes passes the kit, and installs beside Tallystick as any package."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tallystick.errors import Stop
from tallystick.scaffold.connector import write_connector


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    parent = tmp_path_factory.mktemp("vendor")
    return write_connector("acme_desk", "psa", parent)[0].parent


def python(*words: str, at: Path, path: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(path), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, *words],
        cwd=at,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_as_generated_it_passes_the_first_tier(package: Path) -> None:
    done = python("-m", "pytest", "-q", "-p", "no:cacheprovider", at=package, path=package)
    assert done.returncode == 0, done.stdout
    assert "8 passed" in done.stdout
    assert "skipped" in done.stdout


def test_as_generated_it_also_reaches_silver(package: Path) -> None:
    """What it declares is its floor: the rules above it hold as well, but for writing."""
    code = (
        "from tests.test_conformance import *\n"
        "from dataclasses import replace\n"
        "class TestSilver(TestAcmeDesk):\n"
        "    connector = replace(CONNECTOR, tier='silver')\n"
    )
    (package / "test_silver.py").write_text(code, encoding="utf-8")
    try:
        done = python(
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "test_silver.py",
            at=package,
            path=package,
        )
    finally:
        (package / "test_silver.py").unlink()
    assert done.returncode == 0, done.stdout


def installed(package: Path, site: Path) -> Path:
    """The package built outside the repository and installed into the folder `site`."""
    done = python(
        *("-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"),
        *("--target", str(site), str(package)),
        at=package,
        path=package,
    )
    assert done.returncode == 0, done.stderr
    return site


def test_it_installs_and_is_found(package: Path, tmp_path: Path) -> None:
    site = installed(package, tmp_path / "site")
    listed = python("-m", "tallystick.cli", "plugin", "list", "--json", at=tmp_path, path=site)
    assert listed.returncode == 0, listed.stderr
    assert '"acme_desk"' in listed.stdout
    assert '"tier": "bronze"' in listed.stdout
    shown = python("-m", "tallystick.cli", "plugin", "show", "acme_desk", at=tmp_path, path=site)
    assert 'token = "env:ACME_DESK_TOKEN"' in shown.stdout


@pytest.mark.parametrize("name", ["Acme", "../acme", "class", "a", "a-b", ""])
def test_a_name_that_cannot_be_a_package_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(Stop, match="cannot name a connector"):
        write_connector(name, "psa", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_over(package: Path) -> None:
    with pytest.raises(Stop, match="is there already"):
        write_connector("acme_desk", "psa", package.parent)
