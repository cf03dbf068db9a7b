"""What there was to serve: how many devices and users each client had at the end of a month."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection

from tallystick.store import owners
from tallystick.store.facts_schema import FACTS

Span = tuple[date | None, date | None]
"""Since when one is there, and from when it no longer is."""
Spans = Mapping[str, Sequence[Span]]
"""By client."""


class Served(NamedTuple):
    """`device_days` is the average age of the devices whose beginning is known."""

    devices: int = 0
    users: int = 0
    device_days: int = 0


NOTHING = Served()


class Serving:
    """The devices and users of clients, counted on any day."""

    def __init__(self, devices: Spans, users: Spans) -> None:
        self._devices = {client: Crowd(spans) for client, spans in devices.items()}
        self._users = {client: Crowd(spans) for client, spans in users.items()}

    def on(self, client: str, day: date) -> Served:
        devices, users = self._devices.get(client), self._users.get(client)
        if devices is None and users is None:
            return NOTHING
        count, age = devices.on(day) if devices else (0, 0)
        return Served(count, users.on(day)[0] if users else 0, age)


class Crowd:
    """What one client has of a kind. Once the last has come, and as long as none goes, their number
    and the sum of their ages say themselves."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self._spans = spans
        known = [since for since, _ in spans if since is not None]
        stay = all(until is None for _, until in spans)
        self._steady_from = max(known, default=date.min) if stay else date.max
        self._known = len(known)
        self._days = sum(since.toordinal() for since in known)

    def on(self, day: date) -> tuple[int, int]:
        """How many there are on a day, and the average age in days of those whose beginning is
        known."""
        if day >= self._steady_from:
            return len(self._spans), _mean(self._known * day.toordinal() - self._days, self._known)
        there = [
            since
            for since, until in self._spans
            if (since is None or since <= day) and (until is None or day < until)
        ]
        ages = [(day - since).days for since in there if since is not None]
        return len(there), _mean(sum(ages), len(ages))


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
