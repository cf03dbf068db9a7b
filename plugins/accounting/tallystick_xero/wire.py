"""Xero over HTTP: one organisation's lists, and one new document at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from re import fullmatch
from typing import Any, Final

import msgspec

from tallystick.connector import Context, Raw
from tallystick.errors import Retry, SkipRecord
from tallystick.transport.answers import refused, taken
from tallystick.transport.oauth import Grant, OAuth
from tallystick.transport.paging import Page, numbered
from tallystick_xero.settings import API, LIMITS, LOGIN_LIMITS, TOKENS, XeroSettings

ROOT: Final = "/api.xro/2.0"
PAGE_SIZE: Final = 1000
FOUR_PLACES: Final = {"unitdp": "4"}
"""Without it Xero cuts the price of a unit to two decimals."""
_JSON: Final = msgspec.json.Encoder(decimal_format="number")


class Api:
    def __init__(self, settings: XeroSettings, context: Context) -> None:
        self.connection = context.connection
        self._http = context.http(API, LIMITS)
        self._http.headers.update({"xero-tenant-id": settings.tenant, "accept": "application/json"})
        grant = Grant(
            TOKENS,
            settings.client_id,
            settings.client_secret,
            refresh_token=settings.refresh_token,
        )
        self._http.auth = OAuth(context, grant, LOGIN_LIMITS)

    def rows(
        self,
        name: str,
        query: Mapping[str, str],
        since: str | None = None,
        heard: Callable[[datetime | None], None] = lambda _: None,
    ) -> Iterator[Raw]:
        """All rows of the list `name`, changed since the instant `since`, page by page; `heard` is
        given the time on Xero's clock of each page, the first one first."""

        def page(number: int) -> Page:
            asked = {**query, "page": str(number), "pageSize": str(PAGE_SIZE)}
            found = self._get(name, asked, {"if-modified-since": since} if since else {})
            heard(instant_of(found.get("DateTimeUTC")))
            told = found.get("pagination")
            total = told.get("itemCount") if isinstance(told, Mapping) else None
            return Page(self._list(found, name), total if isinstance(total, int) else None)

        return numbered(page, self.connection)

    def some(self, name: str, query: Mapping[str, str] = {}) -> Sequence[Raw]:
        """The few rows of the list `name` that fit, on one page."""
        found = self._list(self._get(name, query, {}), name)
        return [row for row in found if isinstance(row, Mapping)]

    def organisation(self) -> Raw:
        return self._first(self._get("Organisation", {}, {}), "Organisations")

    def put(self, name: str, document: Raw, key: str) -> Raw:
        """Create `document` once; Xero's own record of it."""
        return self._send("PUT", name, document, key)

    def change(self, name: str, document: Raw, key: str) -> Raw:
        """Change what has the id in `document`; Xero's own record of it."""
        return self._send("POST", name, document, key)

    def _send(self, method: str, name: str, document: Raw, key: str) -> Raw:
        body = _JSON.encode({name: [document]})
        response = self._http.request(
            method,
            f"{ROOT}/{name}",
            params=FOUR_PLACES if name in ("Invoices", "CreditNotes") else {},
            content=body,
            headers={"content-type": "application/json", "idempotency-key": _key(key, body)},
        )
        row = self._first(taken(response, self.connection, ref=key, why=_why), name)
        if told := _reasons(row):
            # told with 200, as `summarizeErrors` is not asked for
            raise refused(response, self.connection, ref=key, why=told)
        return row

    def _get(self, name: str, query: Mapping[str, str], headers: Mapping[str, str]) -> Any:
        response = self._http.get(f"{ROOT}/{name}", params=query, headers=headers)
        found = taken(response, self.connection, why=_why)
        return found if isinstance(found, Mapping) else {}

    def _first(self, found: Any, name: str) -> Raw:
        rows = self._list(found, name)
        if not rows or not isinstance(rows[0], Mapping):
            raise self._strange(name)
        return rows[0]

    def _list(self, found: Any, name: str) -> Sequence[Raw]:
        rows = found.get(name) if isinstance(found, Mapping) else None
        if not isinstance(rows, list):
            raise self._strange(name)
        return rows

    def _strange(self, name: str) -> Retry:
        return Retry(
            f"Xero's answer has no usable list of {name}.",
            do="Run this again; if it stays so, Xero has changed: tell us.",
            connection=self.connection,
        )


def equals(field: str, value: str) -> str:
    """The filter of rows whose `field` is `value`."""
    return f"{field}=={quoted(value)}"


def quoted(value: str) -> str:
    """`value` as a filter spells text; raises `SkipRecord` where it has no spelling."""
    if '"' in value or "\\" in value:
        raise SkipRecord(
            f"Xero cannot be asked for {value}, which has a quote or a backslash in it.",
            do="Give it another number or name.",
        )
    return f'"{value}"'


def instant_of(told: object) -> datetime | None:
    """An instant as Xero writes it, `/Date(1573755038314+0000)/`: milliseconds since 1970."""
    found = fullmatch(r"/Date\((\d{1,14})([+-]\d{4})?\)/", told) if isinstance(told, str) else None
    return datetime.fromtimestamp(int(found[1]) // 1000, UTC) if found else None


def decimal_of(row: Raw, field: str) -> Decimal:
    """An amount Xero must tell; raises `Retry` where it does not, as nobody can compare then."""
    value = row.get(field)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise Retry(
            f"Xero tells no usable {field} of what it has: {str(value)[:40]!r}.",
            do="It is looked up again at the next run; if it stays so, Xero has changed: tell us.",
        )
    return Decimal(value)


def _key(key: str, body: bytes) -> str:
    """One for each thing said under `key`: a corrected document is not answered as the first."""
    return sha256(key.encode() + b"\0" + body).hexdigest()


def _why(found: Any) -> str:
    if not isinstance(found, Mapping):
        return ""
    elements = found.get("Elements")
    told = [_reasons(one) for one in elements if isinstance(one, Mapping)] if elements else []
    return "; ".join(filter(None, told)) or str(found.get("Message") or found.get("Detail") or "")


def _reasons(row: Raw) -> str:
    """What Xero has against one row."""
    found = row.get("ValidationErrors") or ()
    return "; ".join(str(one.get("Message", "")) for one in found if isinstance(one, Mapping))
