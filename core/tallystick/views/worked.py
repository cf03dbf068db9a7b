"""Work as it is kept: what each month of each contract took, told apart by what caused it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from operator import add
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select

from tallystick.store.effort_schema import effort

BY = ("client", "contract", "currency", "ticket_type", "work_type")


class Worked(NamedTuple):
    """The work of one kind in one `month`, by the day it was done; cost in minor units."""

    client: str
    contract: str
    currency: str
    ticket_type: str | None
    work_type: str | None
    month: date
    seconds: int
    cost_minor: int
    uncosted_seconds: int
    unexchanged_seconds: int


def known_days(connection: Connection, before: date) -> tuple[date, date] | None:
    """The first and the last day of work before a day."""
    asked = select(func.min(effort.c.work_date), func.max(effort.c.work_date))
    first, last = connection.execute(asked.where(effort.c.work_date < before)).one()
    return None if first is None else (first, last)


def worked(
    connection: Connection, since: date, until: date, client: str | None
) -> dict[str, list[Worked]]:
    """By contract, the empty text for none: work done on the days from `since` to before `until`,
    of `client` or all."""
    sums: dict[tuple[Any, ...], list[int]] = {}
    for row in _rows(connection, since, until, client):
        *named, day, seconds, cost, uncosted, unexchanged = row
        figures = [int(seconds), int(cost), int(uncosted), int(unexchanged)]
        key = (*named, day.replace(day=1))
        before = sums.get(key)
        sums[key] = list(map(add, before, figures)) if before else figures
    found: dict[str, list[Worked]] = defaultdict(list)
    for key, figures in sums.items():
        if any(figures):
            one = Worked._make((*key, *figures))
            found[one.contract].append(one)
    return found


def _rows(
    connection: Connection, since: date, until: date, client: str | None
) -> Iterator[Sequence[Any]]:
    """Most work is reported in its own month, which is all that has to be asked; of what came late
    to a closed one, and takes back what that says, the day tells where it belongs."""
    in_its_month = effort.c.work_date >= effort.c.month
    for day, which in ((effort.c.month, in_its_month), (effort.c.work_date, ~in_its_month)):
        keys = [*(effort.c[name] for name in BY), day]
        cost = effort.c.labour_minor + effort.c.overhead_minor
        figures = (effort.c.seconds, cost, effort.c.uncosted_seconds, effort.c.unexchanged_seconds)
        asked = select(*keys, *map(func.sum, figures)).where(which, day >= since, day < until)
        if client is not None:
            asked = asked.where(effort.c.client == client)
        yield from connection.execute(asked.group_by(*keys))
