"""A tap for the API of the sync figures, as its author would write it with the Singer SDK."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
import requests
from singer_sdk import RESTStream, Tap
from singer_sdk import typing as th
from singer_sdk.contrib.msgspec import MsgSpecWriter
from singer_sdk.helpers.conform import TypeConformanceLevel
from singer_sdk.pagination import PageNumberPaginator

WORDS = {
    "tickets": "summary agreementId type priority status",
    "bookings": "memberId agreementId workType billableOption notes",
}
WHOLE = {"tickets": "id companyId score", "bookings": "id companyId ticketId"}
INSTANTS = {"tickets": "entered resolved updated", "bookings": "timeStart timeEnd updated"}


def _schema(name: str) -> dict[str, Any]:
    fields = [
        *(th.Property(one, th.IntegerType) for one in WHOLE[name].split()),
        *(th.Property(one, th.StringType) for one in WORDS[name].split()),
        *(th.Property(one, th.DateTimeType) for one in INSTANTS[name].split()),
    ]
    if name == "bookings":
        fields.append(th.Property("actualHours", th.NumberType))
    return th.PropertiesList(*fields).to_dict()


class UpToTotal(PageNumberPaginator):
    def __init__(self, stream: Listed) -> None:
        super().__init__(1)
        self._stream = stream

    def has_more(self, response: requests.Response) -> bool:
        return self._stream.more


class Listed(RESTStream[int]):
    """One list of the API, from what changed after the last run on."""

    primary_keys = ("id",)
    replication_key = "updated"
    TYPE_CONFORMANCE_LEVEL = TypeConformanceLevel.NONE

    def __init__(self, tap: Tap, name: str) -> None:
        super().__init__(tap, name=name, schema=_schema(name), path=f"/{name}")
        self._seen = 0
        self.more = True

    @property
    def url_base(self) -> str:
        return str(self.config["url"])

    def get_new_paginator(self) -> UpToTotal:
        return UpToTotal(self)

    def get_url_params(self, context: Any, next_page_token: int | None) -> dict[str, Any]:
        since = self.get_starting_replication_key_value(context)
        return {"page": next_page_token, **({"updated_after": since} if since else {})}

    def parse_response(self, response: requests.Response) -> Iterable[dict[str, Any]]:
        found = msgspec.json.decode(response.content)
        self._seen += len(found["items"])
        self.more = self._seen < found["total"]
        return list[dict[str, Any]](found["items"])


class BenchTap(Tap):
    name = "tap-bench"
    message_writer_class = MsgSpecWriter
    config_jsonschema = th.PropertiesList(th.Property("url", th.StringType)).to_dict()

    def discover_streams(self) -> list[Listed]:
        return [Listed(self, name) for name in WORDS]


if __name__ == "__main__":
    BenchTap.cli()
