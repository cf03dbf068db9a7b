"""The sample project's own files: configuration and mappings, each commented for its reader."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

FILES = ("tallystick.toml", "mappings/psa.toml", "mappings/rmm.toml")


def write_project(folder: Path) -> None:
    """Write the files `folder` does not have yet, and the folder the bank's statements go to."""
    (folder / "exports" / "bank").mkdir(parents=True, exist_ok=True)
    for name in FILES:
        target = folder / name
        if target.exists():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_suffix(".new")
        draft.write_bytes(files("tallystick.demo").joinpath(name).read_bytes())
        draft.replace(target)
