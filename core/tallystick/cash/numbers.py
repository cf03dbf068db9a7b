"""Invoice numbers in what a payer wrote, as people and banks spell them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

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
            if len(bare := _bare(number)) >= LENGTH_MIN:
                self._by_bare.setdefault(bare, []).append(number)
        self._lengths = sorted({len(bare) for bare in self._by_bare})

    def named_in(self, text: str) -> list[str]:
        """The numbers `text` names, in order; case, spaces and punctuation do not matter.

        A number is not named by a longer one that contains it, nor by a run of digits that
        goes on before or after it. Two numbers spelled alike are both named.
        """
        bare = _bare(text)
        candidates = {
            bare[start : start + length]
            for length in self._lengths
            for start in range(len(bare) - length + 1)
        } & self._by_bare.keys()
        spans = sorted(
            (match.start(), -match.end(), candidate)
            for candidate in candidates
            for match in _pattern(candidate).finditer(text.upper())
        )
        named: dict[str, None] = {}
        reached = 0
        for _, negative_end, candidate in spans:
            if -negative_end > reached:
                reached = -negative_end
                named |= dict.fromkeys(sorted(self._by_bare[candidate]))
        return list(named)


def _bare(text: str) -> str:
    return _LEFT_OUT.sub("", text.upper())


def _pattern(bare: str) -> re.Pattern[str]:
    before = r"(?<![0-9])" if bare[0].isdigit() else ""
    after = r"(?![0-9])" if bare[-1].isdigit() else ""
    return re.compile(before + _BETWEEN.join(bare) + after)
