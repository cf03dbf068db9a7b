"""Requests to Redmine, and its lists page by page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from tallystick.connector import Context, Raw
from tallystick.transport.answers import clock_of, taken
from tallystick.transport.paging import Page, offset
from tallystick_redmine.settings import LIMITS, RedmineSettings

PAGE: Final = 100
"""Redmine gives no more, whatever is asked."""


class Api:
    def __init__(self, settings: RedmineSettings, context: Context) -> None:
        self.connection = context.connection
        self._http = context.http(settings.url, LIMITS)
        self._http.headers["x-redmine-api-key"] = settings.key.get_secret_value()
        self.told_at: datetime | None = None
        """What the clock of Redmine, or of what stands before it, showed at the first answer since
        this was None."""

    @property
    def host(self) -> str:
        return self._http.base_url.host

    def get(self, path: str, query: Mapping[str, str] = {}) -> Any:
        response = self._http.get(path, params=query)
        found = taken(response, self.connection)
        self.told_at = self.told_at or clock_of(response)
        return found

    def rows(self, name: str, query: Mapping[str, str]) -> Iterator[Raw]:
        """Every row of the list `name`, in the order of its ids: nothing that is changed meanwhile
        moves to another page."""

        def page(start: int) -> Page:
            asked = {"sort": "id", **query, "offset": str(start), "limit": str(PAGE)}
            found = self.get(f"/{name}.json", asked)
            return Page(found[name], found["total_count"])

        return offset(page, self.connection)

    def write(self, method: str, path: str, body: Raw, record: str, ref: str) -> Any:
        """What Redmine answers, None where it says nothing; raises `SkipRecord` with its words."""
        response = self._http.request(method, path, json=body)
        if response.is_success and not response.content:
            return None
        return taken(response, self.connection, record=record, ref=ref, why=_why)


def _why(said: Any) -> str:
    errors = said.get("errors") if isinstance(said, Mapping) else None
    return "; ".join(map(str, errors)) if isinstance(errors, list) else ""
