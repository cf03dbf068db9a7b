"""A mail server, and what clients get through it: each reminder once, and none that is not due."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from functools import partial
from typing import Final

from tallystick.errors import SkipRecord
from tallystick.testing.simulate.moments import Moments
from tallystick.testing.simulate.wire import Wire

STEPS: Final = (4, 11)
"""Days after the due day, as the configuration has them."""
FEE: Final = 5
"""What the second step claims."""
BETWEEN: Final = timedelta(days=STEPS[1] - STEPS[0] - 1)
"""How long two letters of an invoice lie apart at least, less the day that a slow one may take."""
NUMBER: Final = re.compile(r"INV-\d{4}-\d{4}")


@dataclass(frozen=True, slots=True)
class Letter:
    """A reminder that arrived: of these invoices."""

    at: datetime
    numbers: frozenset[str]


class Mail:
    """All that arrived."""

    def __init__(self, moments: Moments) -> None:
        self._moments = moments
        self._wire = Wire(moments, "mail")
        self.letters: list[Letter] = []

    def send(self, message: EmailMessage) -> None:
        """Take one letter; says no at times, and at others nothing."""
        self._wire.call(f"send {message['Message-ID']}", partial(self._take, message))

    def of(self, number: str) -> list[Letter]:
        """The letters that name this invoice, in the order they came."""
        return [one for one in self.letters if number in one.numbers]

    def _take(self, message: EmailMessage) -> str:
        moments = self._moments
        if moments.chance.happens(moments.weather.refused):
            raise SkipRecord("The mailbox is full.", do="Try another day.")
        found = frozenset(NUMBER.findall(message.get_content()))
        for number in sorted(found):
            before = self.of(number)
            if len(before) >= len(STEPS):
                moments.breach(f"{number} was reminded of more often than there are steps")
            elif before and moments.at - before[-1].at < BETWEEN:
                moments.breach(f"{number} was reminded of twice for one step")
        self.letters.append(Letter(moments.at, found))
        return f"taken: {', '.join(sorted(found))}"
