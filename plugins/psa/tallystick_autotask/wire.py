"""Requests to Autotask: in its zone, within its budget, its queries by their links."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import httpx
import msgspec

from tallystick.connector import Broken, Context, Pulled, Raw, row_of
from tallystick.errors import Retry
from tallystick.transport.answers import clock_of, must_be_served, taken, unreadable
from tallystick.transport.paging import Linked, linked
from tallystick_autotask.settings import LOOK_EVERY, SHUT_AT, AutotaskSettings
from tallystick_autotask.zone import AnsweredError, Zones, why

PAGE: Final = 500
VALUES_MAX: Final = 500
"""Autotask takes no more values in a condition."""
ROUND: Final = 25
"""Pages are cut at a multiple of this, whether at what is asked for or at what a server allows."""
EVERYTHING: Final = ({"op": "gte", "field": "id", "value": 0},)
_VERSION: Final = "/V1.0"
_BEFORE: Final = re.compile(r"^.*?(?=/v1\.0/)", re.IGNORECASE)
_JSON: Final = msgspec.json.Encoder(decimal_format="number")

Filter = Sequence[Mapping[str, Any]]


class Api:
    def __init__(self, settings: AutotaskSettings, context: Context) -> None:
        self.connection = context.connection
        self._zones = Zones(settings, context)
        self._http: httpx.Client | None = None
        self._asked = 0
        self.told_at: datetime | None = None
        """What the clock of Autotask showed when the first list since `begin` was begun."""

    @property
    def host(self) -> str:
        return self._zone().base_url.host

    def begin(self) -> None:
        self.told_at = None

    def get(self, path: str) -> Any:
        return taken(self._send("GET", path), self.connection, why=why)

    def item(self, entity: str, ref: str, record: str) -> Raw:
        """One row as it is now; raises `SkipRecord` where there is none."""
        response = self._send("GET", f"/{entity}/{ref}")
        found = taken(response, self.connection, record=record, ref=ref, why=why)
        item = found.get("item") if isinstance(found, Mapping) else None
        if not isinstance(item, Mapping) or item.get("id") is None:
            raise self._unreadable(f"no item of {entity}")
        return item

    def write(self, method: str, entity: str, body: Raw, record: str, ref: str) -> str:
        """The id of the row that was made or changed; raises `SkipRecord` in Autotask's words."""
        response = self._send(method, f"/{entity}", body)
        found = taken(response, self.connection, record=record, ref=ref, why=why)
        made = found.get("itemId") if isinstance(found, Mapping) else None
        if made is None:
            raise self._unreadable(f"no id of {entity}")
        return str(made)

    def first(self, entity: str, conditions: Filter) -> Raw | None:
        """The first row that fits."""
        rows, _ = self._page(f"/{entity}/query", {"filter": list(conditions), "maxRecords": 1})
        return next((row for row in rows if isinstance(row, Mapping) and "id" in row), None)

    def rows(
        self, entity: str, kind: str, conditions: Filter = EVERYTHING, fields: Sequence[str] = ()
    ) -> Iterator[Pulled | Broken]:
        """Every row that fits. The link to the next page takes the same body by POST, and nothing
        by GET. A last page that looks cut is held against how many rows there are."""
        body = {"filter": list(conditions), "maxRecords": PAGE}
        if fields:
            body["includeFields"] = list(fields)
        seen = 0

        def page(link: str | None) -> Linked[str]:
            nonlocal seen
            found, following = self._page(link or f"/{entity}/query", body)
            seen += len(found)
            if found and following is None and len(found) % ROUND == 0:
                self._must_be_all(entity, conditions, seen)
            return Linked(found, following if found else None)

        for row in linked(page, self.connection):
            yield row_of(row, kind)

    def used(self) -> tuple[int, int] | None:
        """How many requests of all integrations there were within the hour, and how many there may
        be; None where Autotask does not say."""
        found = taken(self._sent("GET", "/ThresholdInformation"), self.connection, why=why)
        told = found if isinstance(found, Mapping) else {}
        count, most = told.get("currentTimeframeRequestCount"), told.get("externalRequestThreshold")
        return (count, most) if isinstance(count, int) and isinstance(most, int) else None

    def _page(self, path: str, body: Raw) -> tuple[list[Any], str | None]:
        """Rows, and the link to those after them."""
        response = self._send("POST", path, body, repeatable=True)
        found = taken(response, self.connection, why=why)
        self.told_at = self.told_at or clock_of(response)
        items = found.get("items") if isinstance(found, Mapping) else None
        details = found.get("pageDetails") if isinstance(found, Mapping) else None
        if not isinstance(items, list) or not isinstance(details, Mapping):
            raise self._unreadable("no list")
        told = details.get("count")
        if isinstance(told, int) and told != len(items):
            raise self._cut(f"{len(items):,} rows of a page of {told:,}")
        link = details.get("nextPageUrl")
        return items, _own_path(link) if link else None

    def _must_be_all(self, entity: str, conditions: Filter, seen: int) -> None:
        """Raises `Retry` where a link to more rows was lost on the way."""
        path, body = f"/{entity}/query/count", {"filter": list(conditions)}
        found = taken(self._send("POST", path, body, repeatable=True), self.connection, why=why)
        count = found.get("queryCount") if isinstance(found, Mapping) else None
        if not isinstance(count, int):
            raise self._unreadable("no count")
        if seen < count:
            raise self._cut(f"{seen:,} of {count:,} rows of {entity}, and no link to more")

    def _send(
        self, method: str, path: str, body: Raw | None = None, *, repeatable: bool = False
    ) -> httpx.Response:
        if self._asked % LOOK_EVERY == 0:
            self._must_have_room()
        self._asked += 1
        return self._sent(method, path, body, repeatable=repeatable)

    def _sent(
        self, method: str, path: str, body: Raw | None = None, *, repeatable: bool = False
    ) -> httpx.Response:
        """A 401 may only mean that the database moved: the zone is looked up again, once, and what
        was asked is asked there."""
        zone = self._zone()
        response = self._ask(zone, method, path, body, repeatable)
        if response.status_code == httpx.codes.UNAUTHORIZED:
            self._http = self._zones.find()
            if self._http.base_url != zone.base_url:
                response = self._ask(self._http, method, path, body, repeatable)
        if response.status_code == httpx.codes.UNAUTHORIZED:
            must_be_served(response, self.connection)
        return response

    def _ask(
        self, zone: httpx.Client, method: str, path: str, body: Raw | None, repeatable: bool
    ) -> httpx.Response:
        try:
            return zone.request(
                method,
                f"{_VERSION}{path}",
                content=None if body is None else _JSON.encode(body),
                headers={} if body is None else {"content-type": "application/json"},
                extensions={"repeatable": repeatable},
            )
        except AnsweredError as answered:
            return answered.response

    def _zone(self) -> httpx.Client:
        if self._http is None:
            self._http = self._zones.find()
        return self._http

    def _must_have_room(self) -> None:
        used = self.used()
        if used is not None and used[0] >= used[1] * SHUT_AT:
            raise Retry(
                f"All integrations together have used {used[0]:,} of the {used[1]:,} requests"
                " Autotask takes in an hour; at the last one it shuts out every one of them.",
                do="Nothing was lost. Run this again in an hour; if it stays so, see in Autotask"
                ' under Admin, "API Activity by Hour", who asks so much.',
                connection=self.connection,
            )

    def _cut(self, what: str) -> Retry:
        return Retry(
            f"Autotask gave {what}.",
            do="Nothing of it counts as read. Run this again; if it stays so, ask Autotask.",
            connection=self.connection,
        )

    def _unreadable(self, what: str) -> Retry:
        return unreadable("Autotask", what, "Autotask has changed: tell us", self.connection)


def _own_path(link: object) -> str:
    """What of a link comes after the version: its host is the zone's, which may move meanwhile."""
    return _BEFORE.sub("", httpx.URL(str(link)).raw_path.decode())[len(_VERSION) :]
