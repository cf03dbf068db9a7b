"""Rows of a JSON Lines file: one JSON object per line, numbers exact."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

from tallystick.connector import Broken, Pulled
from tallystick_files.header import MAX_COLUMNS
from tallystick_files.lines import Lines
from tallystick_files.settings import FilesSettings

MAX_DIGITS = 30


def jsonl_rows(path: Path, name: str, settings: FilesSettings) -> Iterator[Pulled | Broken]:
    """Every line as the object it holds: integers `int`, other numbers `Decimal`."""
    with path.open("rb") as file:
        lines = Lines(file, settings.encoding, name)
        for number, text in enumerate(lines, 1):
            lines.blocks_in_row = 0
            place = f"row {number} of {name}"
            try:
                if text.strip() or lines.fault:
                    yield Pulled(_parse(text, lines.fault), place)
            except (ValueError, RecursionError) as error:
                what = f"The row could not be read: {error}."
                do = "Correct the line in the file or export it again."
                yield Broken(place, what, do, {"line": text[:1000]})
            lines.fault = ""


def _parse(text: str, fault: str) -> dict[str, Any]:
    """The line's object; raises `ValueError` with the reason it cannot be trusted."""
    if fault:
        raise ValueError(fault)
    value = DECODER.decode(text.strip())
    if not isinstance(value, dict):
        raise ValueError("the line is not a JSON object")
    if len(value) > MAX_COLUMNS:
        raise ValueError(f"it has more than {MAX_COLUMNS:,} fields")
    if "\\u" in text:
        _refuse_unstorable(value)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the field {twice!r} is given twice")
    return result


def _decimal(text: str) -> Decimal:
    number = Decimal(text)
    if abs(number.adjusted()) > MAX_DIGITS:
        raise ValueError(f"{text[:40]} is out of any sensible range")
    return number


def _constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a number")


def _refuse_unstorable(value: object) -> None:
    """JSON can escape what no database stores: NUL, and halves of a surrogate pair."""
    if isinstance(value, dict):
        for name, inner in value.items():
            _refuse_unstorable(name)
            _refuse_unstorable(inner)
    elif isinstance(value, list):
        for inner in value:
            _refuse_unstorable(inner)
    elif isinstance(value, str) and ("\0" in value or not _encodable(value)):
        raise ValueError(f"the text {value[:40]!r} holds NUL or half a character")


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=_decimal, parse_constant=_constant
)
