"""Parts told: the months of which it is kept how their cells were shared out.

Sharing a month out reads all of its work; a change takes back what was told of its months, which
costs a row each, and whoever asks next shares these out again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from tallystick.store.bulk import execute_many
from tallystick.store.effort_schema import part_profit, part_told

INSERT = insert(part_profit)


def take_back(connection: Connection, months: Collection[date]) -> None:
    """Something in these months changed."""
    if months:
        connection.execute(delete(part_told).where(part_told.c.month.in_(sorted(months))))


def take_all_back(connection: Connection) -> None:
    connection.execute(delete(part_told))


def untold(
    connection: Connection, months: Iterable[date], dimension: str, driver: str
) -> list[date]:
    """Those of `months` that are to be shared out, in their order."""
    of = (part_told.c.dimension == dimension, part_told.c.driver == driver)
    told = set(connection.execute(select(part_told.c.month).where(*of)).scalars())
    return [one for one in months if one not in told]


def tell(
    connection: Connection,
    month: date,
    dimension: str,
    driver: str,
    rows: Iterable[Mapping[str, Any]],
) -> None:
    """`rows` are all the parts of that month: `part`, `currency` and the sums."""
    of = {"month": month, "dimension": dimension, "driver": driver}
    for table in (part_profit, part_told):
        here = (table.c[name] == value for name, value in of.items())
        connection.execute(delete(table).where(*here))
    execute_many(connection, INSERT, [of | dict(one) for one in rows])
    connection.execute(insert(part_told).values(**of))
