"""Receive: an event is stored whole before it is acknowledged, and processed afterwards.

    POST /webhooks/<connection>   200 stored, or known already
                                  400 not surely the provider's: signature, age, text
                                  404 no such connection, or one that tells no events
                                  413 too long
                                  503 its secret is not set, or it could not be stored: send again
    GET /health                   200 the engine works, 503 it does not

No answer says more than its status: whoever asks without a signature learns nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Final

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from tallystick.errors import SkipRecord, Stop

BODY_MAX_BYTES: Final = 1_000_000
"""Providers' events are some kilobytes; Stripe's and GoCardless' limits lie far below this."""
WORDS: Final = {
    200: "ok",
    400: "not accepted",
    404: "not found",
    413: "too long",
    503: "not available",
}
Receive = Callable[[str, Mapping[str, str], bytes], None]
"""Stores the event of one delivery to a connection: headers by lower-case name, and the raw body.
Raises `LookupError` where nobody listens, `SkipRecord` for what is not the provider's, `Stop` when
it cannot tell."""
log = logging.getLogger(__name__)


def application(receive: Receive, alive: Callable[[], bool]) -> Starlette:
    """The ASGI application. Nothing but a POST with a signed event changes anything."""

    async def webhook(request: Request) -> Response:
        connection = str(request.path_params["connection"])
        try:
            body = await _body(request)
        except ClientDisconnect:
            return _answer(400)
        if body is None:
            return _answer(413)
        return _answer(await run_in_threadpool(_received, receive, connection, request, body))

    async def health(_: Request) -> Response:
        return _answer(200 if alive() else 503)

    return Starlette(
        routes=[
            Route("/webhooks/{connection}", webhook, methods=["POST"]),
            Route("/health", health, methods=["GET"]),
        ]
    )


async def _body(request: Request) -> bytes | None:
    """The raw body, None when it is longer than any event; no more of it is read then."""
    said = request.headers.get("content-length", "")
    if said.isdecimal() and int(said) > BODY_MAX_BYTES:
        return None
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_MAX_BYTES:
            return None
    return bytes(body)


def _received(receive: Receive, connection: str, request: Request, body: bytes) -> int:
    """The status of one delivery; why it was not taken is told to the log alone."""
    try:
        receive(connection, dict(request.headers), body)
    except LookupError:
        return 404
    except SkipRecord as error:
        log.warning("webhook of %s not accepted: %s", connection, error)
        return 400
    except Stop as error:
        log.error("webhook of %s cannot be taken: %s", connection, error)  # noqa: TRY400 - it is a sentence already
        return 503
    except Exception:
        log.exception("webhook of %s failed", connection)
        return 503
    return 200


def _answer(status: int) -> Response:
    return PlainTextResponse(WORDS[status] + "\n", status)
