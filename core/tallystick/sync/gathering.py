"""Gathering: alerts of a monitoring that are one ticket in the service desk. Pure.

A monitoring tells a problem anew each time it comes back. Of all alerts that agree in the fields a
flow names (device and check, say):

    problem there, no ticket of it open       a ticket is made
    problem there again, its ticket open      the alert joins the ticket
    ... its ticket closed                     a ticket of its own; within `again` of the closing it
                                              joins, so that the ticket is opened again
    problem over before it had a ticket       nothing

A ticket says what its newest alert says that is not over yet, or else its newest one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple


class Alert(NamedTuple):
    """One told problem; alerts with the same `key` are the same problem."""

    id: str
    key: Hashable
    opened_at: datetime
    over: bool


@dataclass(slots=True)
class Gathered:
    """`making` are the alerts a ticket is made of. `joining` has the ticket of each alert that had
    none before; `speaking` the alert that each ticket follows."""

    making: list[str] = field(default_factory=list)
    joining: dict[str, str] = field(default_factory=dict)
    speaking: dict[str, str] = field(default_factory=dict)


def gather(
    alerts: Iterable[Alert],
    ticket_of: Mapping[str, str],
    closed_at: Callable[[str], datetime | None],
    again: timedelta,
) -> Gathered:
    """`ticket_of` has the ticket of every alert that has one; `closed_at` is when a ticket was
    closed, None while it is open."""
    groups: dict[Hashable, list[Alert]] = defaultdict(list)
    for one in sorted(alerts, key=lambda one: (one.opened_at, one.id)):
        groups[one.key].append(one)
    found = Gathered()
    for group in groups.values():
        _gather(group, ticket_of, closed_at, again, found)
    return found


def _gather(
    group: list[Alert],
    ticket_of: Mapping[str, str],
    closed_at: Callable[[str], datetime | None],
    again: timedelta,
    found: Gathered,
) -> None:
    """One problem, its alerts in the order they were opened."""
    tickets = dict.fromkeys(ticket_of[one.id] for one in group if one.id in ticket_of)
    waiting = [one for one in group if one.id not in ticket_of and not one.over]
    alone = True
    for one in waiting:
        fitting = [ticket for ticket in tickets if _takes(closed_at(ticket), one, again)]
        if fitting:
            still_open = [ticket for ticket in fitting if closed_at(ticket) is None]
            found.joining[one.id] = (still_open or fitting)[-1]
        elif alone:
            alone = False
            found.making.append(one.id)
    for one in sorted(group, key=lambda one: not one.over):
        ticket = ticket_of.get(one.id) or found.joining.get(one.id)
        if ticket is not None:
            found.speaking[ticket] = one.id  # those that last come last


def _takes(closed: datetime | None, alert: Alert, again: timedelta) -> bool:
    return closed is None or alert.opened_at - closed < again
