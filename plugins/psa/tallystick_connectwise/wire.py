"""Requests to ConnectWise: the code base it runs on, its lists by their links, its refusals."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

import httpx

from tallystick.connector import Broken, Context, Pulled, Raw, row_of
from tallystick.errors import Retry
from tallystick.transport.answers import clock_of, taken, unreadable
from tallystick.transport.paging import Linked, linked
from tallystick_connectwise.settings import LIMITS, ConnectWiseSettings

PAGE: Final = 1000
ROUND: Final = 25
"""Pages are cut at a multiple of this, whether at what is asked for or at what a server allows."""
_API: Final = re.compile(r"^/[^/]+/apis/3\.0(?=/)")
_CODE_BASE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*").fullmatch


class Api:
    def __init__(self, settings: ConnectWiseSettings, context: Context) -> None:
        self.connection = context.connection
        self._company = settings.company
        self._http = context.http(settings.url, LIMITS)
        self._http.auth = httpx.BasicAuth(
            f"{settings.company}+{settings.public_key.get_secret_value()}",
            settings.private_key.get_secret_value(),
        )
        self._http.headers["clientid"] = settings.client_id
        self._http.headers["pagination-type"] = "forward-only"
        self._code_base: str | None = None
        self.told_at: datetime | None = None
        """What the clock of ConnectWise showed when the last list was begun."""

    @property
    def host(self) -> str:
        return self._http.base_url.host

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Any:
        return taken(self._send("GET", path, query), self.connection)

    def write(self, method: str, path: str, body: Any, record: str, ref: str) -> Raw:
        """The record as it is now; raises `SkipRecord` with ConnectWise's own words."""
        response = self._send(method, path, None, body)
        found = taken(response, self.connection, record=record, ref=ref, why=_why)
        if not isinstance(found, Mapping) or "id" not in found:
            raise self._unreadable("no record")
        return found

    def rows(self, path: str, query: Mapping[str, str], kind: str) -> Iterator[Pulled | Broken]:
        """Every row of a list. The link to the next page is followed as it is told: one made up
        anew would lose the conditions, and answer with everything. A last page that looks cut is
        held against how many rows there are."""
        self.told_at = None
        seen = 0

        def page(link: str | None) -> Linked[str]:
            nonlocal seen
            asked = {**query, "pageSize": str(PAGE)} if link is None else None
            response = self._send("GET", link or path, asked)
            found = taken(response, self.connection, why=_why)
            if link is None:
                self.told_at = clock_of(response)
            if not isinstance(found, list):
                raise self._unreadable("no list")
            seen += len(found)
            following = response.links.get("next", {}).get("url") if found else None
            if found and not following and len(found) % ROUND == 0:
                self._must_be_all(path, query, seen)
            return Linked(found, _own_path(following) if following else None)

        for row in linked(page, self.connection):
            yield row_of(row, kind)

    def _must_be_all(self, path: str, query: Mapping[str, str], seen: int) -> None:
        """Raises `Retry` where a link to more rows was lost on the way."""
        found = self.get(f"{path}/count", query)
        count = found.get("count") if isinstance(found, Mapping) else None
        if not isinstance(count, int):
            raise self._unreadable("no count")
        if seen < count:
            raise Retry(
                f"{self.host} gave {seen:,} of {count:,} rows of {path}, and no link to more.",
                do="Nothing of it counts as read. Run this again; if it stays so, check that what"
                " stands before ConnectWise lets the header `Link` through.",
                connection=self.connection,
            )

    def _send(
        self, method: str, path: str, query: Mapping[str, str] | None, body: Any = None
    ) -> httpx.Response:
        """A 404 may only mean that the code base moved: company info is read again, once, and what
        was asked is asked there."""
        base = self._code_base or self._find_code_base()
        response = self._ask(method, base, path, query, body)
        if response.status_code == HTTPStatus.NOT_FOUND:
            moved = self._find_code_base()
            if moved != base:
                return self._ask(method, moved, path, query, body)
        return response

    def _ask(
        self, method: str, base: str, path: str, query: Mapping[str, str] | None, body: Any
    ) -> httpx.Response:
        return self._http.request(method, f"/{base}/apis/3.0{path}", params=query, json=body)

    def _find_code_base(self) -> str:
        company = quote(self._company, safe="")
        response = self._http.get(f"/login/companyinfo/{company}", auth=None)
        found = taken(response, self.connection)
        told = found.get("Codebase") if isinstance(found, Mapping) else None
        name = told.strip("/") if isinstance(told, str) else ""
        if not _CODE_BASE(name):
            raise self._unreadable("no code base")
        self._code_base = name
        return name

    def _unreadable(self, what: str) -> Retry:
        return unreadable(self.host, what, "check `url` and `company`", self.connection)


def _own_path(link: str) -> str:
    """What of a link comes after the code base, which may move meanwhile; its host is ours."""
    return _API.sub("", httpx.URL(link).raw_path.decode())


def _why(said: Any) -> str:
    """`{"message": ..., "errors": [{"message": ...}]}` as words."""
    if not isinstance(said, Mapping):
        return ""
    each = [one for one in said.get("errors") or () if isinstance(one, Mapping)]
    return "; ".join(str(one["message"]) for one in (*each, said) if one.get("message"))
