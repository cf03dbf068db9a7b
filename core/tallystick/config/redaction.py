"""Taking secrets out of sentences that others wrote."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import SecretStr

from tallystick.errors import Problem
from tallystick.transport.scrub import HIDDEN, spellings


def redacted(problem: Problem, secrets: Iterable[SecretStr]) -> Problem:
    """`problem` without the secrets, plain, URL-encoded or in base64.

    What a connector says should not hold any; this is for the one that does.
    """
    place, what, do = problem.place, problem.what, problem.do
    spelled_out = {one for secret in secrets for one in spellings(secret.get_secret_value())}
    for spelled in sorted(spelled_out, key=len, reverse=True):
        place, what, do = (text.replace(spelled, HIDDEN) for text in (place, what, do))
    return Problem(place, what, do)
