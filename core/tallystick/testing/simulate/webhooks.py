"""What a provider tells by itself: lost, twice, in any order, and late by days."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import msgspec

from tallystick.connector import Event
from tallystick.errors import SkipRecord
from tallystick.testing.simulate.moments import Moments

LATEST: Final = timedelta(days=4)
AGAIN_AFTER: Final = timedelta(hours=3)
"""How long a provider waits until it tells again what was not acknowledged."""
SIGNED: Final = {"signature": "good"}


@dataclass(slots=True)
class Telling:
    """One delivery of an event, to be made at `at`; `acknowledged` is when it was."""

    event: Event
    at: datetime
    acknowledged: bool = False

    @property
    def body(self) -> bytes:
        return msgspec.json.encode(self.event)


class Webhooks:
    """What is still to be told, and what was."""

    def __init__(self, moments: Moments) -> None:
        self._moments = moments
        self.tellings: list[Telling] = []
        self._events = 0

    def happened(self, kind: str, key: str | None, ref: str) -> None:
        """Something is worth an event: it is told later, perhaps twice, perhaps never."""
        chance, at = self._moments.chance, self._moments.at
        self._events += 1
        event = Event(f"evt_{self._events}", kind, at, key, ref)
        times = chance.weighted({1: 6, 2: 3, 0: 1})
        for _ in range(times):
            soon = timedelta(minutes=5) if chance.happens(600) else LATEST
            self.tellings.append(Telling(event, at + chance.lasts(timedelta(seconds=1), soon)))

    def due(self) -> list[Telling]:
        """What is to be told by now, in the order chance gives it."""
        at = self._moments.at
        found = [one for one in self.tellings if not one.acknowledged and one.at <= at]
        return sorted(found, key=lambda _: self._moments.chance.between(0, 99))

    def not_acknowledged(self, telling: Telling) -> None:
        telling.at = self._moments.at + AGAIN_AFTER

    def hours(self) -> Iterator[datetime]:
        yield from (one.at for one in self.tellings if not one.acknowledged)


def read(headers: Mapping[str, str], body: bytes) -> Sequence[Event]:
    """What a connector makes of a delivery."""
    if headers != SIGNED:
        raise SkipRecord("It is not signed.", do="Check the secret.")
    return [msgspec.json.decode(body, type=Event)]
