"""An alert in words: Datto has no title for one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tallystick.connector import Raw

TITLE_LENGTH_MAX: Final = 120


def told(alert: Raw) -> Raw:
    """The alert with a `title` of device and cause, and the `check` that the same problem of the
    same device comes from again."""
    context, source = alert.get("alertContext"), alert.get("alertSourceInfo")
    kind = context.get("@class") if isinstance(context, Mapping) else None
    check = str(kind or "alert").removesuffix("_ctx").replace("_", " ")
    device = source.get("deviceName") if isinstance(source, Mapping) else None
    diagnosed = str(alert.get("diagnostics") or "").strip().splitlines()
    cause = diagnosed[0] if diagnosed else check
    title = f"{device}: {cause}" if device else cause
    return {**alert, "title": title[:TITLE_LENGTH_MAX], "check": check}
