"""A tape: what a vendor once answered, played back to a connector in place of the network."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx

ANY: Final = "*"
"""As the value of a query key: whatever is asked."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer. A request fits that has the same method and path, and every key
    of `query`; of several that fit, the one with most keys answers."""

    method: str
    path: str
    answer: Any
    query: Mapping[str, str] = field(default_factory=dict)
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    def fits(self, request: httpx.Request) -> bool:
        asked = request.url.params
        return (request.method, request.url.path) == (self.method, self.path) and all(
            key in asked and value in (ANY, asked[key]) for key, value in self.query.items()
        )

    def respond(self, request: httpx.Request) -> httpx.Response:
        body = self.answer if isinstance(self.answer, str) else json.dumps(self.answer)
        kind = "text/plain" if isinstance(self.answer, str) else "application/json"
        headers = {"content-type": kind, **self.headers}
        return httpx.Response(self.status, headers=headers, text=body, request=request)


class Tape(httpx.BaseTransport):
    """Plays `exchanges`, and notes what was asked. What is not on the tape fails the test."""

    def __init__(self, exchanges: Iterable[Exchange]) -> None:
        self._exchanges = list(exchanges)
        self.asked: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.asked.append(request)
        fitting = [one for one in self._exchanges if one.fits(request)]
        if not fitting:
            raise AssertionError(f"{request.method} {request.url} is not on the tape.")
        return max(fitting, key=lambda one: len(one.query)).respond(request)


def read_tape(path: Path) -> Sequence[Exchange]:
    """The exchanges of a JSON file: a list of objects with the fields of `Exchange`."""
    rows = json.loads(path.read_text(encoding="utf-8"))
    return [Exchange(**{"method": "GET", **row}) for row in rows]
