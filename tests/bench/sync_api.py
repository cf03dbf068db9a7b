"""A vendor's API for the sync figures: tickets and bookings in pages, from a process of its own.

    GET /bookings?page=3&updated_after=2026-10-01T00:00:00Z
                                     {"total": ..., "as_of": ..., "items": [...]}
    GET /advance                     one row in a thousand changes
    GET /told                        how many requests there were, and were refused

The pages of the whole lists are written to a file first, so that serving costs next to nothing.
Rows are a formula of their number: everybody can say what must have arrived.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import msgspec

PAGE: Final = 1000
BOOKINGS_EACH: Final = 5
"""Bookings of a ticket: 200,000 tickets have a million."""
RARE: Final = 1000
"""One row in so many changes at a time."""
BASE: Final = datetime(2026, 7, 1, 6, tzinfo=UTC)
AS_OF: Final = datetime(2026, 10, 1, tzinfo=UTC)
CLIENTS: Final = 1000


def ticket(i: int, turn: int = 0) -> dict[str, Any]:
    opened = BASE + timedelta(seconds=37 * (i % 200_000))
    return {
        "id": 100_000 + i,
        "summary": f"Printer {i % 977} on floor {i % 13} prints nothing but blank pages",
        "companyId": i * 7919 % CLIENTS,
        "agreementId": f"A-{i * 7919 % CLIENTS}-{i % 2}",
        "type": ("Incident", "Request", "Change")[i % 3],
        "priority": f"P{i % 4 + 1}",
        "status": "Closed" if i % 5 else "Open",
        "entered": _told(opened),
        "resolved": _told(opened + timedelta(hours=i % 30 + 1)) if i % 5 else None,
        "updated": _told(_updated(i, turn)),
        "score": turn,
    }


def booking(i: int, turn: int = 0) -> dict[str, Any]:
    of = i // BOOKINGS_EACH
    start = BASE + timedelta(seconds=41 * (i % 180_000))
    quarters = (i + turn) % 31 + 1
    return {
        "id": 5_000_000 + i,
        "memberId": f"tech{i * 31 % 60}",
        "companyId": of * 7919 % CLIENTS,
        "ticketId": 100_000 + of,
        "agreementId": f"A-{of * 7919 % CLIENTS}-{of % 2}",
        "workType": ("Remote", "Onsite", "Travel")[i % 3],
        "billableOption": ("Billable", "DoNotBill", "NoCharge")[(i % 11) % 3],
        "timeStart": _told(start),
        "timeEnd": _told(start + timedelta(minutes=15 * quarters)),
        "actualHours": quarters / 4,
        "notes": f"Looked into it, step {i % 1009}, and told the client what was found",
        "updated": _told(_updated(i, turn)),
    }


LISTS: Final = {"tickets": ticket, "bookings": booking}


def _updated(i: int, turn: int) -> datetime:
    return AS_OF + timedelta(hours=turn) if turn else BASE + timedelta(seconds=i % 5_000_000)


def _told(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def write_pages(folder: Path, tickets: int, page: int) -> dict[str, int]:
    """The pages of each list one after the other in a file of its name; where each begins beside
    it. Returns how many rows each has."""
    sizes = {"tickets": tickets, "bookings": tickets * BOOKINGS_EACH}
    for name, row in LISTS.items():
        if (folder / f"{name}.starts").exists():
            continue
        starts = [0]
        with (folder / name).open("wb") as file:
            for first in range(0, sizes[name], page):
                rows = [row(i) for i in range(first, min(first + page, sizes[name]))]
                starts.append(starts[-1] + file.write(_page(rows, sizes[name], 0)))
        (folder / f"{name}.starts").write_bytes(msgspec.json.encode(starts))
    return sizes


def _page(rows: list[dict[str, Any]], total: int, turn: int) -> bytes:
    as_of = _told(AS_OF + timedelta(hours=turn))
    return msgspec.json.encode({"total": total, "as_of": as_of, "items": rows})


class Vendor:
    """What the API knows. It waits `latency_s` before each answer, and answers more than `limit`
    requests in a second with 429, 0: without a limit."""

    def __init__(self, folder: Path, tickets: int, latency_s: float, limit: int, page: int) -> None:
        self._folder = folder
        self._page = page
        self._sizes = write_pages(folder, tickets, page)
        self._starts = {
            name: msgspec.json.decode((folder / f"{name}.starts").read_bytes()) for name in LISTS
        }
        self._latency_s = latency_s
        self._limit = limit
        self._recent: deque[float] = deque()
        self._lock = threading.Lock()
        self._turn = 0
        self.told = {"requests": 0, "refused": 0}

    def advance(self) -> bytes:
        self._turn += 1
        return b"{}"

    def page(self, name: str, number: int, after: str | None) -> bytes | None:
        """The body of a page, None where there have been too many requests."""
        with self._lock:
            now = time.monotonic()
            self.told["requests"] += 1
            while self._recent and self._recent[0] <= now - 1:
                self._recent.popleft()
            if self._limit and len(self._recent) >= self._limit:
                self.told["refused"] += 1
                return None
            self._recent.append(now)
        if self._latency_s:
            time.sleep(self._latency_s)
        if after is not None:
            return self._since(name, number, after)
        starts = self._starts[name]
        if number > len(starts) - 1:
            return _page([], self._sizes[name], self._turn)
        with (self._folder / name).open("rb") as file:
            file.seek(starts[number - 1])
            return file.read(starts[number] - starts[number - 1])

    def _since(self, name: str, number: int, after: str) -> bytes:
        rows = []
        if after < _told(AS_OF + timedelta(hours=self._turn)) and self._turn:
            rows = [LISTS[name](i, self._turn) for i in range(self._turn, self._sizes[name], RARE)]
        shown = rows[(number - 1) * self._page : number * self._page]
        return _page(shown, len(rows), self._turn)


def serve(vendor: Vendor) -> None:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 1 << 20
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = parse_qs(parts.query)
            name = parts.path.strip("/")
            if name in LISTS:
                after = query.get("updated_after", [None])[0]
                body = vendor.page(name, int(query["page"][0]), after)
            elif name == "advance":
                body = vendor.advance()
            else:
                body = msgspec.json.encode(vendor.told)
            self.send_response(429 if body is None else 200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    print(server.server_port, flush=True)
    server.serve_forever()


@contextmanager
def serving(
    folder: Path, tickets: int, latency_s: float = 0, limit: int = 0, page: int = PAGE
) -> Iterator[str]:
    """The URL of such an API with so many tickets; its pages lie in `folder`."""
    told = map(str, (folder, tickets, latency_s, limit, page))
    command = [sys.executable, __file__, *told]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


if __name__ == "__main__":
    folder, tickets, latency_s, limit, page = sys.argv[1:]
    serve(Vendor(Path(folder), int(tickets), float(latency_s), int(limit), int(page)))
