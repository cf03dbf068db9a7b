"""What an answer says: taken, refused for this record, not now, or not with this login."""

from __future__ import annotations

import json
from decimal import Decimal
from http import HTTPStatus
from typing import Any, NoReturn

import httpx

from tallystick.errors import Retry, SkipRecord, Stop
from tallystick.transport.scrub import Secrets

SECRETS = "tallystick.secrets"
"""The request extension that carries what no sentence about the request may quote."""
WHY_LENGTH_MAX = 300
EXPONENT_MAX = 30
"""No amount, rate or quantity has as many digits before its point; `1e400` would fill memory."""


def silent(error: httpx.RequestError, request: httpx.Request, connection: str) -> Retry:
    """Nobody knows whether the request arrived."""
    return Retry(
        f"{request.url.host} did not answer: {type(error).__name__}.",
        do="Nothing may be assumed done. Run this again; if it stays so, check host and network.",
        connection=connection,
    )


def must_be_served(response: httpx.Response, connection: str) -> None:
    """Raises `Retry` or `Stop` for an answer that says nothing about the request itself."""
    code, host = response.status_code, response.request.url.host
    if code == HTTPStatus.UNAUTHORIZED:
        raise Stop(
            f"{host} does not accept the login (401).",
            do="Check key or token in the connection's settings; it may have expired.",
            connection=connection,
        )
    if code == HTTPStatus.FORBIDDEN:
        raise Stop(
            f"{host} does not let this login use {_path(response)} (403).",
            do="Give the login this right at the vendor, or take the record out of the config.",
            connection=connection,
        )
    if response.has_redirect_location:
        raise Stop(
            f"{host} sends us elsewhere ({code}); redirects are not followed.",
            do="Write the address it now has into the connection's settings.",
            connection=connection,
        )
    if code == HTTPStatus.TOO_MANY_REQUESTS:
        raise Retry(
            f"{host} takes no more requests for now (429).",
            do="Nothing was lost. Run this again later.",
            connection=connection,
        )
    if code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise Retry(
            f"{host} failed ({code}).",
            do="Nothing may be assumed done. Run this again; if it stays so, ask the vendor.",
            connection=connection,
        )


def json_of(response: httpx.Response, connection: str) -> Any:
    """The JSON value of a body: numbers with a point as `Decimal`, never float.

    Raises `Retry` for what is no JSON (an HTML page, half an answer), `SkipRecord` for JSON
    nobody should book from: a key twice in one object, NaN, or a number beyond all measure.
    """
    try:
        text = response.content.decode("utf-8-sig")
        return json.loads(
            text,
            parse_float=_decimal,
            parse_int=_integer,
            parse_constant=_no_number,
            object_pairs_hook=_each_once,
        )
    except _DubiousError as error:
        raise SkipRecord(
            f"The answer of {_path(response)} has {error}.",
            do="Ask the vendor to correct it; nothing of it was used.",
            connection=connection,
        ) from None
    except (ValueError, RecursionError):
        raise Retry(
            f"{response.request.url.host} answered {response.status_code} with what is no JSON"
            f" ({_kind(response)}, {len(response.content):,} bytes).",
            do="Run this again; if it stays so, check the address and that no sign-in page"
            " stands before it.",
            connection=connection,
        ) from None


def refused(
    response: httpx.Response,
    connection: str,
    *,
    record: str | None = None,
    ref: str | None = None,
    why: str = "",
) -> SkipRecord:
    """The `SkipRecord` for a 4xx about one record; `why` is the vendor's reason, in a few words."""
    host, code = response.request.url.host, response.status_code
    reason = _hidden(response, why).strip().rstrip(".")[:WHY_LENGTH_MAX]
    told = f": {reason}" if reason else ""
    return SkipRecord(
        f"{host} refuses it ({code}){told}.",
        do="Correct the record, or what it is mapped to, and run this again.",
        connection=connection,
        record=record,
        ref=ref,
    )


class _DubiousError(ValueError):
    """JSON that different readers read differently."""


def _decimal(text: str) -> Decimal:
    number = Decimal(text)
    if number and abs(number.adjusted()) > EXPONENT_MAX:
        raise _DubiousError(f"a number as {text[:20]}")
    return number


def _integer(text: str) -> int:
    if len(text.lstrip("-")) > EXPONENT_MAX:
        raise _DubiousError(f"a number of {len(text.lstrip('-'))} digits")
    return int(text)


def _no_number(text: str) -> NoReturn:
    raise _DubiousError(f"{text} where a number should be")


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _DubiousError(f"the key {twice[:40]!r} twice in one object")
    return found


def _path(response: httpx.Response) -> str:
    return _hidden(response, response.request.url.path)


def _hidden(response: httpx.Response, text: str) -> str:
    known = response.request.extensions.get(SECRETS)
    return (known if isinstance(known, Secrets) else Secrets()).hide(text)


def _kind(response: httpx.Response) -> str:
    return str(response.headers.get("content-type", "no content type")).partition(";")[0]
