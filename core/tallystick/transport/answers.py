"""What an answer says: taken, refused for this record, not now, or not with this login."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

import httpx

from tallystick.errors import Retry, SkipRecord, Stop
from tallystick.transport.exact_json import DubiousError, exact_json
from tallystick.transport.guard import NO_ADDRESS
from tallystick.transport.scrub import Secrets

SECRETS = "tallystick.secrets"
"""The request extension that carries what no sentence about the request may quote."""
WHY_LENGTH_MAX = 300
UNREACHED = {
    NO_ADDRESS: "its name leads to no address",
    "refused": "nothing takes connections there",
    "CERTIFICATE_VERIFY_FAILED": "its certificate is none that this machine trusts",
    "WRONG_VERSION_NUMBER": "it does not speak https there",
}
"""What the way to a vendor reports, and what that means."""


def silent(error: httpx.RequestError, request: httpx.Request, connection: str) -> Retry:
    """Nobody knows whether the request arrived; without a connection it did not."""
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        return Retry(
            f"{request.url.host} could not be reached: {_unreached(error)}.",
            do="Nothing was sent. Check host and network, then run this again.",
            connection=connection,
        )
    return Retry(
        f"{request.url.host} did not answer: {type(error).__name__}.",
        do="Nothing may be assumed done. Run this again; if it stays so, check host and network.",
        connection=connection,
    )


def _unreached(error: httpx.RequestError) -> str:
    """Why there was no connection. Its own words are not quoted, as in `silent`."""
    if isinstance(error, httpx.ConnectTimeout):
        return "no connection came about in time"
    said = str(error)
    return next((words for sign, words in UNREACHED.items() if sign in said), "ConnectError")


def unreadable(who: str, what: str, then: str, connection: str) -> Retry:
    """An answer that came as one and is none: `what` it is, and what to do `then`, if it stays."""
    return Retry(
        f"{who} answered with what is {what}.",
        do=f"Nothing of it was used. Run this again; if it stays so, {then}.",
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


def taken(
    response: httpx.Response,
    connection: str,
    *,
    record: str | None = None,
    ref: str | None = None,
    why: Callable[[Any], str] | None = None,
) -> Any:
    """What the vendor answers: the JSON of a 2xx, as `json_of` reads it.

    Raises `SkipRecord` for a 4xx about `record` with the id or key `ref`; `why` finds the vendor's
    reason, in a few words, in the JSON it gives with one.
    """
    if response.is_error:
        raise refused(response, connection, record=record, ref=ref, why=_reason(response, why))
    return json_of(response, connection)


def clock_of(response: httpx.Response) -> datetime | None:
    """What the vendor's own clock showed when it answered, None where it does not tell."""
    try:
        return parsedate_to_datetime(response.headers["date"]).astimezone(UTC)
    except (KeyError, ValueError):
        return None


def json_of(response: httpx.Response, connection: str) -> Any:
    """The JSON value of a body: numbers with a point as `Decimal`, never float.

    Raises `Retry` for what is no JSON (an HTML page, half an answer), `SkipRecord` for JSON
    nobody should book from: a key twice in one object, NaN, or a number beyond all measure.
    """
    try:
        return exact_json(response.content)
    except DubiousError as error:
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


def _reason(response: httpx.Response, why: Callable[[Any], str] | None) -> str:
    if why is None:
        return ""
    try:
        return why(exact_json(response.content))
    except (ValueError, RecursionError):  # a reason that nobody can read is none
        return ""


def _path(response: httpx.Response) -> str:
    return _hidden(response, response.request.url.path)


def _hidden(response: httpx.Response, text: str) -> str:
    known = response.request.extensions.get(SECRETS)
    return (known if isinstance(known, Secrets) else Secrets()).hide(text)


def _kind(response: httpx.Response) -> str:
    return str(response.headers.get("content-type", "no content type")).partition(";")[0]
