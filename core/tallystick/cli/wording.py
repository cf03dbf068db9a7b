"""How counts are worded."""

from __future__ import annotations


def counted(number: int, singular: str, plural: str = "") -> str:
    """`1 proposal`, `2 proposals`."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"
