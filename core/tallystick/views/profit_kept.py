"""Profit by parts of all clients, as it is kept: all rows of a table, or the first of them.

Of a quarter of a million tickets a hundred are looked at. The database finds which, and only these
are read; the sums of all are those of the cells they were shared out from.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    CompoundSelect,
    Connection,
    Text,
    bindparam,
    case,
    cast,
    func,
    literal,
    null,
    select,
    union_all,
)

from tallystick.insight.dimensions import Driver
from tallystick.insight.profit import Figures, Ledger, RowKey
from tallystick.store.binding import many
from tallystick.store.profit.schema import part_profit
from tallystick.store.streams import in_order
from tallystick.views.profit_cells import margin, missing
from tallystick.views.profit_parts import spans_of
from tallystick.views.profit_scope import Scope

kept = part_profit.c
IN_SCOPE = (
    kept.dimension == bindparam("by"),
    kept.driver == bindparam("driver"),
    kept.span.in_(many("spans")),
)
SUMS = [cast(func.sum(kept[name]), BigInteger) for name in Figures._fields]
ALL = select(kept.part, kept.currency, *SUMS).where(*IN_SCOPE).group_by(kept.part, kept.currency)
SOME = ALL.where(kept.currency == bindparam("currency"), kept.part.in_(many("parts")))
FEW = 1000
"""So many kept rows are sooner read than chosen from."""
KEPT = select(func.count()).select_from(
    select(kept.part).where(*IN_SCOPE).limit(FEW + 1).subquery()
)


def are_few(connection: Connection, scope: Scope, by: str, driver: Driver) -> bool:
    """Whether hardly more is kept of the scope than is looked at."""
    return int(connection.execute(KEPT, _of(scope, by, driver)).scalar_one()) <= FEW


def by_part(connection: Connection, scope: Scope, by: str, driver: Driver) -> Ledger:
    """All parts of the scope."""
    ledger = Ledger()
    for row in connection.execute(ALL, _of(scope, by, driver)).all():
        ledger.sums[RowKey(row[0], row[1])] = Figures._make(row[2:])
    return ledger


def first_parts(
    connection: Connection, scope: Scope, by: str, driver: Driver, currency: str, shown: int
) -> tuple[dict[RowKey, Figures], int]:
    """The `shown` worst of one currency, and how many there are."""
    of = _of(scope, by, driver) | {"currency": currency}
    found = connection.execute(_worst(connection), of | {"shown": shown}).all()
    [count] = [number for part, number in found if part is None]
    named = {"parts": [part for part, _ in found if part is not None]}
    rows = connection.execute(SOME, of | named)
    return {RowKey(row[0], row[1]): Figures._make(row[2:]) for row in rows}, count


def _worst(connection: Connection) -> CompoundSelect[Any]:
    """The worst parts, then none with the number of all. What is kept of one span comes in the
    order of its parts, so that they are summed without being sorted."""
    known = func.sum(missing(kept)) == 0
    worth = case((known, func.sum(margin(kept))), else_=func.sum(kept.revenue_minor)).label("worth")
    here = (*IN_SCOPE, kept.currency == bindparam("currency"))
    summed = select(kept.part, worth).where(*here).group_by(kept.part).cte("summed")
    order = (summed.c.worth, in_order(connection, summed.c.part))
    worst = select(summed.c.part).order_by(*order).limit(bindparam("shown")).subquery()
    return union_all(
        select(worst.c.part, literal(0)),
        select(cast(null(), Text), func.count()).select_from(summed),
    )


def _of(scope: Scope, by: str, driver: Driver) -> dict[str, Any]:
    return {"by": by, "driver": driver, "spans": spans_of(scope.period)}
