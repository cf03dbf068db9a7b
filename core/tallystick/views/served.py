"""What there was to serve: how many devices and users each client had at the end of a month."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection

from tallystick.store import owners
from tallystick.store.facts_schema import FACTS

Spans = Mapping[str, Sequence[tuple[date | None, date | None]]]
"""By client, since when each is there and from when it no longer is."""


class Served(NamedTuple):
    """`device_days` is the average age of the devices whose beginning is known."""

    devices: int = 0
    users: int = 0
    device_days: int = 0


NOTHING = Served()


class Serving:
    """The devices and users of clients, counted on any day."""

    def __init__(self, devices: Spans, users: Spans) -> None:
        self._devices = devices
        self._users = users
        self._counted: dict[tuple[str, date], Served] = {}

    def on(self, client: str, day: date) -> Served:
        if client not in self._devices and client not in self._users:
            return NOTHING
        found = self._counted.get((client, day))
        if found is None:
            found = self._counted[client, day] = self._count(client, day)
        return found

    def _count(self, client: str, day: date) -> Served:
        devices = _there(self._devices.get(client, ()), day)
        ages = [(day - since).days for since in devices if since is not None]
        users = _there(self._users.get(client, ()), day)
        return Served(len(devices), len(users), _mean(ages))


def _there(spans: Sequence[tuple[date | None, date | None]], day: date) -> list[date | None]:
    """Since when those are there that are there on the day."""
    return [
        since
        for since, until in spans
        if (since is None or since <= day) and (until is None or day < until)
    ]


def _mean(days: Sequence[int]) -> int:
    """Rounded half to even."""
    if not days:
        return 0
    whole, left = divmod(sum(days), len(days))
    above = 2 * left > len(days) or (2 * left == len(days) and whole % 2)
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
    found: dict[str, list[tuple[date | None, date | None]]] = defaultdict(list)
    asked = named.with_only_columns(client, table.c.active_from, table.c.retired_on)
    for ref, since, until in connection.execute(asked).all():
        found[ref].append((since, until))
    return found
