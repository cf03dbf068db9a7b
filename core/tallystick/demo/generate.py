"""The sample as a whole: what is written by hand, and what is played from the seed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from random import Random

from tallystick.demo import awkward
from tallystick.demo.devices import Device, devices
from tallystick.demo.work import Ticket, TimeEntry, play

SEED = 2026


@dataclass(frozen=True, slots=True)
class Sample:
    """Everything that happens in the quarter, whenever it becomes known."""

    devices: tuple[Device, ...]
    tickets: tuple[Ticket, ...]
    entries: tuple[TimeEntry, ...]


@cache
def sample() -> Sample:
    """The same sample on every call, machine and day."""
    random = Random(SEED)  # noqa: S311 - sample data, nothing secret
    watched = devices(random)
    desk = play(random)
    return Sample(
        devices=watched,
        tickets=(*desk.tickets, *awkward.TICKETS),
        entries=(*desk.entries, *awkward.ENTRIES),
    )
