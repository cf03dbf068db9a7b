"""The wire to a vendor, on which an answer or the question itself may be lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from tallystick.errors import Retry, TallystickError
from tallystick.testing.simulate.moments import CALM, Moments

T = TypeVar("T")
SLOWEST = timedelta(hours=3)
"""Longer than any answer is waited for, and less than a key's lifetime leaves room for."""


class Wire:
    """Calls to the vendor `name`, each of which may fail in every way a call can."""

    def __init__(self, moments: Moments, name: str) -> None:
        self._moments = moments
        self._name = name
        self._down = 0

    def call(self, what: str, effect: Callable[[], T]) -> T:
        """What `effect` at the vendor answers. Raises `Retry` where no answer arrives, whether or
        not the effect took place, and what the vendor itself raises."""
        moments, said = self._moments, f"{self._name}.{what}"
        self._outside_of_transactions(said)
        moments.seam(f"before {said}")
        weather, happens = moments.weather, moments.chance.happens
        if happens(weather.refused):
            raise self._fails(said, "429, Retry-After 30")
        if self._down and weather is not CALM:
            self._down -= 1
            raise self._fails(said, "nobody answers there")
        if happens(weather.lost):
            raise self._fails(said, "lost on the way there")
        if happens(weather.slow):
            moments.pass_by(moments.chance.lasts(timedelta(seconds=5), SLOWEST))
        try:
            answer = effect()
        except TallystickError as error:
            moments.note(moments.workers.now, said, f"{type(error).__name__}: {error.what}")
            raise
        if happens(weather.failing):
            raise self._goes_down(said, "done, and answered with 502")
        if happens(weather.lost):
            raise self._goes_down(said, "done, and the answer was lost")
        moments.note(moments.workers.now, said, answer)
        moments.seam(f"after {said}")
        return answer

    def _goes_down(self, said: str, how: str) -> Retry:
        """A vendor that fails once often fails for a while."""
        self._down = self._moments.chance.one_of((0, 0, 1, 2, 4))
        return self._fails(said, how)

    def _fails(self, said: str, how: str) -> Retry:
        self._moments.note(self._moments.workers.now, said, how)
        return Retry(f"{self._name} did not answer ({how}).", do="Try again later.")

    def _outside_of_transactions(self, said: str) -> None:
        """A call within a transaction holds its locks as long as the vendor likes, and its effect
        stays where the transaction does not."""
        if self._moments.workers.now in self._moments.writing:
            self._moments.breach(f"{said} was called before a commit")
