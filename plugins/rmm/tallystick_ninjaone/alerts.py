"""Alerts: NinjaOne lists those that are open, and one that is over just is not there any more."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from tallystick.connector import Broken, Cursor, Pulled, Raw, row_of

PLAIN: Final = (str, int, Decimal)
"""Values of an alert that are kept until it is over; what is nested is not told at all."""


def alerts(
    listed: Iterable[Any], since: str | None, now: datetime
) -> Iterator[Pulled | Broken | Cursor]:
    """Those open now, and those of the last time that are not: `now` is when that was noticed. The
    token has what there is to say of each that was open. Where a row cannot be read, nobody knows
    which one it is, so none is taken for over."""
    before: dict[str, Raw] = json.loads(since) if since else {}
    lasting: dict[str, Raw] = {}
    readable = True
    for one in listed:
        row = row_of(one, "alert", "uid")
        if isinstance(row, Broken):
            readable = False
            yield row
            continue
        told: Raw = {
            **{name: value for name, value in row.raw.items() if isinstance(value, PLAIN)},
            "title": _title(row.raw),
        }
        lasting[row.raw["uid"]] = told
        yield Pulled({**told, "state": "open"}, row.place)
    for uid, last in before.items():
        if uid not in lasting and readable:
            over = {"state": "closed", "over_at": now.isoformat()}
            yield Pulled({**last, **over}, f"alert {uid}")
        elif not readable:
            lasting.setdefault(uid, last)
    yield Cursor(json.dumps(lasting, sort_keys=True, default=str))


def _title(alert: Raw) -> Any:
    device = alert.get("device")
    name = device.get("systemName") if isinstance(device, Mapping) else None
    return f"{name}: {alert.get('message')}" if name else alert.get("message")
