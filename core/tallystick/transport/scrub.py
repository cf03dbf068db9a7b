"""Taking secrets out of sentences and logs: those we know, however they are spelled, and those that
stand where secrets stand."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import quote, quote_plus

HIDDEN: Final = "(secret)"

_NAMES: Final = (
    r"[\w-]*(?:token|secret|passw|pwd|api_?-?key|apikey|integrationcode|authorization|signature"
    r"|assertion|credential|session_?id|cookie)[\w-]*"
)
_IN_JSON: Final = re.compile(rf'("{_NAMES}"\s*:\s*)"(?:[^"\\]|\\.)*"', re.IGNORECASE)
_IN_FORM: Final = re.compile(rf"((?:^|[?&\s])(?:{_NAMES}|code|sig)=)[^&\s\"']+", re.IGNORECASE)
_IN_WORDS: Final = re.compile(r"\b(Bearer|Basic|Token)\s+[A-Za-z0-9+/._~=-]{6,}")
_TELLING: Final = re.compile(_NAMES, re.IGNORECASE)


class Secrets:
    """The secrets of one connection. Tokens it is given on the way are added."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._spellings: list[str] = []
        self.add(*secrets)

    def add(self, *secrets: str) -> None:
        spelled = {one for secret in secrets if secret for one in spellings(secret)}
        self._spellings = sorted(spelled.union(self._spellings), key=len, reverse=True)

    def hide_known(self, text: str) -> str:
        """`text` without them. In one pass: what was put in their place is left alone."""
        if not self._spellings:
            return text
        known = "|".join(map(re.escape, self._spellings))
        return re.sub(known, HIDDEN, text)

    def hide(self, text: str) -> str:
        """`text` without them, and without what looks like a secret by its place."""
        text = self.hide_known(text)
        text = _IN_JSON.sub(rf'\1"{HIDDEN}"', text)
        text = _IN_FORM.sub(rf"\1{HIDDEN}", text)
        return _IN_WORDS.sub(rf"\1 {HIDDEN}", text)

    def hide_headers(self, headers: Iterable[tuple[str, str]]) -> dict[str, str]:
        return {
            name: HIDDEN if _TELLING.fullmatch(name) else self.hide(value)
            for name, value in headers
        }


def spellings(secret: str) -> Iterator[str]:
    """A secret as it is, quoted, URL-encoded and in base64."""
    yield secret
    yield repr(secret)[1:-1]
    yield quote(secret)
    yield quote(secret, safe="")
    yield quote_plus(secret)
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        yield encode(secret.encode()).decode().rstrip("=")
