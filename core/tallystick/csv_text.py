"""Text in CSV files: a spreadsheet that opens one takes it for text, never for a formula."""

from __future__ import annotations

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
"""What begins a formula in some spreadsheet program."""


def inert(text: str) -> str:
    """`text`, with an apostrophe in front where it would be taken for a formula."""
    return f"'{text}" if text.startswith(DANGEROUS) else text
