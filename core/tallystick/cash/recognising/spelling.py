"""Invoice numbers as payers mistype them: without prefix, with one slip, or only their end. Pure.

INV-2026-0417    2026/0417        without its prefix
                 INV-2026-O417    one character wrong, missing, too many or swapped
                 0417             its end
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Final

from tallystick.cash.recognising.creditor_reference import apart
from tallystick.cash.recognising.evidence import POINTS, Reason
from tallystick.cash.settling.numbers import Numbers, bare

MISTYPED_LENGTH_MIN: Final = 7
DIGITS_MIN: Final = 6
"""So many digits tell a number without its prefix; of fewer, an amount or a year may be one."""
ENDING_DIGITS_MIN: Final = 3
RUNS_MAX: Final = 6
_RUN: Final = re.compile(r"[A-Z]+|[0-9]+")


class Spellings:
    """An index over the numbers of open invoices; finding those in a text costs its length."""

    def __init__(self, numbers: Collection[str]) -> None:
        self._by_bare: dict[str, list[str]] = {}
        self._by_digits: dict[str, list[str]] = {}
        self._by_ending: dict[str, list[str]] = {}
        self._by_shorter: dict[str, set[str]] = {}
        for number in numbers:
            plain = bare(number)
            self._by_bare.setdefault(plain, []).append(number)
            digits = re.sub("[^0-9]", "", plain)
            if DIGITS_MIN <= len(digits) < len(plain):
                self._by_digits.setdefault(digits, []).append(number)
            if ending := re.search(r"[^0-9]([0-9]{3,})$", number.upper()):
                self._by_ending.setdefault(ending[1], []).append(number)
            if len(plain) >= MISTYPED_LENGTH_MIN:
                for short in (plain, *_shorter(plain)):
                    self._by_shorter.setdefault(short, set()).add(plain)

    def near_in(self, text: str, named: Collection[str]) -> dict[str, Reason]:
        """The numbers `text` may mean and how they are told; `named` are those it names rightly,
        whose spelling means no other."""
        clean = _without(text.upper(), named)
        found: dict[str, Reason] = {}
        for window in _windows(clean):
            _note(found, self._by_digits.get(window, ()), "number_without_prefix")
            if len(window) >= ENDING_DIGITS_MIN:
                _note(found, self._by_ending.get(window, ()), "number_ending")
            _note(found, self._mistyped(window), "number_mistyped")
        return found

    def _mistyped(self, window: str) -> list[str]:
        if len(window) < MISTYPED_LENGTH_MIN - 1 or not any(one.isdigit() for one in window):
            return []
        near = {
            plain
            for short in (window, *_shorter(window))
            for plain in self._by_shorter.get(short, ())
            if plain != window and one_slip(plain, window)
        }
        return [number for plain in sorted(near) for number in self._by_bare[plain]]


def one_slip(one: str, other: str) -> bool:
    """Whether one character was exchanged, left out or added, or two neighbours swapped."""
    if abs(len(one) - len(other)) > 1 or one == other:
        return False
    if len(one) < len(other):
        one, other = other, one
    start = next((i for i, char in enumerate(other) if char != one[i]), len(other))
    if len(one) > len(other):
        return one[start + 1 :] == other[start:]
    swapped = one[start + 1 : start + 2] + one[start : start + 1]
    return one[start + 1 :] == other[start + 1 :] or (
        swapped == other[start : start + 2] and one[start + 2 :] == other[start + 2 :]
    )


def _note(found: dict[str, Reason], numbers: Iterable[str], reason: Reason) -> None:
    """A reason two numbers share says little of either; the strongest of each stays."""
    several = list(numbers)
    if len(several) > 1:
        if reason != "number_mistyped":
            return
        reason = "number_mistyped_of_several"
    for number in several:
        known = found.get(number)
        if known is None or POINTS[known] < POINTS[reason]:
            found[number] = reason


def _shorter(text: str) -> Iterator[str]:
    for at in range(len(text)):
        yield text[:at] + text[at + 1 :]


def _windows(text: str) -> set[str]:
    """What neighbouring runs of letters and of digits spell together."""
    runs = _RUN.findall(text)
    return {
        "".join(runs[start : start + count])
        for start in range(len(runs))
        for count in range(1, RUNS_MAX + 1)
        if start + count <= len(runs)
    }


def _without(text: str, named: Collection[str]) -> str:
    """`text` with a break where it names one of `named`."""
    text = apart(text)
    for span in sorted(Numbers(named).spans(text), reverse=True):
        text = f"{text[: span[0]]} | {text[span[1] :]}"
    return text
