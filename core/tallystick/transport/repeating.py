"""The same request again, where nothing can happen twice by it, when the vendor is busy or silent.

Safe are reading methods, requests that carry an `Idempotency-Key`, and those marked with the
extension `repeatable` (a search by POST, a vendor's own key). Others go again only when they
cannot have been acted on: no connection was made, or the vendor refused with 429.
"""

from __future__ import annotations

from time import sleep, time
from typing import Any, Final

import httpx
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    retry_if_result,
    wait_random_exponential,
)

from tallystick.transport.retry_after import asked_wait_s

TRIES_MAX: Final = 5
PATIENCE_S: Final = 60
"""A vendor who asks for a longer wait is not waited for: the run goes on without."""
READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
BUSY: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
REFUSED_UNSEEN: Final = 429
NEVER_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


def repeatable(request: httpx.Request) -> bool:
    """Whether sending it twice has the effect of sending it once."""
    marked = request.extensions.get("repeatable") is True
    return request.method in READING or bool(request.headers.get("idempotency-key")) or marked


class Repeating(httpx.BaseTransport):
    """`inner`, asked up to `TRIES_MAX` times within `PATIENCE_S`. The last answer or error is
    given as it came."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        safe = repeatable(request)
        tries = Retrying(
            retry=retry_if_exception(
                lambda error: isinstance(error, httpx.RequestError if safe else NEVER_SENT)
            )
            | retry_if_result(
                lambda answer: answer.status_code in (BUSY if safe else {REFUSED_UNSEEN})
            ),
            wait=_wait_s,
            stop=_enough,
            sleep=sleep,
            retry_error_callback=_last,
        )
        return tries(self._inner.handle_request, request)

    def close(self) -> None:
        self._inner.close()


_BACKING_OFF: Final = wait_random_exponential(multiplier=0.5, max=20)


def _wait_s(state: RetryCallState) -> float:
    """What the vendor asks for and a little more, so that not all come back at once; else longer
    each time."""
    backing_off = float(_BACKING_OFF(state))
    if state.outcome is None or state.outcome.failed:
        return backing_off
    asked = asked_wait_s(state.outcome.result(), time())
    return backing_off if asked is None else asked + min(1.0, backing_off)


def _enough(state: RetryCallState) -> bool:
    """Only waits between tries count as waiting: a turn under the quota may take its time."""
    waited = state.idle_for + state.upcoming_sleep
    return state.attempt_number >= TRIES_MAX or waited > PATIENCE_S


def _last(state: RetryCallState) -> Any:
    assert state.outcome is not None  # noqa: S101 - it is asked for after a try
    return state.outcome.result()
