"""Writing the package of a new connector from the templates beside this file."""

from __future__ import annotations

import keyword
import re
from importlib.resources import files
from pathlib import Path
from string import Template

from tallystick.connector import Shelf
from tallystick.errors import Stop

FILES = {
    "pyproject.toml": "pyproject.toml",
    "README.md": "tallystick_$name/README.md",
    "hooks.py": "tallystick_$name/__init__.py",
    "settings.py": "tallystick_$name/settings.py",
    "session.py": "tallystick_$name/session.py",
    "mapping.toml": "tallystick_$name/mapping.toml",
    "test_conformance.py": "tests/test_conformance.py",
    "tape.json": "tests/tape.json",
}
"""The template of each file, and where the file goes."""


def write_connector(name: str, shelf: Shelf, parent: Path) -> list[Path]:
    """The files of package `tallystick-NAME` in a new folder of that name below `parent`.

    Raises `Stop` when the name is none for a package, or the folder is there already.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]{1,30}", name) or keyword.iskeyword(name):
        raise Stop(
            f"{name!r} cannot name a connector.",
            do="Take 2 to 31 lower-case letters, digits and underscores, as in acme_desk.",
        )
    folder = parent / f"tallystick-{name.replace('_', '-')}"
    if folder.exists():
        raise Stop(f"{folder} is there already.", do="Move it away, or choose another name.")
    said = {
        "name": name,
        "shelf": shelf,
        "variable": f"{name.upper()}_TOKEN",
        "distribution": folder.name,
        "title": name.replace("_", " ").title(),
        "type": "".join(part.capitalize() for part in name.split("_")),
    }
    written = []
    for template, target in FILES.items():
        text = files("tallystick.scaffold").joinpath("package", template + ".txt")
        path = folder / Template(target).substitute(said)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(Template(text.read_text(encoding="utf-8")).substitute(said), "utf-8")
        written.append(path)
    return written
