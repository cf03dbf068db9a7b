"""Items that are none: a vendor's answers of which every list has one thing that is no object."""

from __future__ import annotations

import json
from typing import Any, Final

import httpx

NONSENSE: Final = "nonsense"
DEPTH: Final = 2
"""Lists lie so deep in an answer at most."""


class Spoilt(httpx.BaseTransport):
    """`inner`, in whose JSON answers the last of several objects in a list is a word."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._inner.handle_request(request)
        body = answer.read()
        try:
            told = _spoilt(json.loads(body), DEPTH)
        except ValueError:
            return answer
        headers = {k: v for k, v in answer.headers.items() if k.lower() != "content-length"}
        text = json.dumps(told)
        return httpx.Response(answer.status_code, headers=headers, text=text, request=request)


def _spoilt(value: Any, depth: int) -> Any:
    if isinstance(value, dict) and depth:
        return {name: _spoilt(one, depth - 1) for name, one in value.items()}
    if isinstance(value, list) and len(value) > 1 and all(isinstance(one, dict) for one in value):
        return [*value[:-1], NONSENSE]
    return value
