"""Results as JSON: snake_case keys, money as `{"amount": "123.45", "currency": "EUR"}`, ISO dates.

A `Period` is `{"start", "end"}` with the end left out of it, as everywhere inside.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict as struct_dict

from tallystick.money import Money
from tallystick.period import Period


def plain(value: Any) -> Any:
    """A result as JSON values."""
    if isinstance(value, Money):
        return {"amount": str(value.amount), "currency": value.currency}
    if isinstance(value, Period):
        return {"start": value.start.isoformat(), "end": value.end.isoformat()}
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal | Path | Exception):
        return str(value)
    if isinstance(value, Struct) or (
        dataclasses.is_dataclass(value) and not isinstance(value, type)
    ):
        return plain(fields_of(value))
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if hasattr(value, "_asdict"):
        return plain(value._asdict())
    if isinstance(value, set | frozenset):
        return sorted(plain(one) for one in value)
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]
    return value


def _is_record(value: Any) -> bool:
    dataclass = dataclasses.is_dataclass(value) and not isinstance(value, type)
    return dataclass or isinstance(value, Struct)


def fields_of(value: Any) -> dict[str, Any]:
    """A record's own fields by name, as they are."""
    if isinstance(value, Struct):
        return struct_dict(value)
    return {one.name: getattr(value, one.name) for one in dataclasses.fields(value)}
