"""Parts told: the months, and years of them, of which it is kept how their cells were shared out.

Sharing a month out reads all of its work; a change takes back what was told of its months, which
costs a row each, and whoever asks next shares these out again. What is told anew is written as its
difference, to the month and to the year that stands: after few changes there is little to write.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from operator import sub

from sqlalchemy import (
    BigInteger,
    Connection,
    bindparam,
    cast,
    delete,
    func,
    insert,
    or_,
    select,
)

from tallystick.store.binding import many
from tallystick.store.bulk import execute_tuples
from tallystick.store.profit.schema import SUMS, part_profit, part_told
from tallystick.store.profit.summed import Summed

Part = tuple[str, str]
"""A part and a currency."""
Sums = Mapping[Part, Sequence[int]]
ZERO = (0,) * len(SUMS)
PARTS = Summed(part_profit)
kept = part_profit.c


def span_of(month: date) -> str:
    """The month, as a span is called; a year is the first four letters of its months."""
    return f"{month:%Y-%m}"


TAKE_BACK = delete(part_told).where(part_told.c.span == bindparam("of"))
OF = (kept.dimension == bindparam("dimension"), kept.driver == bindparam("driver"))
TOLD = select(part_told.c.span).where(
    part_told.c.dimension == bindparam("dimension"), part_told.c.driver == bindparam("driver")
)
STORED = select(kept.part, kept.currency, *(kept[name] for name in SUMS)).where(
    *OF, kept.span == bindparam("span")
)
SUMMED = (
    select(*(cast(bindparam(f"of_{name}"), kept[name].type) for name in PARTS.key[:3]))
    .add_columns(kept.part, kept.currency)
    .add_columns(*(cast(func.sum(kept[name]), BigInteger) for name in SUMS))
    .where(*OF, kept.span.in_(many("months")))
    .group_by(kept.part, kept.currency)
    .having(or_(*(func.sum(kept[name]) != 0 for name in SUMS)))
)
"""What comes to nothing in a year is none of its parts, as if it had become so by a difference."""


def take_back(connection: Connection, months: Collection[date]) -> None:
    """Something in these months changed."""
    execute_tuples(connection, TAKE_BACK, ["of"], [(span_of(one),) for one in sorted(months)])


def take_all_back(connection: Connection) -> None:
    connection.execute(delete(part_told))


def tables(connection: Connection) -> list[tuple[str, str, str, str]]:
    """Dimension and driver of the tables months of which stand, the first of these and the last."""
    span = part_told.c.span
    of = (part_told.c.dimension, part_told.c.driver)
    asked = select(*of, func.min(span), func.max(span)).where(func.length(span) == len("2026-09"))
    return [tuple(row) for row in connection.execute(asked.group_by(*of).order_by(*of)).all()]


def told(connection: Connection, dimension: str, driver: str) -> set[str]:
    """The months and years that stand."""
    return set(connection.execute(TOLD, {"dimension": dimension, "driver": driver}).scalars())


def tell(
    connection: Connection,
    month: date,
    dimension: str,
    driver: str,
    sums: Iterable[tuple[Part, Sequence[int]]],
) -> None:
    """`sums` are all the parts of that month, what each comes to in the order of `SUMS`."""
    span, year = span_of(month), f"{month.year}"
    of = {"dimension": dimension, "driver": driver, "span": span}
    was: dict[Part, Sequence[int]] = {
        (row[0], row[1]): row[2:] for row in connection.execute(STORED, of).all()
    }
    differences = _differences(was, dict(sums))
    for one in (span, year) if year in told(connection, dimension, driver) else (span,):
        place = (dimension, driver, one)
        PARTS.add(connection, [(*place, *key, *figures) for key, figures in differences.items()])
    _stands(connection, of)


def _differences(was: Sums, now: Sums) -> dict[Part, Sequence[int]]:
    found = {key: figures for key, figures in now.items() if key not in was and any(figures)}
    for key, before in was.items():
        after = now.get(key, ZERO)
        if after != before:
            found[key] = [*map(sub, after, before)]
    return found


def tell_year(connection: Connection, year: str, dimension: str, driver: str) -> None:
    """The year from its months, which stand."""
    of = {"dimension": dimension, "driver": driver, "span": year}
    here = (kept[name] == value for name, value in of.items())
    connection.execute(delete(part_profit).where(*here))
    months = [f"{year}-{number:02}" for number in range(1, 13)]
    values = {f"of_{name}": value for name, value in of.items()}
    connection.execute(
        insert(part_profit).from_select([*PARTS.key, *SUMS], SUMMED),
        of | values | {"months": months},
    )
    _stands(connection, of)


def _stands(connection: Connection, of: Mapping[str, str]) -> None:
    here = (part_told.c[name] == value for name, value in of.items())
    connection.execute(delete(part_told).where(*here))
    connection.execute(insert(part_told).values(**of))
