"""Taking secrets out of sentences that others wrote."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

from pydantic import SecretStr

from tallystick.errors import Problem

HIDDEN = "(secret)"


def redacted(problem: Problem, secrets: Iterable[SecretStr]) -> Problem:
    """`problem` without the secrets, plain, URL-encoded or in base64.

    What a connector says should not hold any; this is for the one that does.
    """
    place, what, do = problem.place, problem.what, problem.do
    spellings = {one for secret in secrets for one in _spellings(secret.get_secret_value())}
    for spelled in sorted(spellings, key=len, reverse=True):
        place, what, do = (text.replace(spelled, HIDDEN) for text in (place, what, do))
    return Problem(place, what, do)


def _spellings(secret: str) -> Iterator[str]:
    yield secret
    yield repr(secret)[1:-1]
    yield quote(secret)
    yield quote(secret, safe="")
    yield quote_plus(secret)
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        yield encode(secret.encode()).decode().rstrip("=")
