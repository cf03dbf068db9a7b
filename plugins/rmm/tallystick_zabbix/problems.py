"""Problems of triggers: each once, and once more when it is over."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from tallystick.connector import Cursor, Pulled, Raw
from tallystick.transport.paging import Linked, linked
from tallystick_zabbix.rpc import Rpc

PAGE: Final = 500
LASTS: Final = "0"
"""The id of the recovery of a problem that is not over."""
TOLD: Final = ["eventid", "name", "clock", "severity", "r_eventid"]


def problems(rpc: Rpc, since: str | None) -> Iterator[Pulled | Cursor]:
    """Those after the last one read, and those of before that are over now. The token is the number
    of the last one, and which of all that were read still last."""
    mark = json.loads(since) if since else {"last": None, "open": []}
    last, lasting = mark["last"], set(mark["open"])
    for raw in linked(lambda after: _page(rpc, after), rpc.connection, last):
        last = int(raw["eventid"])
        if raw["r_eventid"] == LASTS:
            lasting.add(raw["eventid"])
        yield Pulled(raw, f"problem {last}")
    for some in _chunks(sorted(set(mark["open"]), key=int)):
        found = _told(rpc, _ask(rpc, eventids=some))
        over = [raw for raw in found if raw["r_eventid"] != LASTS]
        kept = {raw["eventid"] for raw in found} - {raw["eventid"] for raw in over}
        lasting -= set(some) - kept
        yield from (Pulled(raw, f"problem {raw['eventid']}") for raw in over)
    if last is not None:
        yield Cursor(json.dumps({"last": last, "open": sorted(lasting, key=int)}))


def _page(rpc: Rpc, after: int | None) -> Linked[int]:
    asked = {"value": 1, "eventid_from": str((after or 0) + 1), "limit": PAGE}
    rows = _ask(rpc, **asked)
    return Linked(_told(rpc, rows), int(rows[-1]["eventid"]) if len(rows) == PAGE else None)


def _ask(rpc: Rpc, **asked: Any) -> list[Raw]:
    given = {"output": TOLD, "selectHosts": ["hostid", "name"], "sortfield": "eventid"}
    found: list[Raw] = rpc("event.get", source=0, object=0, **given, **asked)
    return found


def _told(rpc: Rpc, rows: Sequence[Raw]) -> list[Raw]:
    """The problems with a `title` that names the host, and when each ended: Zabbix keeps the end as
    an event of its own."""
    ends = {raw["r_eventid"] for raw in rows} - {LASTS}
    ended = {}
    if ends:
        asked = {"eventids": sorted(ends, key=int), "output": ["eventid", "clock"]}
        ended = {one["eventid"]: one["clock"] for one in rpc("event.get", **asked)}
    return [_in_words(raw, ended.get(raw["r_eventid"])) for raw in rows]


def _in_words(raw: Raw, ended: str | None) -> Raw:
    hosts = raw.get("hosts") or [{}]
    name, host = raw.get("name"), hosts[0].get("name")
    state = "open" if raw["r_eventid"] == LASTS else "closed"
    return {**raw, "title": f"{host}: {name}" if host else name, "state": state, "ended": ended}


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[start : start + PAGE] for start in range(0, len(ids), PAGE))
