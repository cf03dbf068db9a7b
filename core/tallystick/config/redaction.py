"""Taking secrets out of sentences that others wrote."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import SecretStr

from tallystick.errors import Problem
from tallystick.transport.scrub import Secrets


def redacted(problem: Problem, secrets: Iterable[SecretStr]) -> Problem:
    """`problem` without the secrets, plain, URL-encoded or in base64.

    What a connector says should not hold any; this is for the one that does.
    """
    known = Secrets(secret.get_secret_value() for secret in secrets)
    return Problem(*map(known.hide_known, (problem.place, problem.what, problem.do)))
