"""What Stripe refuses, in our three recoveries.

Only a request that was refused as it stood did nothing. A key that is in use, or was used for
another request, leaves open what happened, as does an answer that cannot be read; silence, errors
of Stripe's servers and its limits never come this far (`Context.http`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

import stripe

from tallystick.errors import Retry, SkipRecord, TallystickError

_KEYS: Final = re.compile(r"\b(sk|rk|pk|whsec)_\w+")
_CARD_NUMBER: Final = re.compile(r"\b\d(?:[ -]?\d){12,18}\b")


@dataclass(frozen=True, slots=True)
class About:
    """What a request was about, for the sentence of its error."""

    connection: str
    record: str | None = None
    ref: str | None = None


def scrubbed(text: str) -> str:
    """`text` of Stripe's without what looks like a key or a card number."""
    return _CARD_NUMBER.sub("(number)", _KEYS.sub(r"\1_(secret)", text))


@contextmanager
def told(about: About) -> Iterator[None]:
    """Every error of Stripe's library as one of ours; one of ours is told what it was about."""
    try:
        yield
    except stripe.StripeError as error:
        raise recovery(error, about) from None
    except TallystickError as error:
        error.connection = error.connection or about.connection
        error.record = error.record or about.record
        error.ref = error.ref or about.ref
        raise


def recovery(error: stripe.StripeError, about: About) -> TallystickError:
    said = scrubbed(error.user_message or "").rstrip(".")
    where = {"connection": about.connection, "record": about.record, "ref": about.ref}
    if isinstance(error, stripe.IdempotencyError) or error.http_status == HTTPStatus.CONFLICT:
        what = f"Stripe holds another request under this key: {said}."
        return Retry(what, do="It is asked about at the next run.", **where)
    if isinstance(error, stripe.InvalidRequestError | stripe.CardError):
        gone = error.code == "resource_missing"
        do = "It is gone at Stripe: sync its records." if gone else "Correct it and try again."
        return SkipRecord(f"Stripe does not take it: {said}.", do=do, **where)
    return Retry(
        "Stripe's answer cannot be read, so nobody knows what it did.",
        do="It is asked about at the next run.",
        **where,
    )
