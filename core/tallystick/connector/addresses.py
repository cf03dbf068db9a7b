"""Addresses a connector's settings may have. Import it where settings are defined: it needs
pydantic, which the rest of the public face does without."""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import AfterValidator

_LOOPBACK: Final = re.compile(r"http://(127\.0\.0\.1|localhost|\[::1\]):\d{1,5}")


def _on_this_machine(url: str) -> str:
    if not _LOOPBACK.fullmatch(url):
        raise ValueError(
            "Only a stand-in for the vendor on this machine is taken, such as "
            "http://127.0.0.1:8420. Leave it out to reach the vendor itself."
        )
    return url


def _on_the_web(url: str) -> str:
    if not re.fullmatch(r"https://[^\s<>\"]+", url):
        raise ValueError("It is no address that starts with https://. Correct it.")
    return url


StandIn = Annotated[str, AfterValidator(_on_this_machine)]
"""Where something answers in the vendor's place, for tests: no login ever leaves the machine."""

WebAddress = Annotated[str, AfterValidator(_on_the_web)]
"""A page that a client's browser can be sent to."""
