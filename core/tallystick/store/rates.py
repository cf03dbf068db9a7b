"""Cost rates as the effort of their technicians needs them."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import msgspec
from sqlalchemy import Connection, select

from tallystick.records import CostRate
from tallystick.store.facts import record_of
from tallystick.store.facts_schema import FACTS


def cost_rates(
    connection: Connection, home: str, technicians: Collection[str] | None = None
) -> Iterator[CostRate]:
    """The cost rates of connection `home`, of `technicians` (refs) only where they are given;
    each names its technician by ref."""
    table, prefix = FACTS["cost_rate"], f"{home}:"
    statement = select(table).where(table.c.connection == home)
    if technicians is not None:
        ids = [ref.removeprefix(prefix) for ref in technicians if ref.startswith(prefix)]
        statement = statement.where(table.c.technician.in_(ids))
    for row in connection.execute(statement):
        rate = record_of(row, CostRate)
        yield msgspec.structs.replace(rate, technician=prefix + rate.technician)
