"""A request waits for its turn under the tenant's quota and for a seat, then goes out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Final

import httpx

from tallystick.errors import Retry
from tallystick.transport.pace import Pace
from tallystick.transport.retry_after import asked_wait_s
from tallystick.transport.seats import Seats

TURN_WAIT_S_MAX: Final = 600
"""Who would wait longer for a turn comes back later instead."""
LATE_S_MAX: Final = 0.03
"""Who comes later than this to a turn has missed it: many who are late would go in a burst."""
PAUSE_S_MAX: Final = 3600
"""For how long a vendor's 429 silences everybody at most."""


class Paced(httpx.BaseTransport):
    """`inner` within `pace` and `seats`."""

    def __init__(
        self,
        inner: httpx.BaseTransport,
        connection: str,
        pace: Pace,
        seats: Seats,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._inner = inner
        self._connection = connection
        self._pace = pace
        self._seats = seats
        self._sleep = sleep

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        seat = self._seats.take()
        try:
            self._await_turn(request.url.host)
            response = self._inner.handle_request(request)
        except BaseException:
            self._seats.leave(seat)
            raise
        if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
            self._pace.pause(min(asked_wait_s(response, time.time()) or 0, PAUSE_S_MAX))
        assert isinstance(response.stream, httpx.SyncByteStream)  # noqa: S101 - true of sync transports
        response.stream = _Seated(response.stream, lambda: self._seats.leave(seat))
        return response

    def close(self) -> None:
        self._inner.close()

    def _await_turn(self, host: str) -> None:
        wait = self._pace.turn(TURN_WAIT_S_MAX)
        while wait > 0:
            if wait > TURN_WAIT_S_MAX:
                raise Retry(
                    f"{host} takes no more requests for {wait:.0f} s: our share of its quota is"
                    " used, or it asked us to pause.",
                    do="Nothing was sent. Run this again then.",
                    connection=self._connection,
                )
            began = time.monotonic()
            self._sleep(wait)
            late = time.monotonic() - began - wait > LATE_S_MAX
            wait = self._pace.turn(TURN_WAIT_S_MAX) if late else self._pace.paused_s()


class _Seated(httpx.SyncByteStream):
    """A body whose seat is left when it is closed, once."""

    def __init__(self, body: httpx.SyncByteStream, leave: Callable[[], None]) -> None:
        self._body = body
        self._leave: Callable[[], None] | None = leave

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._body)

    def close(self) -> None:
        leave, self._leave = self._leave, None
        try:
            self._body.close()
        finally:
            if leave is not None:
                leave()
