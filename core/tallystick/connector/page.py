"""The page of a connector: the README beside its code, which says what a user writes for it."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from tallystick.connector.descriptor import Connector
from tallystick.errors import Stop


def page_of(connector: Connector[Any]) -> str:
    """Its page as it stands, in Markdown; raises `Stop`, naming its settings, where it has none."""
    package = connector.settings.__module__.partition(".")[0]
    page = files(package).joinpath("README.md")
    if not page.is_file():
        settings = ", ".join(
            f"{name} (required)" if field.is_required() else name
            for name, field in connector.settings.model_fields.items()
        )
        raise Stop(
            f"Connector {connector.name} brings no page of its own.",
            do=f"Its settings are {settings or 'none'}.",
        )
    return page.read_text(encoding="utf-8")
