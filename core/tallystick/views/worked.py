"""Work as it is kept: what each month of each contract took, and what kinds of work that was."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, CompoundSelect, Connection, func, or_, select, true

from tallystick.insight.history import Cause
from tallystick.store.books.schema import period_event
from tallystick.store.profit.schema import effort, profit_cell

FIGURES = ("seconds", "uncosted_seconds", "unexchanged_seconds")


class Worked(NamedTuple):
    """Work in one `month`, by the day it was done; cost in minor units."""

    client: str
    contract: str
    currency: str
    month: date
    seconds: int
    uncosted_seconds: int
    unexchanged_seconds: int
    cost_minor: int


def known_days(connection: Connection, before: date) -> tuple[date, date] | None:
    """The first and the last day of work before a day: those of each technician and of work without
    one, which an index has in their order."""
    days = [day for row in connection.execute(_ends(before)) for day in row if day is not None]
    return (min(days), max(days)) if days else None


def _ends(before: date) -> CompoundSelect[tuple[date, date]]:
    first = select(func.min(effort.c.technician).label("ref")).cte("technicians", recursive=True)
    following = select(func.min(effort.c.technician)).where(effort.c.technician > first.c.ref)
    each = first.union_all(select(following.scalar_subquery()).where(first.c.ref.is_not(None)))
    days = select(func.min(effort.c.work_date)), select(func.max(effort.c.work_date))
    of_each = [
        one.where(effort.c.technician == each.c.ref, effort.c.work_date < before)
        .correlate(each)
        .scalar_subquery()
        for one in days
    ]
    of_nobody = [
        one.where(effort.c.technician.is_(None), effort.c.work_date < before).scalar_subquery()
        for one in days
    ]
    return select(*of_each).select_from(each).union_all(select(*of_nobody))


def worked(
    connection: Connection, since: date, until: date, client: str | None
) -> dict[str, list[Worked]]:
    """By contract, the empty text for none: work done in the months from `since` to before `until`,
    of `client` or all. One month may be told in several parts, which add up."""
    found: dict[str, list[Worked]] = defaultdict(list)
    for row in _reported(connection, since, until, client):
        found[row[1]].append(Worked(*row))
    for one in _late(connection, since, client):
        if since <= one.month < until:
            found[one.contract].append(one)
    return found


def _reported(connection: Connection, since: date, until: date, client: str | None) -> Any:
    """What cells say, each in the month it is reported in."""
    cell = profit_cell.c
    cost = cell.labour_minor + cell.overhead_minor
    figures = [cell[name] for name in FIGURES]
    asked = select(cell.client, cell.contract, cell.currency, cell.month, *figures, cost)
    asked = asked.where(cell.month >= since, cell.month < until)
    some = or_(*(one != 0 for one in (*figures, cost)))
    return connection.execute(asked.where(some, _whose(cell.client, client))).all()


def _late(connection: Connection, since: date, client: str | None) -> Iterator[Worked]:
    """What came late to a closed month, and takes back what that says: from the month it is
    reported in to the one it was done in. Where no month was ever closed, there is none."""
    if connection.execute(select(period_event.c.id).limit(1)).first() is None:
        return
    keys = [effort.c[name] for name in ("client", "contract", "currency", "work_date", "month")]
    cost = effort.c.labour_minor + effort.c.overhead_minor
    sums = map(func.sum, (*(effort.c[name] for name in FIGURES), cost))
    asked = select(*keys, *sums).where(effort.c.work_date < effort.c.month, effort.c.month >= since)
    rows = connection.execute(asked.where(_whose(effort.c.client, client)).group_by(*keys))
    for ref, contract, currency, day, month, *figures in rows:
        told = [int(one) for one in figures]
        yield Worked(ref, contract, currency, day.replace(day=1), *told)
        yield Worked(ref, contract, currency, month, *(-one for one in told))


def _whose(column: ColumnElement[Any], client: str | None) -> ColumnElement[bool]:
    return true() if client is None else column == client


Causes = Mapping[str, Mapping[date, Mapping[Cause, int]]]
"""By contract and month, what each kind of work cost in minor units."""


def causes(
    connection: Connection, since: date, until: date, contracts: Collection[str] | None
) -> Causes:
    """What work by ticket type and by work type cost, of some contracts or of all."""
    found: dict[str, dict[date, dict[Cause, int]]] = defaultdict(lambda: defaultdict(dict))
    for contract, ticket_type, work_type, day, minor in _kinds(connection, since, until, contracts):
        month = found[contract][day.replace(day=1)]
        for kind, name in (("ticket type", ticket_type), ("work type", work_type)):
            if name:
                cause = Cause(kind, name)
                month[cause] = month.get(cause, 0) + int(minor)
    return found


def _kinds(
    connection: Connection, since: date, until: date, contracts: Collection[str] | None
) -> Iterator[Any]:
    """Most work is reported in its own month, which is all that has to be asked; of what came late
    to a closed one, and takes back what that says, the day tells where it belongs."""
    in_its_month = effort.c.work_date >= effort.c.month
    sums = func.sum(effort.c.labour_minor + effort.c.overhead_minor)
    for day, which in ((effort.c.month, in_its_month), (effort.c.work_date, ~in_its_month)):
        keys = [effort.c.contract, effort.c.ticket_type, effort.c.work_type, day]
        asked = select(*keys, sums).where(which, day >= since, day < until)
        if contracts is not None:
            asked = asked.where(effort.c.contract.in_(sorted(contracts)))
        yield from connection.execute(asked.group_by(*keys)).all()
