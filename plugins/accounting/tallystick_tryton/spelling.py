"""Tryton's JSON: numbers, dates and instants are objects that name their class."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, Final

import msgspec

_JSON: Final = msgspec.json.Encoder(decimal_format="number")
_DATE: Final = ("year", "month", "day")
_TIME: Final = ("hour", "minute", "second", "microsecond")


def spelled(value: Any) -> Any:
    """`value` as Tryton takes it: an amount `Decimal` as an object, an instant in UTC."""
    if isinstance(value, Decimal):
        return {"__class__": "Decimal", "decimal": f"{value:f}"}
    if isinstance(value, datetime):
        told = value.astimezone(UTC)
        return {"__class__": "datetime", **{name: getattr(told, name) for name in _DATE + _TIME}}
    if isinstance(value, date):
        return {"__class__": "date", **{name: getattr(value, name) for name in _DATE}}
    if isinstance(value, Number):
        return value.amount
    if isinstance(value, Mapping):
        return {name: spelled(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [spelled(one) for one in value]
    return value


class Number(msgspec.Struct, frozen=True):
    """A quantity, which in Tryton is a bare number and no `Decimal`."""

    amount: Decimal


def body(value: Any) -> bytes:
    return _JSON.encode(spelled(value))


def query(value: Any) -> str:
    """`value` as a query or a header carries it."""
    return urlsafe_b64encode(body(value)).decode("ascii")


def read(value: Any) -> Any:
    """What Tryton told, in plain values; what is no number, date or instant stays as it is, for
    whoever needs it to refuse."""
    if isinstance(value, list):
        return [read(one) for one in value]
    if not isinstance(value, Mapping):
        return value
    try:
        match value.get("__class__"):
            case "Decimal":
                return Decimal(str(value["decimal"]))
            case "date":
                return date(*(value[name] for name in _DATE))
            case "datetime":
                return datetime.combine(
                    date(*(value[name] for name in _DATE)),
                    time(*(value[name] for name in _TIME)),
                    UTC,
                )
    except (ArithmeticError, KeyError, TypeError, ValueError):
        return dict(value)
    return {name: read(one) for name, one in value.items()}
