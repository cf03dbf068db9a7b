"""The profit table, read from the cells that follow every change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from tallystick.cycle.terms import BillingTerms
from tallystick.errors import Stop
from tallystick.insight.allocation import DRIVERS
from tallystick.insight.allowances import AllowanceUnit
from tallystick.insight.allowances import in_order as units_in_order
from tallystick.insight.dimensions import By, Driver
from tallystick.insight.measures import MEASURES, Value
from tallystick.insight.profit import ProfitRow, RowKey, rows, together, total_rows
from tallystick.insight.quality import Quality
from tallystick.period import Period
from tallystick.store.database import Database
from tallystick.store.profit.cell_terms import CellTerms
from tallystick.store.profit.rebuilding import ensure
from tallystick.store.progress import Step, untold
from tallystick.views.line_effort import keep_lines
from tallystick.views.profit_allowances import ALLOWED, Allowances, allowances
from tallystick.views.profit_cells import trends_of
from tallystick.views.profit_measures import measured
from tallystick.views.profit_names import names_of
from tallystick.views.profit_parts import PARTS, keep_parts
from tallystick.views.profit_quality import quality
from tallystick.views.profit_rows import rows_of_table
from tallystick.views.profit_scope import Scope

MEASURED = ("contract", "client")
"""Tables that measures of other systems can be told for: those invoices have the dimension of."""


@dataclass(frozen=True, slots=True)
class ProfitView:
    """Rows and, per currency, their totals; what they rest on, and by what they were shared out.

    `trends` is the margin of each row by month, where the rows are contracts or clients and the
    period has several months. `rows` may be the first of each currency only; `left` is how many are
    left out then.
    `measures` are those asked for by row, `definitions` theirs.
    `client` is the ref of the one whose table it is, None for all. `allowances` are those used by
    row; a row that has nothing else is there for them.
    """

    period: Period
    by: By
    rows: list[ProfitRow]
    totals: list[ProfitRow]
    quality: Quality
    driver: str = ""
    trends: Mapping[RowKey, Sequence[int | None]] = field(default_factory=dict)
    measures: Mapping[RowKey, Sequence[Value]] = field(default_factory=dict)
    definitions: Mapping[str, str] = field(default_factory=dict)
    client: str | None = None
    allowances: Allowances = field(default_factory=dict)
    title: str = ""
    left: Mapping[str, int] = field(default_factory=dict)

    @property
    def units(self) -> list[AllowanceUnit]:
        """What the allowances of any row are in."""
        return units_in_order({unit for of in self.allowances.values() for unit in of})


def profit(
    database: Database,
    terms: CellTerms,
    period: Period,
    by: By,
    billing: BillingTerms | None = None,
    driver: Driver = "hours",
    measures: Sequence[str] = (),
    client: str | None = None,
    allowance: bool = False,
    shown: int | None = None,
    step: Step = untold,
) -> ProfitView:
    """Profit of whole months, of `client` (a ref) or all; raises `Stop` for a period that cuts a
    month. `billing` is needed to tell it by line and for the `allowance` used, which both price the
    work again, and to know what an hour is worth. The first `shown` rows of each currency are read,
    all where it is None. What must be made first is a `step`."""
    scope = Scope(period, client)
    whole_months(period)
    _known(measures, by)
    if allowance and by not in ALLOWED:
        raise Stop(
            f"Allowances belong to contract lines, and to no {by}.",
            do=f"Ask for them --by {', --by '.join(ALLOWED)}.",
        )
    ensure(database, terms, step)
    if by == "line" and billing is not None:
        keep_lines(database, billing, client, step)
    if by in PARTS and client is None:
        keep_parts(database, period, by, driver, step)
    with database.read() as connection:
        used = allowances(connection, billing, scope, by) if allowance and billing else {}
        besides = [key for key in used if key.ref != "total"]
        found = rows_of_table(connection, scope, by, driver, billing, besides, shown)
        seen = {key for key, _ in found.ordered}
        whole = found.totals
        return ProfitView(
            period,
            by,
            rows(found.ordered, names_of(connection, by, (key.ref for key in seen))),
            total_rows(whole),
            quality(connection, terms, scope, together(whole.values())),
            driver=DRIVERS[driver] if by in PARTS else "",
            trends=trends_of(connection, scope, by, seen if found.left else None),
            measures=measured(connection, found.sums, period, by, measures, billing),
            definitions={name: MEASURES[name].definition for name in measures},
            client=client,
            allowances=used,
            title=_title(connection, scope, by),
            left=found.left,
        )


def _title(connection: Connection, scope: Scope, by: By) -> str:
    whose = ""
    if scope.client is not None:
        names = names_of(connection, "client", [scope.client])
        whose = f" of {names.get(scope.client, scope.client)}"
    return f"Profit {scope.period}{whose} by {by}"


def _known(measures: Sequence[str], by: By) -> None:
    if unknown := [name for name in measures if name not in MEASURES]:
        raise Stop(f"There is no measure {unknown[0]!r}.", do=f"Known are {', '.join(MEASURES)}.")
    if measures and by not in MEASURED:
        raise Stop(
            f"Measures compare invoices with work, and invoices say nothing by {by}.",
            do="Ask for them --by contract or --by client.",
        )


def whole_months(period: Period) -> None:
    """Raises `Stop` for a period that cuts a month."""
    if period.start.day != 1 or period.end.day != 1:
        raise Stop(
            f"Revenue is kept by month, so profit of {period} cannot be told.",
            do="Ask for whole months, such as 2026-09 or 2026-07..2026-09.",
        )
