"""The fake Stripe as a real HTTP server on this machine, with faults on demand.

Every request and every answer is held against Stripe's own document; what does not fit is kept in
`violations`. A fault is used up by the next request:

    lost      it is done, and the line goes dead before the answer
    unseen    the line goes dead before anything is done
    broken    it is done, and Stripe stores and tells an error of its own (500)
    fails     Stripe fails (500) before it is done, and stores that
    busy      429, with Retry-After
    cut       it is done, and half of the answer arrives
    page      a sign-in page, with 200
"""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from . import spec
from .api import Answer, Api
from .form import parsed
from .payments import Refused

FAILED = Refused(500, "api_error", "", "An unknown error occurred.", stored=True)


@dataclass
class FakeStripe:
    api: Api
    url: str = ""
    faults: deque[str] = field(default_factory=deque)
    requests: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)

    def handle(self, method: str, path: str, headers: dict[str, str], text: str) -> bytes | None:
        """The whole answer as bytes of HTTP, None for a dead line."""
        sent = parsed(text)
        self.requests.append((method, path, sent))
        fault = self.faults.popleft() if self.faults else ""
        if fault == "unseen":
            return None
        if fault == "busy":
            told = {"error": {"type": "invalid_request_error", "code": "rate_limit"}}
            return _http(429, json.dumps(told), {"Retry-After": "0"})
        if fault == "page":
            return _http(200, "<html>Please sign in</html>", {})
        self.api.breaks = lambda when: _break(fault, when)
        answer = self.api.answer(method, path, headers, sent)
        if answer.status not in (400, 401):
            self.violations += spec.check_request(method, path, sent)
        self.violations += spec.check_answer(method, path, answer.status, answer.body)
        if fault == "lost":
            return None
        return self._told(answer, fault)

    def _told(self, answer: Answer, fault: str) -> bytes:
        text = json.dumps(answer.body)
        headers = {"Request-Id": f"req_{len(self.requests)}"}
        if answer.replayed:
            headers["Idempotent-Replayed"] = "true"
        return _http(answer.status, text[: len(text) // 2] if fault == "cut" else text, headers)


def _break(fault: str, when: str) -> None:
    if (fault, when) in (("fails", "before"), ("broken", "after")):
        raise FAILED


def _http(status: int, text: str, headers: dict[str, str]) -> bytes:
    body = text.encode()
    lines = [f"HTTP/1.1 {status} Told", "Content-Type: application/json", "Connection: close"]
    lines += [f"Content-Length: {len(body)}", *(f"{k}: {v}" for k, v in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


@contextmanager
def serving(api: Api) -> Iterator[FakeStripe]:
    fake = FakeStripe(api)
    one_at_a_time = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            path, _, query = self.path.partition("?")
            text = self.rfile.read(length).decode() if self.command == "POST" else query
            headers = {name.lower(): value for name, value in self.headers.items()}
            with one_at_a_time:
                answer = fake.handle(self.command.lower(), path, headers, text)
            self.close_connection = True
            if answer is not None:
                self.wfile.write(answer)

        do_GET = do_POST = _answer  # noqa: N815 - so the library names what it calls

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
