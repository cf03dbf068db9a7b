"""Cost rates as the effort of their technicians needs them."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import msgspec
from sqlalchemy import Connection, bindparam, select

from tallystick.records import CostRate
from tallystick.store.facts_schema import FACTS
from tallystick.store.records import record_of

cost_rate = FACTS["cost_rate"]
ALL = select(cost_rate).where(cost_rate.c.connection == bindparam("home"))
OF_TECHNICIANS = ALL.where(cost_rate.c.technician.in_(bindparam("ids", expanding=True)))


def cost_rates(
    connection: Connection, home: str, technicians: Collection[str] | None = None
) -> Iterator[CostRate]:
    """The cost rates of connection `home`, of `technicians` (refs) only where they are given;
    each names its technician by ref."""
    prefix = f"{home}:"
    if technicians is None:
        rows = connection.execute(ALL, {"home": home})
    else:
        ids = [ref.removeprefix(prefix) for ref in technicians if ref.startswith(prefix)]
        rows = connection.execute(OF_TECHNICIANS, {"home": home, "ids": ids})
    for row in rows:
        rate = record_of(row, CostRate)
        yield msgspec.structs.replace(rate, technician=prefix + rate.technician)
