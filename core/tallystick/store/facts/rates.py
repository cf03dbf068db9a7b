"""Cost rates as the effort of their technicians needs them."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sqlalchemy import Connection, bindparam, select

from tallystick.records import CostRate
from tallystick.store.facts.schema import FACTS
from tallystick.store.wanted import Wanted, fetch

cost_rate = FACTS["cost_rate"]
FIELDS = CostRate.__struct_fields__
ALL = select(*(cost_rate.c[name] for name in FIELDS)).where(
    cost_rate.c.connection == bindparam("home")
)
OF_TECHNICIANS = ALL.where(Wanted(cost_rate.c.technician))


def cost_rates(
    connection: Connection, home: str, technicians: Collection[str] | None = None
) -> Iterator[CostRate]:
    """The cost rates of connection `home`, of `technicians` (refs) only where they are given;
    each names its technician by ref."""
    prefix = f"{home}:"
    if technicians is None:
        rows = fetch(connection, ALL, home=home)
    else:
        ids = [ref.removeprefix(prefix) for ref in technicians if ref.startswith(prefix)]
        rows = fetch(connection, OF_TECHNICIANS, home=home, ids=ids)
    for row in rows:
        told = dict(zip(FIELDS, row, strict=True))
        yield CostRate(**told | {"technician": prefix + told["technician"]})
