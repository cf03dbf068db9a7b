"""The conversation with HaloPSA: what is read by change, what whole, and what goes out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Final, NamedTuple

from tallystick.connector import Broken, Context, Cursor, Mark, Pulled, Raw, Ref, Whole
from tallystick.connector.invoice_status import RECORD
from tallystick_halopsa.outgoing import Outgoing
from tallystick_halopsa.recurring import contract_lines, contracts
from tallystick_halopsa.settings import LOOKBACK, WHOLE_EVERY, HaloSettings
from tallystick_halopsa.statuses import Statuses
from tallystick_halopsa.wire import Api

Items = Iterator[Pulled | Broken | Cursor | Whole]
INACTIVE: Final = {"includeinactive": "true"}
"""What is inactive is not gone."""
DAYS_AHEAD: Final = 2
"""Somewhere it is tomorrow already."""


class List(NamedTuple):
    path: str
    query: Mapping[str, str]


LISTS: Final = {
    "client": List("/Client", INACTIVE),
    "contact": List("/Users", INACTIVE),
    "ticket": List("/Tickets", {}),
    "asset": List("/Asset", {**INACTIVE, "includeassetfields": "true"}),
}
NAMES: Final = {"status_id": "/Status", "tickettype_id": "/TicketType"}


class HaloSession:
    """Plays `Source` and `Sink`."""

    def __init__(self, settings: HaloSettings, context: Context) -> None:
        self._settings, self._context = settings, context
        self._api = Api(settings, context)
        self._outgoing = Outgoing(self._api, settings)
        self._statuses = Statuses(self._outgoing, settings, context.connection)

    def whoami(self) -> str:
        found = self._api.get("/Agent/me")
        named = found.get("name") if isinstance(found, Mapping) else None
        return f"{named or self._settings.client_id} at HaloPSA, {self._api.host}"

    def pull(self, record: str, since: str | None) -> Items:
        self._api.begin()
        if record in ("technician", "contract", "contract_line"):
            yield from self._whole(record)
            yield Whole()
            return
        now = self._context.now()
        mark = Mark.still_good(since, now, WHOLE_EVERY)
        whole_on = now.date() if mark is None else mark.whole_on
        if record == "booking":
            yield from self._time(now.date(), everything=mark is None)
        elif mark is None:
            yield from self._list(record, {})
            yield Whole()
        else:
            changed = {"lastupdatefromdate": f"{mark.changed_at:%Y-%m-%dT%H:%M:%SZ}"}
            yield from self._list(record, changed)
        yield Cursor(Mark((self._api.told_at or now) - LOOKBACK, whole_on).token)

    def push(self, record: str, raw: Raw, key: str) -> Ref:
        if record == RECORD:
            return self._statuses.push(raw, key)
        return self._outgoing.push(record, raw, key)

    def find(self, record: str, key: str) -> Ref | None:
        if record == RECORD:
            return self._statuses.find(key)
        return self._outgoing.find(record, key)

    def _whole(self, record: str) -> Iterator[Pulled | Broken]:
        if record == "contract":
            return contracts(self._api, self._settings.currency)
        if record == "contract_line":
            return contract_lines(self._api)
        return self._api.all("/Agent", record)

    def _time(self, today: date, *, everything: bool) -> Items:
        """Time of the window, or since it counts: HaloPSA cannot be asked for what was changed. A
        day more than is told, as a day begins elsewhere at another hour."""
        start = self._settings.time_from
        if not everything:
            start = max(start, today - timedelta(days=self._settings.window_days))
        yield from self._api.time(start - timedelta(days=1), today + timedelta(days=DAYS_AHEAD))
        yield Whole("work_date", start, date.max)

    def _list(self, record: str, changed: Mapping[str, str]) -> Iterator[Pulled | Broken]:
        given = LISTS[record]
        rows = self._api.rows(given.path, record, {**given.query, **changed})
        if record != "ticket":
            yield from (_titled(row) if record == "asset" else row for row in rows)
            return
        known = {field: self._names(path) for field, path in NAMES.items()}
        for row in rows:
            if isinstance(row, Pulled):
                raw = row.raw
                if self._is_status(raw):
                    continue
                names = {field: names.get(raw.get(field)) for field, names in known.items()}
                row = Pulled({**raw, "names": names}, row.place)
            yield row

    def _is_status(self, ticket: Raw) -> bool:
        of_type = ticket.get("tickettype_id")
        return of_type is not None and of_type == self._settings.invoice_ticket_type

    def _names(self, path: str) -> dict[object, object]:
        rows = self._api.all(path, path)
        return {row.raw["id"]: row.raw.get("name") for row in rows if isinstance(row, Pulled)}


def _titled(row: Pulled | Broken) -> Pulled | Broken:
    """An asset that has no key field by its tag."""
    if isinstance(row, Broken) or row.raw.get("key_field"):
        return row
    return Pulled({**row.raw, "key_field": row.raw.get("inventory_number")}, row.place)
