"""QuickBooks Online over HTTP: queries of one company, and one new record at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final

import httpx
import msgspec

from tallystick.connector import Context, Raw
from tallystick.errors import Retry, SkipRecord
from tallystick.transport.answers import json_of, refused
from tallystick.transport.oauth import Grant, OAuth
from tallystick.transport.paging import Page, offset
from tallystick_quickbooks.settings import LIMITS, LOGIN_LIMITS, TOKENS, QuickBooksSettings

PAGE_SIZE: Final = 1000
"""More QuickBooks does not give, whatever is asked for."""
VERSION: Final = {"minorversion": "75"}
NOT_FOUND: Final = "610"
STALE: Final = "5010"
DUPLICATE_NUMBER: Final = "6140"
DUPLICATE_NAME: Final = "6240"
GENERATIONS_MAX: Final = 9
_JSON: Final = msgspec.json.Encoder(decimal_format="number")


class Refusal(SkipRecord):
    """QuickBooks refuses a record; `code` is its own word for why."""

    code: str = ""


class Api:
    def __init__(self, settings: QuickBooksSettings, context: Context) -> None:
        self.connection = context.connection
        self._root = f"/v3/company/{settings.company}"
        self._http = context.http(settings.url, LIMITS)
        self._http.headers["accept"] = "application/json"
        grant = Grant(
            TOKENS,
            settings.client_id,
            settings.client_secret,
            refresh_token=settings.refresh_token,
        )
        self._http.auth = OAuth(context, grant, LOGIN_LIMITS)

    def rows(
        self, kind: str, where: str = "", heard: Callable[[datetime | None], None] = lambda _: None
    ) -> Iterator[Raw]:
        """All records of a kind, in the order of their ids, page by page; `heard` is given the
        time on QuickBooks' clock of each page, the first one first."""

        def page(start: int) -> Page:
            window = f"startposition {start + 1} maxresults {PAGE_SIZE}"
            found = self._query(" ".join(filter(None, (_all(kind), where, "orderby Id", window))))
            heard(instant_of(found.get("time")))
            return Page(self._rows(found, kind))

        return offset(page, self.connection)

    def some(self, kind: str, where: str) -> Sequence[Raw]:
        """The few records of a kind that fit."""
        found = self._rows(self._query(f"{_all(kind)} where {where}"), kind)
        return [row for row in found if isinstance(row, Mapping)]

    def one(self, kind: str, vendor_id: str) -> Raw | None:
        """The record with this id; None when it is there no more."""
        try:
            return self._record(self._call("GET", f"{kind.lower()}/{vendor_id}", {}), kind)
        except Refusal as error:
            if error.code == NOT_FOUND:
                return None
            raise

    def create(self, kind: str, record: Raw, key: str) -> Raw:
        """Create `record` once, and read it back.

        QuickBooks answers a request id it knows as it did the first time, even when what it made
        then was deleted since: the next generation of the id makes it anew.
        """
        for generation in range(GENERATIONS_MAX):
            made = self.send(kind, record, f"{key}\0{generation}")
            stands = self.one(kind, str(made.get("Id")))
            if stands is not None:
                return stands
        raise SkipRecord(
            f"QuickBooks made it and deleted it {GENERATIONS_MAX} times.",
            do="See who or what deletes it there.",
        )

    def send(self, kind: str, record: Raw, key: str) -> Raw:
        """Create or change `record`; sent again with the same key, it is done once."""
        body = _JSON.encode(record)
        request_id = sha256(key.encode() + b"\0" + body).hexdigest()[:50]
        return self._record(self._call("POST", kind.lower(), {"requestid": request_id}, body), kind)

    def info(self, name: str) -> Raw:
        """The one record there is of a kind."""
        found = self._query(_all(name))
        rows = self._rows(found, name)
        if not rows:
            raise self._strange(f"the {name}")
        return rows[0]

    def _query(self, text: str) -> Any:
        found = self._call("GET", "query", {"query": text})
        return found if isinstance(found, Mapping) else {}

    def _call(
        self, method: str, path: str, query: Mapping[str, str], body: bytes | None = None
    ) -> Any:
        response = self._http.request(
            method,
            f"{self._root}/{path}",
            params={**query, **VERSION},
            content=body,
            headers={"content-type": "application/json"} if body else {},
            extensions={"repeatable": True},
        )
        found = json_of(response, self.connection)
        if response.is_error or (isinstance(found, Mapping) and "Fault" in found):
            raise self._refusal(response, found)
        return found

    def _refusal(self, response: httpx.Response, found: Any) -> Refusal:
        fault = found.get("Fault") if isinstance(found, Mapping) else None
        errors = fault.get("Error") if isinstance(fault, Mapping) else None
        known = [one for one in errors or () if isinstance(one, Mapping)]
        why = "; ".join(str(one.get("Detail") or one.get("Message") or "") for one in known)
        told = refused(response, self.connection, why=why)
        error = Refusal(told.what, do=told.do, connection=self.connection)
        error.code = str(known[0].get("code", "")) if known else ""
        return error

    def _rows(self, found: Any, kind: str) -> Sequence[Raw]:
        """An empty list is not told at all."""
        told = found.get("QueryResponse") if isinstance(found, Mapping) else None
        rows = told.get(kind, []) if isinstance(told, Mapping) else None
        if not isinstance(rows, list):
            raise self._strange(f"a list of {kind}")
        return rows

    def _record(self, found: Any, kind: str) -> Raw:
        record = found.get(kind) if isinstance(found, Mapping) else None
        if not isinstance(record, Mapping):
            raise self._strange(f"the {kind}")
        return record

    def _strange(self, wanted: str) -> Retry:
        return Retry(
            f"QuickBooks' answer does not have {wanted}.",
            do="Run this again; if it stays so, QuickBooks has changed: tell us.",
            connection=self.connection,
        )


def _all(kind: str) -> str:
    return f"select * from {kind}"  # noqa: S608 - a query that only reads, and our word


def quoted(value: str) -> str:
    """`value` as a query spells text."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def instant_of(told: object) -> datetime | None:
    """An instant with its offset, as QuickBooks writes it; None for anything else."""
    try:
        found = datetime.fromisoformat(told) if isinstance(told, str) else None
    except ValueError:
        return None
    return found if found is None or found.tzinfo else None


def decimal_of(row: Raw, field: str) -> Decimal:
    """An amount QuickBooks must tell; raises `Retry` where it does not, as nobody can compare."""
    value = row.get(field)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise Retry(
            f"QuickBooks tells no usable {field} of what it has: {str(value)[:40]!r}.",
            do="It is looked up again at the next run; if it stays so, QuickBooks has changed.",
        )
    return Decimal(value)


def value_of(row: Raw, field: str) -> str | None:
    """What a reference refers to."""
    found = row.get(field)
    return str(found.get("value")) if isinstance(found, Mapping) else None
