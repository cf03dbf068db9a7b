"""The sample project's own files: configuration and mappings, each commented for its reader."""

from __future__ import annotations

from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

FILES = ("tallystick.toml", "mappings/psa.toml", "mappings/rmm.toml", "logo.svg")
WITH_PDF, WITHOUT = '"ubl", "pdf"]', '"ubl"]'


def write_project(folder: Path) -> None:
    """Write the files `folder` does not have yet, and the folder the bank's statements go to.

    PDF documents are asked for where typst is there to make them.
    """
    (folder / "exports" / "bank").mkdir(parents=True, exist_ok=True)
    for name in FILES:
        target = folder / name
        if target.exists():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_suffix(".new")
        text = files("tallystick.demo").joinpath(name).read_text("utf-8")
        if find_spec("typst") is None:
            text = text.replace(WITH_PDF, WITHOUT)
        draft.write_text(text, encoding="utf-8")
        draft.replace(target)
