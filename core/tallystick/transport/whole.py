"""Bodies are read whole before anybody sees the answer, and only up to a cap once unpacked.

Half a body is then an error of the request, which goes again where that is safe; a small body that
unpacks into gigabytes is dropped at the cap.
"""

from __future__ import annotations

import httpx

from tallystick.errors import Retry

_PACKING = ("content-encoding", "content-length", "transfer-encoding")


class Whole(httpx.BaseTransport):
    """`inner`, its answers read; raises `Retry` for a body longer than `bytes_max`."""

    def __init__(self, inner: httpx.BaseTransport, connection: str, bytes_max: int) -> None:
        self._inner = inner
        self._connection = connection
        self._bytes_max = bytes_max

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._inner.handle_request(request)
        body = bytearray()
        try:
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > self._bytes_max:
                    raise Retry(
                        f"{request.url.host} answered with more than {self._bytes_max:,} bytes.",
                        do="Try again; if it stays so, ask the vendor what it sends.",
                        connection=self._connection,
                    )
        finally:
            response.close()
            if isinstance(response.stream, httpx.SyncByteStream):
                response.stream.close()  # an answer that came read is closed without it
        return httpx.Response(
            response.status_code,
            headers=[one for one in response.headers.multi_items() if one[0] not in _PACKING],
            content=bytes(body),
            extensions=response.extensions,
        )

    def close(self) -> None:
        self._inner.close()
