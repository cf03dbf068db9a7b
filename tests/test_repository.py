"""What the repository says about itself is so: packages, contracts, hook docs, versions, lock."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tallystick.billing.invoice.proposal import Proposal
from tallystick.money import Money
from tallystick.period import month
from tallystick.plugins import Plugins
from tallystick.records import Client

ROOT = Path(__file__).resolve().parents[1]
CORE = ROOT / "core" / "tallystick"
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONTRACTS = {contract["id"]: contract for contract in PROJECT["tool"]["importlinter"]["contracts"]}
CONNECTORS = {
    folder.name: folder
    for folder in (ROOT / "plugins").glob("*/tallystick_*")
    if any(folder.glob("*.py"))
}
PUBLIC_FACE = {
    "errors",
    "money",
    "period",
    "records",
    "connector",
    "hookspecs",
    "mapping",
    "transport",
}
DECIDING = {
    "errors",
    "money",
    "period",
    "records",
    "csv_text",
    "mapping",
    "billing",
    "books",
    "insight",
    "cash.policy",
}


def rooms() -> set[str]:
    """What stands on the floors of core: its modules, and its folders that hold any."""
    files = {path.stem for path in CORE.glob("*.py")} - {"__init__"}
    return files | {path.parent.name for path in CORE.glob("*/*.py")}


def names(layers: list[str]) -> set[str]:
    return set(re.findall(r"[\w.]+", " ".join(layers)))


# Connectors: the folder, the wheel, the entry point and the import contracts name the same ones


def test_every_connector_folder_is_in_the_wheel() -> None:
    packages = set(PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])
    folders = {str(folder.relative_to(ROOT)) for folder in CONNECTORS.values()}
    assert packages - {"core/tallystick", "mappings/tallystick_mappings"} == folders


def test_every_connector_folder_has_its_entry_point() -> None:
    points = PROJECT["project"]["entry-points"]["tallystick"]
    assert points == {name.removeprefix("tallystick_"): name for name in CONNECTORS}


def test_every_connector_is_held_by_the_import_contracts_and_typed() -> None:
    ours = {"tallystick", "tallystick_mappings"}
    assert set(PROJECT["tool"]["importlinter"]["root_packages"]) == ours | set(CONNECTORS)
    assert set(PROJECT["tool"]["mypy"]["packages"]) == ours | set(CONNECTORS)
    assert set(CONTRACTS["core-knows-no-connector"]["forbidden_modules"]) == set(CONNECTORS)
    assert names(CONTRACTS["connectors"]["layers"][1:]) == set(CONNECTORS)


@pytest.mark.parametrize("package", sorted(CONNECTORS))
def test_an_installed_connector_is_found_on_its_shelf(package: str) -> None:
    plugins = Plugins()
    assert not plugins.broken
    connector = plugins.connector(package.removeprefix("tallystick_"))
    assert connector.shelf == CONNECTORS[package].parent.name


# Floors: no room of core is outside the contracts


def test_connectors_are_kept_from_every_room_that_is_not_public() -> None:
    assert rooms() >= PUBLIC_FACE
    kept_out = {name.split(".")[1] for name in names(CONTRACTS["connectors"]["layers"][:1])}
    assert rooms() - PUBLIC_FACE <= kept_out
    assert not kept_out & PUBLIC_FACE


def test_every_room_that_decides_is_kept_from_the_world() -> None:
    named = CONTRACTS["pure-floors"]["source_modules"]
    assert {name.removeprefix("tallystick.") for name in named} == DECIDING


def deciding_files() -> list[Path]:
    places = [CORE / name.replace(".", "/") for name in sorted(DECIDING)]
    files = [place.with_suffix(".py") for place in places]
    return [
        *(path for path in files if path.is_file()),
        *(path for place in places for path in sorted(place.rglob("*.py"))),
    ]


def clock_readings(source: str) -> list[str]:
    return [
        f"line {node.lineno}: {node.attr}"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute) and node.attr in {"now", "today", "utcnow"}
    ]


def floats(source: str) -> list[str]:
    """Where `source` makes a float: a literal, or a call of `float`."""
    return [
        f"line {node.lineno}"
        for node in ast.walk(ast.parse(source))
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.Call) and ast.unparse(node.func) == "float")
    ]


def test_what_decides_reads_no_clock() -> None:
    found = {
        path.name: clock_readings(path.read_text(encoding="utf-8")) for path in deciding_files()
    }
    assert {name: lines for name, lines in found.items() if lines} == {}
    assert clock_readings("import datetime\ndatetime.date.today()") == ["line 2: today"]


ESTIMATES = {CORE / "insight" / f"{name}.py" for name in ("student", "spread", "drivers", "prices")}
"""Statistics: what they estimate becomes a price in `prices`, exactly."""


def test_what_decides_makes_no_float() -> None:
    held = set(deciding_files()) - ESTIMATES
    found = {path.name: floats(path.read_text(encoding="utf-8")) for path in held}
    assert {name: lines for name, lines in found.items() if lines} == {}
    assert floats("a = 1\nb = 0.5\nc = float(a)") == ["line 2", "line 3"]


# Hooks: the document and the code say the same, and its example runs


HOOKS_MD = (ROOT / "docs" / "hooks.md").read_text(encoding="utf-8")


def hooks_in_code() -> dict[str, str]:
    """Each hook's signature as written, and the shape its docstring begins with."""
    tree = ast.parse((CORE / "hookspecs.py").read_text(encoding="utf-8"))
    return {
        f"{node.name}({ast.unparse(node.args)}) -> {ast.unparse(node.returns)}": re.split(
            r"\W", ast.get_docstring(node) or ""
        )[0].lower()
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.returns
    }


def hooks_in_document() -> dict[str, str]:
    """Each hook's signature, and the chapter it stands in."""
    found, chapter = {}, ""
    for line in HOOKS_MD.splitlines():
        if line.startswith("## "):
            chapter = line.removeprefix("## ").lower()
        elif match := re.fullmatch(r"### `(.+)`", line):
            found[match[1]] = chapter
    return found


def test_every_hook_is_documented_with_its_exact_signature() -> None:
    assert hooks_in_code()
    assert hooks_in_document() == hooks_in_code()


def test_the_example_plugin_works() -> None:
    (source,) = re.findall(r"```python\n(.*?)```", HOOKS_MD, re.DOTALL)
    example = ModuleType("tallystick_example")
    exec(compile(source, "docs/hooks.md", "exec"), example.__dict__)
    plugins = Plugins([])
    plugins.register(example, "example")

    class Large(Proposal):
        gross = Money.exact("11900.00", "EUR")

    def proposal(kind: type[Proposal]) -> Proposal:
        return kind("1001", "EUR", month(2026, 9), lines=(), dues=(), taxes=())

    assert [one.code for one in plugins.review_proposal(proposal(Large))] == ["large"]
    assert plugins.review_proposal(proposal(Proposal)) == []

    known = {"1001": Client(id="1001", name="ACME GmbH", customer_number="K-7")}
    assert plugins.match_client(Client(id="x", name="A", customer_number="K-7"), known) == "1001"
    assert plugins.match_client(Client(id="x", name="A"), known) is None

    plugins.tell(
        "tallystick_invoice_issued", number="INV-1", client="1001", gross="9.00", currency="EUR"
    )
    assert example.issued == ["INV-1: 9.00"]


# Files: nothing of one machine, one version, one lock

FOREIGN = re.compile(
    "|".join(
        [
            r"pypi\.(?:org|python)",
            r"pythonhosted\.",
            r"registry\.npmjs",
            r"--(?:extra-)?index-url[ =]",
            r"--(?:find-links|trusted-host)[ =]",
            r"/home/[a-z]",
            r"/root/[a-z.]",
            r"/Users/[A-Za-z]",
            r"[A-Z]:\\Users",
            rf"{re.escape(str(ROOT.parent))}/(?:{re.escape(ROOT.name)}|shared)\b",
        ]
    )
)


def test_no_file_names_a_registry_or_a_place_on_one_machine() -> None:
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    paths = [ROOT / name for name in listing.stdout.decode().split("\0") if name]
    assert Path(__file__).resolve() in paths
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in paths
        if path.is_file()
        for match in FOREIGN.finditer(path.read_bytes().decode("utf-8", "replace"))
    ]
    assert found == []


@pytest.mark.parametrize(
    "text",
    ["https://pypi" + ".org/simple", "--find-links" + " x", "cd /home/" + "me", f"open {ROOT}/x"],
)
def test_such_a_place_would_be_found(text: str) -> None:
    assert FOREIGN.search(text)


def test_the_newest_chapter_of_the_changelog_is_this_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    chapters = re.findall(
        r"^## \[(.+?)\] - (Unreleased|\d{4}-\d{2}-\d{2})$", changelog, re.MULTILINE
    )
    assert chapters[0][0] == PROJECT["project"]["version"]
    assert len(chapters) == changelog.count("\n## ")


def declared() -> list[str]:
    project = PROJECT["project"]
    groups = [*PROJECT["dependency-groups"].values(), *project["optional-dependencies"].values()]
    return sorted({*project["dependencies"], *(one for group in groups for one in group)})


@pytest.mark.parametrize("requirement", declared())
def test_the_lock_holds_a_fitting_version_of(requirement: str) -> None:
    lock = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    pinned = dict(re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==(\S+)", lock, re.MULTILINE))
    wanted = Requirement(requirement)
    assert wanted.specifier.contains(pinned[canonicalize_name(wanted.name)])
