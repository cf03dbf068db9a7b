"""The fixtures of GoCardless' official clients: operations, objects, errors."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

SPECS = Path(__file__).resolve().parents[2].parent / "shared/specs/gocardless"


@cache
def fixtures(envelope: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SPECS / f"{envelope}.json").read_text(encoding="utf-8"))
    return found


@cache
def example(envelope: str) -> Any:
    """The fixture of one object."""
    operations = fixtures(envelope)
    for name in ("get", "create"):
        if name in operations:
            return operations[name]["body"][envelope]
    return operations["list"]["body"][envelope][0]


def error(name: str, **changes: Any) -> dict[str, Any]:
    body = json.loads((SPECS / f"{name}.json").read_text(encoding="utf-8"))
    body["error"].update(changes)
    return {"error": body["error"]}
