"""The receiver: stored first, then acknowledged; whoever is not the provider learns nothing."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from tallystick.errors import SkipRecord, Stop
from tallystick.web.listening import listening
from tallystick.web.receiver import BODY_MAX_BYTES, application

SECRET = "the reason nobody outside is told"


@dataclass
class Inbox:
    """What was stored; `fails` is raised in place of storing."""

    stored: list[tuple[str, str, bytes]] = field(default_factory=list)
    fails: Exception | None = None
    alive: bool = True

    def receive(self, connection: str, headers: Mapping[str, str], body: bytes) -> None:
        if self.fails is not None:
            raise self.fails
        self.stored.append((connection, headers.get("signature", ""), body))


@dataclass
class Caller:
    inbox: Inbox
    port: int

    def __call__(
        self, method: str, path: str, body: bytes = b"", **headers: str
    ) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()


@contextmanager
def serving() -> Iterator[Caller]:
    inbox = Inbox()
    with listening(application(inbox.receive, lambda: inbox.alive), "127.0.0.1", 0) as port:
        yield Caller(inbox, port)


@pytest.fixture(scope="module")
def server() -> Iterator[Caller]:
    with serving() as caller:
        yield caller


@pytest.fixture
def call(server: Caller) -> Caller:
    server.inbox.stored.clear()
    server.inbox.fails, server.inbox.alive = None, True
    return server


def test_the_raw_body_is_stored_before_the_answer(call: Caller) -> None:
    body = b'{"id": "evt_1",  "n": 1.10}\r\n\xff'
    assert call("POST", "/webhooks/pay", body, Signature="t=1") == (200, "ok\n")
    assert call.inbox.stored == [("pay", "t=1", body)]


@pytest.mark.parametrize(
    ("failure", "status"),
    [
        (SkipRecord(SECRET, do="x"), 400),
        (Stop(SECRET, do="x"), 503),
        (LookupError(SECRET), 404),
        (ZeroDivisionError(SECRET), 503),
    ],
)
def test_no_failure_says_why(call: Caller, failure: Exception, status: int) -> None:
    call.inbox.fails = failure
    found, said = call("POST", "/webhooks/pay", b"{}")
    assert (found, SECRET in said, call.inbox.stored) == (status, False, [])


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
def test_nothing_but_a_post_changes_anything(call: Caller, method: str) -> None:
    assert call(method, "/webhooks/pay", b"{}")[0] == 405
    assert call("GET", "/elsewhere")[0] == 404
    assert call.inbox.stored == []


def test_too_long_a_body_is_not_read(call: Caller) -> None:
    assert call("POST", "/webhooks/pay", b"x" * BODY_MAX_BYTES)[0] == 200
    with socket.create_connection(("127.0.0.1", call.port), timeout=10) as raw:
        head = f"POST /webhooks/pay HTTP/1.1\r\nhost: x\r\ncontent-length: {10**12}\r\n\r\n"
        raw.sendall(head.encode())
        assert raw.recv(100).startswith(b"HTTP/1.1 413")
    with socket.create_connection(("127.0.0.1", call.port), timeout=10) as raw:
        raw.sendall(b"POST /webhooks/pay HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n")
        chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
        for _ in range(BODY_MAX_BYTES // 0x10000 + 1):
            raw.sendall(chunk)
        assert raw.recv(100).startswith(b"HTTP/1.1 413")
    assert len(call.inbox.stored) == 1


def test_health_says_whether_the_engine_works(call: Caller) -> None:
    assert call("GET", "/health") == (200, "ok\n")
    call.inbox.alive = False
    assert call("GET", "/health")[0] == 503


def test_an_address_in_use_is_a_sentence(call: Caller) -> None:
    with pytest.raises(Stop, match="not to be had"), listening(None, "127.0.0.1", call.port):
        pass
