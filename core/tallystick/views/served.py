"""What there was to serve: how many devices and users each client had at the end of a month."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from itertools import accumulate
from typing import NamedTuple

from sqlalchemy import Connection

from tallystick.store.facts import owners
from tallystick.store.facts.schema import FACTS

Span = tuple[date | None, date | None]
"""Since when one is there, and from when it no longer is."""
Spans = Mapping[str, Sequence[Span]]
"""By client."""


LAST = date.max


class Served(NamedTuple):
    """`device_days` is the average age of the devices whose beginning is known."""

    devices: int = 0
    users: int = 0
    device_days: int = 0


class Serving:
    """The devices and users of clients, counted on any day."""

    def __init__(self, devices: Spans, users: Spans) -> None:
        self._devices = {client: Crowd(spans) for client, spans in devices.items()}
        self._users = {client: Crowd(spans) for client, spans in users.items()}

    def of(self, client: str) -> Callable[[date], Served]:
        """What one client has, by the day."""
        devices = self._devices.get(client, NOBODY)
        users = self._users.get(client, NOBODY)

        def on(day: date) -> Served:
            count, age = devices.on(day)
            return Served(count, users.on(day)[0], age)

        return on


class Crowd:
    """What one client has of a kind: of those who came, and of those who went again, the days in
    their order, each with what came before it in number and in days of beginning."""

    def __init__(self, spans: Sequence[Span]) -> None:
        there = [(since, until) for since, until in spans if (since or date.min) < (until or LAST)]
        self._always = sum(since is None for since, _ in there)
        self._came = sorted(since.toordinal() for since, _ in there if since is not None)
        self._begun = list(accumulate(self._came, initial=0))
        went = sorted(
            (until.toordinal(), since is not None, since.toordinal() if since else 0)
            for since, until in there
            if until is not None
        )
        self._went = [day for day, _, _ in went]
        self._known_gone = list(accumulate((known for _, known, _ in went), initial=0))
        self._begun_gone = list(accumulate((since for _, _, since in went), initial=0))

    def on(self, day: date) -> tuple[int, int]:
        """How many there are on a day, and the average age in days of those whose beginning is
        known."""
        at = day.toordinal()
        came, went = bisect_right(self._came, at), bisect_right(self._went, at)
        known = came - self._known_gone[went]
        days = known * at - self._begun[came] + self._begun_gone[went]
        return self._always + came - went, _mean(days, known)


NOBODY = Crowd(())


def _mean(days: int, count: int) -> int:
    """Rounded half to even."""
    if not count:
        return 0
    whole, left = divmod(days, count)
    above = 2 * left > count or (2 * left == count and whole % 2)
    return whole + 1 if above else whole


def serving(connection: Connection, homes: Mapping[str, str], only: str | None) -> Serving:
    """What all clients have to serve, or client `only`."""
    return Serving(
        _spans(connection, "asset", homes, only), _spans(connection, "contact", homes, only)
    )


def _spans(connection: Connection, kind: str, homes: Mapping[str, str], only: str | None) -> Spans:
    table = FACTS[kind]
    named = owners.named_by_client(table).where(table.c.connection == homes.get(kind, ""))
    client = named.selected_columns["client_ref"]
    if only is not None:
        named = named.where(client == only)
    found: dict[str, list[Span]] = defaultdict(list)
    asked = named.with_only_columns(client, table.c.active_from, table.c.retired_on)
    for ref, since, until in connection.execute(asked).all():
        found[ref].append((since, until))
    return found
