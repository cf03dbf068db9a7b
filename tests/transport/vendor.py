"""A real HTTP server on loopback, for what only shows between real sockets, threads, processes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit


class Asked(NamedTuple):
    """A request as it arrived; `at` in seconds of the machine's monotonic clock."""

    at: float
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


class Answer(NamedTuple):
    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = {}
    hangs_up_after: int | None = None
    """Close the connection after so many bytes of the body."""


@dataclass
class Vendor:
    url: str
    answer: Callable[[Asked], Answer]
    asked: list[Asked] = field(default_factory=list)
    at_once: int = 0
    at_once_max: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def most_in(self, seconds: float) -> int:
        """The most requests that arrived in any window of so many seconds."""
        times = sorted(one.at for one in self.asked)
        return max(
            sum(start <= other < start + seconds for other in times[i:])
            for i, start in enumerate(times)
        )


@contextmanager
def serving(answer: Callable[[Asked], Answer]) -> Iterator[Vendor]:
    vendor = Vendor("", answer)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 1 << 16
        disable_nagle_algorithm = True

        def handle_any(self) -> None:
            at = time.monotonic()
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            parts = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            query = dict(parse_qsl(parts.query))
            asked = Asked(at, self.command, parts.path, query, headers, body)
            with vendor.lock:
                vendor.asked.append(asked)
                vendor.at_once += 1
                vendor.at_once_max = max(vendor.at_once_max, vendor.at_once)
            try:
                answer = vendor.answer(asked)
            finally:
                with vendor.lock:
                    vendor.at_once -= 1
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body[: answer.hangs_up_after])
            if answer.hangs_up_after is not None:
                self.close_connection = True

        do_GET = do_POST = do_PUT = handle_any  # noqa: N815 - the names http.server calls

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """A client that hangs up is no news."""

    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    vendor.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield vendor
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
