"""A connector as a vendor would write it, for the API of the sync figures."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from tallystick.connector import Context, Cursor, Limits, Pulled, Quota
from tallystick.transport.answers import json_of, refused
from tallystick.transport.paging import Page, numbered

LISTS: Final = {"ticket": "tickets", "booking": "bookings"}
MAPPING: Final = """
[ticket]
id = { at = "id", as = "text" }
title = "summary"
client = { at = "companyId", as = "text" }
contract = "agreementId"
type = "type"
priority = "priority"
status = "status"
opened_at = { at = "entered", as = "datetime" }
resolved_at = { at = "resolved", as = "datetime" }
updated_at = { at = "updated", as = "datetime" }
version = "score"

[booking]
id = { at = "id", as = "text" }
technician = "memberId"
client = { at = "companyId", as = "text" }
ticket = { at = "ticketId", as = "text" }
contract = "agreementId"
work_type = { at = "workType", values = { Remote = "remote", Onsite = "onsite", Travel = "way" } }
started_at = { at = "timeStart", as = "datetime" }
ended_at = { at = "timeEnd", as = "datetime" }
seconds = { at = "actualHours", as = "hours" }
note = "notes"
updated_at = { at = "updated", as = "datetime" }

[booking.billable]
at = "billableOption"
values = { Billable = "billable", DoNotBill = "never", NoCharge = "no_charge" }
"""


class BenchSettings(BaseModel):
    """`limit` requests a second are allowed, 0: any number; `at_once` are under way."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str
    limit: int = 0
    at_once: int = 8


class BenchSession:
    """A Source whose lists tell what changed after an instant."""

    def __init__(self, settings: BenchSettings, context: Context) -> None:
        self._connection = context.connection
        self._at_once = settings.at_once
        quotas = (Quota(settings.limit, 1),) if settings.limit else ()
        limits = Limits(quotas, share=Decimal(1), concurrency=settings.at_once)
        self._http = context.http(settings.url, limits)

    def whoami(self) -> str:
        return "bench"

    def pull(self, record: str, since: str | None) -> Iterator[Pulled | Cursor]:
        as_of = since

        def page(number: int) -> Page:
            nonlocal as_of
            found = self._get(LISTS[record], number, since)
            if number == 1:
                as_of = found["as_of"]
            return Page(found["items"], found["total"])

        for raw in numbered(page, self._connection, ahead=self._at_once):
            yield Pulled(raw, f"{record} {raw['id']}")
        if as_of is not None:
            yield Cursor(as_of)

    def _get(self, name: str, number: int, since: str | None) -> Any:
        query = {"page": str(number), **({"updated_after": since} if since else {})}
        response = self._http.get(f"/{name}", params=query)
        if response.is_error:
            raise refused(response, self._connection)
        return json_of(response, self._connection)
