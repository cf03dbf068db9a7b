"""The conversation with NinjaOne: its organizations, devices and alerts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from tallystick.connector import Broken, Context, Cursor, Pulled, Raw, Whole, row_of
from tallystick.transport.answers import taken, unreadable
from tallystick.transport.oauth import Grant, OAuth
from tallystick.transport.paging import Linked, linked
from tallystick_ninjaone.alerts import alerts
from tallystick_ninjaone.settings import LIMITS, NinjaOneSettings

PAGE: Final = 200
LISTS: Final = {"client": "/v2/organizations", "asset": "/v2/devices-detailed"}
SYSTEMS: Final = "/v2/queries/computer-systems"
ALERTS: Final = "/v2/alerts"


class Place(NamedTuple):
    """How far a query was read. Its cursor keeps its name from page to page, and the offset beside
    it moves on."""

    cursor: str
    offset: int | None


class NinjaOneSession:
    """A Source. NinjaOne tells no changes of devices, so every list is read whole."""

    def __init__(self, settings: NinjaOneSettings, context: Context) -> None:
        self._connection, self._now = context.connection, context.now
        self._http = context.http(settings.url, LIMITS)
        grant = Grant(
            f"{settings.url}/ws/oauth/token",
            settings.client_id,
            settings.client_secret,
            scope="monitoring",
            told_in="body",
        )
        self._http.auth = OAuth(context, grant, LIMITS)

    def whoami(self) -> str:
        found = self._get("/v2/organizations", {"pageSize": "1"})
        named = f", the first of its organizations is {found[0]['name']}" if found else ""
        return f"NinjaOne at {self._http.base_url.host}{named}"

    def pull(self, record: str, since: str | None) -> Iterator[Pulled | Broken | Cursor | Whole]:
        if record == "ticket":
            yield from alerts(self._get(ALERTS, {}), since, self._now())
            return
        systems = self._systems() if record == "asset" else {}
        for raw in linked(lambda after: self._page(LISTS[record], after), self._connection):
            row = row_of(raw, record)
            if isinstance(row, Pulled) and row.raw["id"] in systems:
                row = Pulled({**row.raw, "system": systems[row.raw["id"]]}, row.place)
            yield row
        yield Whole()

    def _page(self, path: str, after: int | None) -> Linked[int]:
        """Rows in the order of their ids, after the last one of the page before. Only an empty page
        is the end: one with fewer rows than asked for may have been cut."""
        query = {"pageSize": str(PAGE), **({"after": str(after)} if after is not None else {})}
        rows = self._get(path, query)
        known = [row["id"] for row in rows if isinstance(row, Mapping) and "id" in row]
        return Linked(rows, known[-1] if known else None)

    def _systems(self) -> dict[int, Raw]:
        """Serial numbers and makers, which the list of devices leaves out, by device. Only an empty
        page, or one without a cursor, is the end."""

        def page(after: Place | None) -> Linked[Place]:
            query = {"pageSize": str(PAGE), **({"cursor": after.cursor} if after else {})}
            found = self._get(SYSTEMS, query)
            rows = found.get("results") if isinstance(found, Mapping) else None
            if not isinstance(rows, list):
                what, then = f"no list of {SYSTEMS}", "NinjaOne has changed: tell us"
                raise unreadable(self._http.base_url.host, what, then, self._connection)
            told = found.get("cursor")
            name = told.get("name") if isinstance(told, Mapping) else None
            return Linked(rows, Place(name, told.get("offset")) if rows and name else None)

        rows = linked(page, self._connection)
        return {
            one["deviceId"]: one for one in rows if isinstance(one, Mapping) and "deviceId" in one
        }

    def _get(self, path: str, query: Mapping[str, str]) -> Any:
        return taken(self._http.get(path, params=query), self._connection)
