"""Invoice numbers in what a payer wrote, as people and banks spell them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from tallystick.cash.recognising.creditor_reference import apart, belied

_LEFT_OUT: Final = re.compile(r"[^A-Z0-9]")
_BETWEEN: Final = r"[^A-Z0-9]{0,3}"
"""What may stand between two characters of a number: `INV 2026/0007`, a line break, nothing."""
LENGTH_MIN: Final = 4
"""A shorter number, bare of punctuation, stands in too many texts by chance to mean anything."""


class Numbers:
    """An index over invoice numbers; finding those in a text costs the text's length."""

    def __init__(self, numbers: Iterable[str]) -> None:
        self._by_bare: dict[str, list[str]] = {}
        for number in numbers:
            if len(plain := bare(number)) >= LENGTH_MIN:
                self._by_bare.setdefault(plain, []).append(number)
        self._lengths = sorted({len(plain) for plain in self._by_bare})

    def named_in(self, text: str) -> list[str]:
        """The numbers `text` names, in order; case, spaces and punctuation do not matter.

        A number is not named by a longer one that contains it, nor by a run of digits that
        goes on before or after it. Two numbers spelled alike are both named.
        """
        named: dict[str, None] = {}
        for _, _, candidate in self.spans(text):
            named |= dict.fromkeys(sorted(self._by_bare[candidate]))
        return list(named)

    def spans(self, text: str) -> list[tuple[int, int, str]]:
        """Where `text` names one: from, to, and the number without its punctuation."""
        upper = apart(text.upper())
        plain = bare(upper)
        candidates = {
            plain[start : start + length]
            for length in self._lengths
            for start in range(len(plain) - length + 1)
        } & self._by_bare.keys()
        spans = sorted(
            (match.start(), -match.end(), candidate)
            for candidate in candidates
            for match in _pattern(candidate).finditer(upper)
            if not belied(upper[: match.start()], candidate)
        )
        found: list[tuple[int, int, str]] = []
        for start, negative_end, candidate in spans:
            if not found or -negative_end > found[-1][1]:
                found.append((start, -negative_end, candidate))
        return found


def bare(text: str) -> str:
    """Its letters and digits, in capitals."""
    return _LEFT_OUT.sub("", text.upper())


def _pattern(plain: str) -> re.Pattern[str]:
    before = r"(?<![0-9])" if plain[0].isdigit() else ""
    after = r"(?![0-9])" if plain[-1].isdigit() else ""
    return re.compile(before + _BETWEEN.join(plain) + after)
