"""A small service desk to write a connector against: it remembers, pages, and knows who asks.

In a test it answers in place of the network; `python -m tallystick.testing.desk` serves it on
http://127.0.0.1:8750 for a first try by hand. Its token is `sesame`.

    GET  /v1/me
    GET  /v1/companies, /v1/tickets, /v1/time_entries   ?page=1 &changed_since=2026-08-01T00:00:00Z
    GET  /v1/devices                                    ?external_ref=...
    POST /v1/devices                                    {"name": ..., "external_ref": ...}
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

import httpx

TOKEN: Final = "sesame"  # noqa: S105 - everybody's, as this desk is made up
PAGE: Final = 2
LISTS: Final[dict[str, list[dict[str, Any]]]] = {
    "companies": [
        {"id": 7, "name": "Acme Dental LLC", "address": {"city": "Springfield"}},
        {"id": 8, "name": "Zeppelin Logistics", "address": {"city": "Springfield"}},
        {"id": 9, "name": "Hotel Mistral", "address": {"city": "Shelbyville"}},
    ],
    "tickets": [
        {
            "id": 4711,
            "company_id": 7,
            "subject": "Printer",
            "opened_at": "2026-08-03T07:30:00Z",
            "closed_at": None,
        },
        {
            "id": 4712,
            "company_id": 9,
            "subject": "Wi-Fi",
            "opened_at": "2026-08-04T09:00:00Z",
            "closed_at": None,
        },
    ],
    "time_entries": [
        {
            "id": number,
            "ticket_id": 4711,
            "member": "ann",
            "started_at": f"2026-08-03T{8 + number:02}:00:00Z",
            "hours": 1.25,
            "billing": "Billable",
        }
        for number in range(1, 6)
    ],
}
CHANGED: Final = "2026-08-05T00:00:00Z"
"""When everything in the lists was last changed."""


class Desk(httpx.BaseTransport):
    """`devices` is what was sent to it."""

    def __init__(self) -> None:
        self.devices: list[dict[str, Any]] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        code, answer = self.answer(
            request.method,
            request.url.path,
            dict(request.url.params),
            request.headers.get("authorization", ""),
            request.read(),
        )
        return httpx.Response(code, json=answer, request=request)

    def answer(
        self, method: str, path: str, query: Mapping[str, str], login: str, body: bytes
    ) -> tuple[int, Any]:
        """Status and JSON of one request."""
        if login != f"Bearer {TOKEN}":
            return 401, {"message": "who are you?"}
        match method, path.removeprefix("/v1/"):
            case "GET", "me":
                return 200, {"account": "Sample Desk"}
            case "GET", "devices":
                wanted = query.get("external_ref")
                items = [one for one in self.devices if wanted in (None, one["external_ref"])]
                return 200, {"items": items, "total": len(items)}
            case "POST", "devices":
                return self._take(body)
            case "GET", name if name in LISTS:
                return 200, _page(LISTS[name], query)
        return 404, {"message": f"there is no {path}"}

    def _take(self, body: bytes) -> tuple[int, Any]:
        device = json.loads(body)
        if not device.get("name"):
            return 422, {"message": "a device needs a name"}
        self.devices.append({"id": len(self.devices) + 1, **device})
        return 201, self.devices[-1]


def _page(rows: list[dict[str, Any]], query: Mapping[str, str]) -> Any:
    if query.get("changed_since", "") > CHANGED:
        rows = []
    first = (int(query.get("page", "1")) - 1) * PAGE
    return {"items": rows[first : first + PAGE], "total": len(rows)}


class Handler(BaseHTTPRequestHandler):
    desk = Desk()

    def _serve(self) -> None:
        url = httpx.URL(self.path)
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        login = self.headers.get("authorization", "")
        code, answer = self.desk.answer(self.command, url.path, dict(url.params), login, body)
        text = json.dumps(answer).encode()
        self.send_response(code)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = _serve  # noqa: N815 - http.server finds methods by these names
    do_POST = _serve  # noqa: N815 - http.server finds methods by these names


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", 8750), Handler).serve_forever()
