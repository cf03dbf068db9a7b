"""Detail: what the annex of an invoice says beyond its charges - each thing that was counted, and
the work that a fee includes or a prepaid balance pays.

Both are settled with the proposal and part of its content, so that the annex says what was
approved, whatever becomes of the facts.

Such work has no charge. It is told by difference, as charges are:

    included now   booking:7  1:30   booking:9  0:30
    told before    booking:7  2:00
    told           booking:7 -0:30   booking:9  0:30
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from tallystick.period import Period

Key = tuple[str, str, str]
"""Contract, line, booking."""


class Unit(Struct, frozen=True, gc=False):
    """A device, user or licence that the charge of the due at index `due` counts: `quantity` of it
    on `days`, which are days of the charge's service."""

    due: int
    name: str
    kind: str
    quantity: Decimal
    days: Period


class Included(Struct, frozen=True, gc=False):
    """`seconds` of a booking, as it counts, that the fee or the balance of `line`, described as
    `text`, includes."""

    contract: str
    line: str
    text: str
    booking: str
    on: date
    seconds: int

    @property
    def key(self) -> Key:
        return self.contract, self.line, self.booking


class Detail(Struct, frozen=True, gc=False):
    units: tuple[Unit, ...] = ()
    included: tuple[Included, ...] = ()


def untold(now: Iterable[Included], told: Mapping[Key, Included]) -> tuple[Included, ...]:
    """What is included `now` less what was `told`, by line, day and booking. Of what is no longer
    included the seconds are negative."""
    found = {one.key: one for one in now}
    rest = [
        replace(one, seconds=one.seconds - (told[one.key].seconds if one.key in told else 0))
        for one in found.values()
    ]
    gone = [replace(one, seconds=-one.seconds) for key, one in told.items() if key not in found]
    changed = [one for one in (*rest, *gone) if one.seconds]
    return tuple(sorted(changed, key=lambda one: (one.contract, one.line, one.on, one.booking)))
