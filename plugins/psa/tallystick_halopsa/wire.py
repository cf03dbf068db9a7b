"""Requests to HaloPSA: its token, its pages by number, its time by spans."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote

import msgspec

from tallystick.connector import Broken, Context, Pulled, Raw, row_of
from tallystick.errors import Retry
from tallystick.transport.answers import clock_of, taken, unreadable
from tallystick.transport.oauth import Grant, OAuth
from tallystick.transport.paging import Page, numbered
from tallystick_halopsa.settings import LIMITS, HaloSettings

PAGE: Final = 100
"""HaloPSA gives no more, whatever is asked, and does not say so."""
ALL_OF_IT: Final = 10_000
SPAN: Final = timedelta(days=31)
LEAST: Final = timedelta(minutes=1)
EDGE: Final = timedelta(seconds=1)
"""Whether what happened just at the beginning is in a span is not said: it may come twice."""
_JSON: Final = msgspec.json.Encoder(decimal_format="number")


class Api:
    def __init__(self, settings: HaloSettings, context: Context) -> None:
        self.connection = context.connection
        url = settings.url.rstrip("/")
        self._http = context.http(f"{url}/api", LIMITS)
        tenant = f"?tenant={quote(settings.tenant, safe='')}" if settings.tenant else ""
        grant = Grant(
            f"{url}/auth/token{tenant}",
            settings.client_id,
            settings.client_secret,
            scope=settings.scope,
            told_in="body",
        )
        self._http.auth = OAuth(context, grant, LIMITS)
        self.told_at: datetime | None = None
        """What the clock of HaloPSA showed when the first list since `begin` was begun."""

    @property
    def host(self) -> str:
        return self._http.base_url.host

    def begin(self) -> None:
        self.told_at = None

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Any:
        response = self._http.get(path, params=query)
        found = taken(response, self.connection, why=why)
        self.told_at = self.told_at or clock_of(response)
        return found

    def item(self, path: str, ref: str, record: str) -> Raw:
        """One row as it is now; raises `SkipRecord` where there is none."""
        response = self._http.get(f"{path}/{ref}")
        found = taken(response, self.connection, record=record, ref=ref, why=why)
        return self._row(found, path)

    def write(self, path: str, row: Raw, record: str, ref: str) -> Raw:
        """The row as it is now; HaloPSA takes several, and answers with the one or with a list."""
        response = self._http.post(
            path, content=_JSON.encode([row]), headers={"content-type": "application/json"}
        )
        found = taken(response, self.connection, record=record, ref=ref, why=why)
        return self._row(found[0] if isinstance(found, list) and found else found, path)

    def all(self, path: str, kind: str) -> Iterator[Pulled | Broken]:
        """Every row of a list that has no pages."""
        rows, _ = self._list(self.get(path), path)
        return (row_of(row, kind) for row in rows)

    def rows(
        self, path: str, kind: str, query: Mapping[str, str] | None = None
    ) -> Iterator[Pulled | Broken]:
        """Every row of a list with pages, in the order of their ids: nothing that is changed
        meanwhile moves to another page. How many rows a page has is seen by its rows, and how many
        there are by what HaloPSA counts, never by what was asked for."""

        def page(number: int) -> Page:
            asked = {"pageinate": "true", "page_size": str(PAGE), "page_no": str(number)}
            ordered = {"order": "id", "orderdesc": "false"}
            return Page(*self._list(self.get(path, {**ordered, **(query or {}), **asked}), path))

        for row in numbered(page, self.connection):
            yield row_of(row, kind)

    def time(self, first: date, end: date) -> Iterator[Pulled | Broken]:
        """Time entries from `first` to before `end`. Their list has no pages: one that is cut off
        is asked for again, half of its time at a time."""
        start, last = (datetime(day.year, day.month, day.day, tzinfo=UTC) for day in (first, end))
        while start < last:
            until = min(start + SPAN, last)
            yield from self._span(start, until)
            start = until

    def _span(self, start: datetime, end: datetime) -> Iterator[Pulled | Broken]:
        asked = {
            "timeentriesonly": "true",
            "startdate": f"{start - EDGE:%Y-%m-%dT%H:%M:%SZ}",
            "enddate": f"{end:%Y-%m-%dT%H:%M:%SZ}",
            "count": str(ALL_OF_IT),
        }
        rows, total = self._list(self.get("/Actions", asked), "/Actions")
        whole = len(rows) % PAGE != 0 or not rows if total is None else len(rows) >= total
        if whole:
            for row in rows:
                yield _entry(row)
            return
        if end - start <= LEAST:
            of = "nobody knows how many" if total is None else f"{total:,}"
            raise Retry(
                f"HaloPSA gave {len(rows):,} of {of} time entries of one moment,"
                f" {start:%Y-%m-%d %H:%M}, and has no pages of them.",
                do="Nothing of it counts as read. Ask Halo to raise what a list of actions may"
                " have.",
                connection=self.connection,
            )
        middle = (start + (end - start) / 2).replace(microsecond=0)
        yield from self._span(start, middle)
        yield from self._span(middle, end)

    def _list(self, found: Any, path: str) -> tuple[Sequence[Any], int | None]:
        """The rows, and how many there are in all where it is told. They stand alone, or beside
        their count under a name of their own."""
        if isinstance(found, list):
            return found, None
        told = found if isinstance(found, Mapping) else {}
        lists = [one for one in told.values() if isinstance(one, list)]
        if len(lists) != 1:
            raise self._unreadable(f"no list of {path}")
        total = told.get("record_count")
        return lists[0], total if isinstance(total, int) else None

    def _row(self, found: Any, path: str) -> Raw:
        if not isinstance(found, Mapping) or found.get("id") is None:
            raise self._unreadable(f"no row of {path}")
        return found

    def _unreadable(self, what: str) -> Retry:
        return unreadable(self.host, what, "HaloPSA has changed: tell us", self.connection)


def _entry(row: Any) -> Pulled | Broken:
    """An action, which is counted within its ticket: it takes both to name one."""
    found = row_of(row, "action")
    if isinstance(found, Broken):
        return found
    ticket = found.raw.get("ticket_id")
    if ticket is None:
        return Broken(found.place, "It is on no ticket.", "Tell Halo of it.", found.raw)
    if not isinstance(found.raw.get("actisbillable"), bool):
        what = "It does not say whether it is to be billed."
        return Broken(found.place, what, "Look at it in HaloPSA, and tell us.", found.raw)
    ref = f"{ticket}-{found.raw['id']}"
    return Pulled({**found.raw, "ref": ref}, f"action {ref}")


def why(said: Any) -> str:
    """`{"message": "..."}` or `{"error_description": "..."}` as words."""
    told = said if isinstance(said, Mapping) else {}
    return str(told.get("message") or told.get("error_description") or told.get("error") or "")
