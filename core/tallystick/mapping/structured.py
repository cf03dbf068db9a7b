"""The converter of what is more than one value: price steps, tiers, what a fee covers.

A PSA keeps such terms in one text field of the contract line, written as the pages of
docs/billing write them: `[{ since = 2026-09-10, quantity = 34 }]`. That is the value of a TOML
key, with its own dates, and numbers read as exact decimals.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from json import dumps
from typing import Any

from tallystick.mapping.numbers import to_decimal
from tallystick.mapping.twoway import Converter, Misfit, TwoWay, shown, wrong_type

LONGEST, DEEPEST = 10_000, 8


def _toml(_: Mapping[str, str]) -> TwoWay:
    """`{ since = 2026-09-10 }` <-> text, numbers, dates, truth values, lists and tables of them."""
    return TwoWay(_read, _write)


def _read(value: Any) -> Any:
    if type(value) is not str:
        raise wrong_type(value, "a value written as in TOML")
    try:
        found = tomllib.loads(f"value = {value[: LONGEST + 1]}", parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise _no_toml(value, str(error)) from None
    if len(value) > LONGEST or found.keys() != {"value"}:
        raise _no_toml(value, "it is more than one value")
    return _checked(found["value"], 0)


def _finite(text: str) -> Decimal:
    return to_decimal(text.replace("_", ""))


def _no_toml(value: str, why: str) -> Misfit:
    return Misfit(
        f"{shown(value)} is no value as TOML writes it: {why}.",
        "Write it as docs/billing does, such as `{ allowance_hours = 5 }`.",
    )


def _checked(value: Any, depth: int) -> Any:
    """`value`, of nothing but what terms are made of; raises `Misfit`."""
    if depth > DEEPEST:
        raise Misfit("It is nested too deeply.", "Correct the record at its source.")
    if type(value) is list:
        return [_checked(item, depth + 1) for item in value]
    if type(value) is dict:
        return {_text(name): _checked(item, depth + 1) for name, item in value.items()}
    if type(value) is str:
        return _text(value)
    if type(value) in (int, Decimal):
        return value if type(value) is int and value == to_decimal(value) else to_decimal(value)
    if type(value) in (bool, date):
        return value
    raise wrong_type(value, "text, a number, a date, true/false, or a list or table of them")


def _text(value: Any) -> str:
    if type(value) is not str:
        raise wrong_type(value, "text")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Misfit(f"{shown(value)} is no text.", "Correct it at its source.") from None
    if "\0" in value:
        raise Misfit(f"{shown(value)} is no text.", "Correct it at its source.")
    return value


def _write(value: Any) -> str:
    """On one line. Strings are escaped as JSON does it, which TOML reads alike."""
    return _spelled(_checked(value, 0))


def _spelled(value: Any) -> str:
    if type(value) is list:
        return f"[{', '.join(map(_spelled, value))}]"
    if type(value) is dict:
        pairs = ", ".join(f"{_quoted(name)} = {_spelled(item)}" for name, item in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    if type(value) is bool:
        return "true" if value else "false"
    if type(value) is Decimal:
        return f"{value:f}"
    return _quoted(value) if type(value) is str else str(value)


def _quoted(text: str) -> str:
    return dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


CONVERTERS = (Converter("toml", _toml),)
