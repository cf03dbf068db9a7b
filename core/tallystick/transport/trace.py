"""The request log for support: one JSON line for every request that went out, scrubbed.

    {"at": "2026-11-25T10:00:00.123+00:00", "connection": "psa", "seconds": 0.21, "method": "GET",
     "url": ..., "headers": {...}, "body": ..., "status": 200,
     "answer_headers": {...}, "answer": ...}

`error` stands in the place of `status` where no answer came.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpx

from tallystick.errors import Stop
from tallystick.transport.scrub import Secrets

BODY_BYTES_MAX: Final = 64 << 10
"""So much of a body is read for the log."""
PACKED: Final = "(packed)"


class Traced(httpx.BaseTransport):
    """`inner`, with a line in the file at `path` for what it does."""

    def __init__(
        self, inner: httpx.BaseTransport, path: Path, connection: str, secrets: Secrets
    ) -> None:
        self._inner = inner
        self._connection = connection
        self._secrets = secrets
        self._path = path

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        started = time.monotonic()
        line: dict[str, Any] = {
            "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "connection": self._connection,
            "method": request.method,
            "url": self._secrets.hide(str(request.url)),
            "headers": self._secrets.hide_headers(request.headers.items()),
            "body": self._secrets.hide(request.read()[:BODY_BYTES_MAX].decode(errors="replace")),
        }
        try:
            response = self._inner.handle_request(request)
        except Exception as error:
            self._write(line | {"error": type(error).__name__}, started)
            raise
        line |= {
            "status": response.status_code,
            "answer_headers": self._secrets.hide_headers(response.headers.items()),
        }
        plain = response.headers.get("content-encoding", "identity") == "identity"
        response.stream = _Heard(
            response.stream,  # type: ignore[arg-type]  # a sync transport gives a sync stream
            lambda body: self._write(
                line | {"answer": self._secrets.hide(body) if plain else PACKED}, started
            ),
        )
        return response

    def close(self) -> None:
        self._inner.close()

    def _write(self, line: dict[str, Any], started: float) -> None:
        text = json.dumps(line | {"seconds": round(time.monotonic() - started, 3)})
        try:
            fd = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                os.write(fd, text.encode() + b"\n")
            finally:
                os.close(fd)
        except OSError as error:
            raise Stop(
                f"The trace file {self._path} cannot be written: {error.strerror}.",
                do="Give `--trace` a file in a folder you may write to.",
            ) from None


class _Heard(httpx.SyncByteStream):
    """A body of which the beginning is told when it is closed."""

    def __init__(self, body: httpx.SyncByteStream, tell: Callable[[str], None]) -> None:
        self._body = body
        self._tell: Callable[[str], None] | None = tell
        self._start = bytearray()

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._body:
            self._start += chunk[: BODY_BYTES_MAX - len(self._start)]
            yield chunk

    def close(self) -> None:
        tell, self._tell = self._tell, None
        try:
            self._body.close()
        finally:
            if tell is not None:
                tell(self._start.decode(errors="replace"))
