"""The conversation with Datto RMM: its sites, devices and alerts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final

from pydantic import SecretStr

from tallystick.connector import Broken, Context, Cursor, Pulled, Whole, row_of
from tallystick.errors import Retry
from tallystick.transport.answers import taken
from tallystick.transport.oauth import Grant, OAuth
from tallystick.transport.paging import Linked, linked
from tallystick_datto.alerts import told
from tallystick_datto.settings import LIMITS, DattoSettings

PAGE: Final = 250
"""Datto's own most, but for alerts (`GET /v2/system/pagination`); it gives fewer where it wants."""
EVERYBODYS: Final = ("public-client", "public")
"""Client id and secret are the same for all; key and secret of the API are user and password."""
NO_CLIENT: Final = "Deleted Devices"
"""The site where Datto keeps what was deleted; its devices are `deleted`, too."""
PRIVATE: Final = frozenset({"udf"})
"""User-defined fields hold recovery keys and passwords at many MSPs: they stay there."""

Items = Iterator[Pulled | Broken | Cursor | Whole]


class DattoSession:
    """A Source. Datto tells no changes: its lists are read whole, and alerts that were open are
    asked for once they are listed no more."""

    def __init__(self, settings: DattoSettings, context: Context) -> None:
        self._connection = context.connection
        self._http = context.http(settings.url, LIMITS)
        grant = Grant(
            f"{settings.url}/auth/oauth/token",
            EVERYBODYS[0],
            SecretStr(EVERYBODYS[1]),
            username=settings.api_key,
            password=settings.api_secret,
        )
        self._http.auth = OAuth(context, grant, LIMITS)

    def whoami(self) -> str:
        account = self._get("/api/v2/account")
        return f"{account.get('name', 'an account')} at Datto RMM, {self._http.base_url.host}"

    def pull(self, record: str, since: str | None) -> Items:
        match record:
            case "client":
                for item in self._list("/api/v2/account/sites", "sites", "uid"):
                    if not (isinstance(item, Pulled) and item.raw.get("name") == NO_CLIENT):
                        yield item
                yield Whole()
            case "asset":
                for item in self._list("/api/v2/account/devices", "devices", "uid"):
                    if not (isinstance(item, Pulled) and item.raw.get("deleted") is True):
                        yield item
                yield Whole()
            case "ticket":
                yield from self._alerts(set(json.loads(since)) if since else set())

    def _alerts(self, before: set[str]) -> Items:
        """Those open now, and what became of those that were open `before`."""
        now = set()
        for item in self._list("/api/v2/account/alerts/open", "alerts", "alertUid"):
            if not isinstance(item, Pulled):
                yield item
                continue
            now.add(str(item.raw.get("alertUid")))
            yield Pulled(told(item.raw), item.place)
        for uid in sorted(before - now):
            response = self._http.get(f"/api/v2/alert/{uid}")
            if response.status_code == HTTPStatus.NOT_FOUND:
                continue
            found = taken(response, self._connection, record="ticket", ref=uid)
            row = row_of(found, "alert", "alertUid")
            yield Pulled(told(row.raw), row.place) if isinstance(row, Pulled) else row
        yield Cursor(json.dumps(sorted(now)))

    def _list(self, path: str, name: str, key: str) -> Iterator[Pulled | Broken]:
        """Every item of a list. One that is no object is set aside by itself."""

        def page(link: str | None) -> Linked[str]:
            found = self._get(path, {"max": str(PAGE)}) if link is None else self._get(link)
            rows, details = found.get(name), found.get("pageDetails")
            if not isinstance(rows, list) or not isinstance(details, dict):
                raise Retry(
                    f"{self._http.base_url.host} answered without `{name}` and `pageDetails`.",
                    do="Run this again; if it stays so, tell the author of the connector.",
                    connection=self._connection,
                )
            return Linked(rows, details.get("nextPageUrl") or None)

        for raw in linked(page, self._connection):
            row = row_of(raw, name.removesuffix("s"), key)
            if isinstance(row, Pulled):
                kept = {field: value for field, value in row.raw.items() if field not in PRIVATE}
                row = Pulled(kept, row.place)
            yield row

    def _get(self, path: str, query: Mapping[str, str] | None = None) -> Any:
        found = taken(self._http.get(path, params=query), self._connection)
        if not isinstance(found, dict):
            raise Retry(
                f"{self._http.base_url.host} answered with something else than an object.",
                do="Run this again; if it stays so, tell the author of the connector.",
                connection=self._connection,
            )
        return found
