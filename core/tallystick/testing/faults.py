"""What goes wrong between a connector and its vendor, one fault each, laid over what answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import httpx

Answer = Callable[[httpx.Request, Callable[[httpx.Request], httpx.Response]], httpx.Response]
"""Given a request and how it would be answered: what comes back instead."""


class Faulty(httpx.BaseTransport):
    """`inner`, of which the requests from number `first` on (0 is the first) are answered by
    `fault`, `times` of them or all."""

    def __init__(
        self, inner: httpx.BaseTransport, fault: Answer, first: int = 0, times: int | None = None
    ) -> None:
        self._inner, self._fault = inner, fault
        self._first, self._times = first, times
        self.asked = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        at = self.asked - self._first
        self.asked += 1
        if at >= 0 and (self._times is None or at < self._times):
            return self._fault(request, self._inner.handle_request)
        return self._inner.handle_request(request)


def status(code: int, **headers: str) -> Answer:
    def fault(request: httpx.Request, _: object) -> httpx.Response:
        return httpx.Response(code, headers=headers, json={"message": "no"}, request=request)

    return fault


def page_of_html(request: httpx.Request, _: object) -> httpx.Response:
    text = "<!doctype html><title>Sign in</title>"
    return httpx.Response(200, headers={"content-type": "text/html"}, text=text, request=request)


def cut_short(
    request: httpx.Request, answered: Callable[[httpx.Request], httpx.Response]
) -> httpx.Response:
    body = answered(request).read()
    half = body[: max(1, len(body) // 2)]
    return httpx.Response(
        200, headers={"content-type": "application/json"}, content=half, request=request
    )


def lost_before(request: httpx.Request, _: object) -> httpx.Response:
    raise httpx.ConnectError("nobody is there", request=request)


def lost_after(
    request: httpx.Request, answered: Callable[[httpx.Request], httpx.Response]
) -> httpx.Response:
    """It arrived and had its effect; the answer did not come back."""
    answered(request)
    raise httpx.ReadTimeout("no answer", request=request)


def dated(
    request: httpx.Request, answered: Callable[[httpx.Request], httpx.Response]
) -> httpx.Response:
    """No fault: it is told when it was answered, as servers do."""
    response = answered(request)
    response.headers.setdefault("date", "Tue, 01 Sep 2026 12:00:00 GMT")
    return response


TRANSIENT: Final[dict[str, Answer]] = {
    "429": status(429),
    "500": status(500),
    "503": status(503),
    "an HTML page with 200": page_of_html,
    "half an answer": cut_short,
    "nobody there": lost_before,
    "no answer": lost_after,
}
"""Faults after which the same call may succeed: a connector raises `Retry`."""

REFUSED: Final[dict[str, Answer]] = {"401": status(401), "403": status(403)}
"""Faults that only a person can mend: a connector raises `Stop`."""

MIDWAY: Final[dict[str, Answer]] = {
    **{name: TRANSIENT[name] for name in ("429", "half an answer", "no answer")},
    "401": REFUSED["401"],
}
"""Faults in the middle of a pull, each from then on."""
