"""Problems of triggers: each once, and once more when it is over."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from tallystick.connector import Broken, Cursor, Pulled, Raw, row_of
from tallystick.transport.paging import Linked, linked
from tallystick_zabbix.rpc import Rpc

PAGE: Final = 500
LASTS: Final = "0"
"""The id of the recovery of a problem that is not over."""
TOLD: Final = ["eventid", "name", "clock", "severity", "r_eventid"]


def problems(rpc: Rpc, since: str | None) -> Iterator[Pulled | Broken | Cursor]:
    """Those after the last one read, and those of before that are over now. The token is the number
    of the last one, and which of all that were read still last."""
    mark = json.loads(since) if since else {"last": None, "open": []}
    last, lasting = mark["last"], set(mark["open"])
    for raw in linked(lambda after: _page(rpc, after), rpc.connection, last):
        row = row_of(raw, "problem", "eventid")
        if isinstance(row, Broken):
            yield row
            continue
        last = int(raw["eventid"])
        if raw.get("r_eventid") == LASTS:
            lasting.add(raw["eventid"])
        yield row
    for some in _chunks(sorted(set(mark["open"]), key=int)):
        found = [raw for raw in _told(rpc, _ask(rpc, eventids=some)) if "eventid" in raw]
        over = [raw for raw in found if raw["r_eventid"] != LASTS]
        kept = {raw["eventid"] for raw in found} - {raw["eventid"] for raw in over}
        lasting -= set(some) - kept
        yield from (Pulled(raw, f"problem {raw['eventid']}") for raw in over)
    if last is not None:
        yield Cursor(json.dumps({"last": last, "open": sorted(lasting, key=int)}))


def _page(rpc: Rpc, after: int | None) -> Linked[int]:
    asked = {"value": 1, "eventid_from": str((after or 0) + 1), "limit": PAGE}
    rows = _ask(rpc, **asked)
    known = [raw["eventid"] for raw in rows if isinstance(raw, Mapping) and "eventid" in raw]
    return Linked(_told(rpc, rows), int(known[-1]) if known and len(rows) == PAGE else None)


def _ask(rpc: Rpc, **asked: Any) -> list[Raw]:
    given = {"output": TOLD, "selectHosts": ["hostid", "name"], "sortfield": "eventid"}
    found: list[Raw] = rpc("event.get", source=0, object=0, **given, **asked)
    return found


def _told(rpc: Rpc, rows: Sequence[Raw]) -> list[Raw]:
    """The problems with a `title` that names the host, and when each ended: Zabbix keeps the end as
    an event of its own."""
    ends = {raw["r_eventid"] for raw in rows if "r_eventid" in raw} - {LASTS}
    ended = {}
    if ends:
        asked = {"eventids": sorted(ends, key=int), "output": ["eventid", "clock"]}
        found = rpc("event.get", **asked)
        ended = {one["eventid"]: one["clock"] for one in found if isinstance(one, Mapping)}
    return [
        _in_words(raw, ended.get(raw["r_eventid"])) if "r_eventid" in raw else raw for raw in rows
    ]


def _in_words(raw: Raw, ended: str | None) -> Raw:
    hosts = raw.get("hosts") or [{}]
    name, host = raw.get("name"), hosts[0].get("name")
    state = "open" if raw["r_eventid"] == LASTS else "closed"
    return {**raw, "title": f"{host}: {name}" if host else name, "state": state, "ended": ended}


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[start : start + PAGE] for start in range(0, len(ids), PAGE))
