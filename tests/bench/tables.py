"""What a profit table costs to read, beside SQL written by hand: the same report, and bare sums."""

from __future__ import annotations

import gc
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from commands import reading_world
from profit_world import BILLING, SUMS, TERMS, YEAR, by_hand, kept_world

from tallystick.cli.app import COLLECTED_AFTER
from tallystick.cli.profiting import SHOWN
from tallystick.engine.installation import open_installation
from tallystick.insight.dimensions import By
from tallystick.period import Period, month
from tallystick.views.profit import profit

Work = Callable[[Path, int], Callable[[], None]]


class Table(NamedTuple):
    """A profit table; `sums` are its bare sums in SQL by hand, `report` all it says: the columns of
    every row with its name, the worst first, the totals, and what they rest on."""

    by: By
    period: Period
    sums: Sequence[str]
    report: Sequence[str] = ()
    client: str | None = None

    def shown(self, folder: Path, rows: int) -> Callable[[], None]:
        """As the command reads it once its sums are kept: what the rows it prints say is worked
        out when it prints them."""
        gc.set_threshold(COLLECTED_AFTER)  # as every command does
        database = kept_world(folder, rows)

        def work() -> None:
            profit(database, TERMS, self.period, self.by, BILLING, client=self.client, shown=SHOWN)

        work()
        return work

    def whole(self, folder: Path, rows: int) -> Callable[[], None]:
        """With the name, the trend and every figure of every row, as files have them."""
        gc.set_threshold(COLLECTED_AFTER)
        database = kept_world(folder, rows)

        def work() -> None:
            found = profit(database, TERMS, self.period, self.by, BILLING, client=self.client)
            for row in found.rows:
                row.told()

        work()
        return work

    def sums_by_hand(self, folder: Path, rows: int) -> Callable[[], None]:
        return self._by_hand(self.sums, folder, rows)

    def report_by_hand(self, folder: Path, rows: int) -> Callable[[], None]:
        return self._by_hand(self.report, folder, rows)

    def _by_hand(self, queries: Sequence[str], folder: Path, rows: int) -> Callable[[], None]:
        self.shown(folder, rows)
        hand = by_hand(folder, rows)
        whose = [self.client] if self.client else []

        def work() -> None:
            for query in queries:
                hand.ask(query, *self.period, *whose)

        work()
        return work


WITHIN = "month >= ? AND month < ?"
SPANS = "length(span) = 7 AND span >= substr(?, 1, 7) AND span < substr(?, 1, 7)"
CELLS_OF = f"SELECT {{keys}}, sum(revenue_minor), sum(direct_minor), {SUMS} FROM {{table}} WHERE "
BY_CONTRACT = (
    CELLS_OF.format(keys="contract, client, currency", table="profit_cell")
    + f"{WITHIN} {{whose}} GROUP BY contract, client, currency"
)
REPORT = (
    f"""WITH summed AS (
    SELECT contract, client, currency, sum(revenue_minor) AS revenue, sum(direct_minor) AS direct,
        sum(labour_minor) AS labour, sum(overhead_minor) AS overhead, sum(seconds) AS seconds,
        sum(unpaid_seconds) AS unpaid, sum(uncosted_seconds) AS uncosted,
        sum(unexchanged_seconds) AS unexchanged, sum(unexchanged_costs) AS costs
    FROM profit_cell WHERE {WITHIN} {{whose}} GROUP BY contract, client, currency
), told AS (
    SELECT *, revenue - labour - overhead - direct AS margin,
        uncosted + unexchanged + costs = 0 AS known FROM summed
) SELECT contract, coalesce(k.name, contract), told.currency, revenue, seconds, unpaid, labour,
    overhead, labour + overhead, direct, CASE WHEN known THEN margin END,
    CASE WHEN known AND revenue <> 0 THEN round(100.0 * margin / revenue, 1) END,
    CASE WHEN seconds <> 0 THEN CAST(round(3600.0 * revenue / seconds) AS BIGINT) END,
    uncosted, unexchanged, costs
FROM told LEFT JOIN contract k ON k.connection = 'psa' AND k.id = substr(told.contract, 5)
ORDER BY told.currency, CASE WHEN known THEN margin ELSE revenue END, contract""",
    f"""SELECT currency, sum(revenue_minor), sum(direct_minor), {SUMS}, sum(unexchanged_costs),
    sum(CASE WHEN contract = '' THEN seconds ELSE 0 END),
    sum(CASE WHEN client = '' THEN seconds ELSE 0 END)
FROM profit_cell WHERE {WITHIN} {{whose}} GROUP BY currency""",
)
BY_LINE = (
    f"SELECT line, currency, {SUMS} FROM line_effort WHERE {WITHIN} GROUP BY line, currency",
    """SELECT line, currency, sum(-amount_minor) FROM posting WHERE account LIKE 'Income:%'
    AND reported_in >= ? AND reported_in < ? GROUP BY line, currency""",
)
BY_TECHNICIAN = (
    CELLS_OF.format(keys="part, currency", table="part_profit")
    + f"{SPANS} AND dimension = 'technician' AND driver = 'hours' GROUP BY part, currency"
)
STAMPS = f"""SELECT contract, client, currency, {SUMS} FROM effort WHERE {WITHIN}
GROUP BY contract, client, currency"""
SEPTEMBER = month(2026, 9)


def _by_contract(period: Period, client: str | None = None) -> Table:
    whose = "AND client = ?" if client else ""
    sums, *report = (query.format(whose=whose) for query in (BY_CONTRACT, *REPORT))
    return Table("contract", period, [sums], report, client)


class Shared(NamedTuple):
    """A table of months shared out to parts, in the world of reading commands, where work is on
    tickets and devices: once they are shared out, and with that to do first."""

    by: By
    column: str
    period: Period

    def _read(self, folder: Path, rows: int) -> Callable[[], None]:
        gc.set_threshold(COLLECTED_AFTER)
        with open_installation(reading_world(folder, rows)) as of:
            asked = (of.database, of.cells, self.period, self.by, of.terms)

        def work() -> None:
            profit(*asked, shown=SHOWN)  # its database opens again by itself

        return work

    def shown(self, folder: Path, rows: int) -> Callable[[], None]:
        work = self._read(folder, rows)
        work()
        return work

    def first(self, folder: Path, rows: int) -> Callable[[], None]:
        """Nothing of it is kept yet."""
        work = self._read(folder, rows)
        with sqlite3.connect(folder / f"reading-{rows}.db") as database:
            for table in ("part_told", "part_profit"):
                database.execute(f"DELETE FROM {table} WHERE dimension = ?", [self.by])
        return work

    def worst_by_hand(self, folder: Path, rows: int) -> Callable[[], None]:
        """The rows that are shown, from what is kept of the months."""
        self.shown(folder, rows)
        return self._by_hand(folder, rows, WORST, self.by)

    def work_by_hand(self, folder: Path, rows: int) -> Callable[[], None]:
        """The sums of the work alone, by what has to be shared out, nothing shared out."""
        reading_world(folder, rows)
        return self._by_hand(folder, rows, WORK.format(part=self.column))

    def _by_hand(self, folder: Path, rows: int, query: str, *of: str) -> Callable[[], None]:
        database = sqlite3.connect(folder / f"reading-{rows}.db")
        database.execute("PRAGMA cache_size = -16000")
        asked = [*map(str, self.period), *of]
        return lambda: _ignore(database.execute(query, asked).fetchall())


def _ignore(_: object) -> None:
    return


WORST = f"""SELECT part, currency, sum(revenue_minor), sum(direct_minor), {SUMS} FROM part_profit
WHERE {SPANS} AND dimension = ? AND driver = 'hours' GROUP BY part, currency
ORDER BY sum(revenue_minor - direct_minor - labour_minor - overhead_minor), part LIMIT {SHOWN}"""
WORK = f"""SELECT contract, client, month, currency, {{part}}, {SUMS} FROM effort WHERE {WITHIN}
GROUP BY contract, client, month, currency, {{part}}"""
REPORTS = {
    "profit_month": _by_contract(SEPTEMBER),
    "profit_year": _by_contract(YEAR),
    "profit_client": _by_contract(YEAR, "psa:C7"),
}
TABLES = {
    "profit_line_month": Table("line", SEPTEMBER, BY_LINE),
    "profit_line_year": Table("line", YEAR, BY_LINE),
    "profit_technician_year": Table("technician", YEAR, [BY_TECHNICIAN]),
}
SHARED = {
    "profit_ticket_month": Shared("ticket", "ticket", SEPTEMBER),
    "profit_ticket_year": Shared("ticket", "ticket", YEAR),
    "profit_asset_year": Shared("asset", "asset", YEAR),
}
FIGURES: dict[str, Work] = {
    "profit_year_stamps_sql": Table("contract", YEAR, [STAMPS]).sums_by_hand,
    **{f"{name}_sums_sql": table.sums_by_hand for name, table in (REPORTS | TABLES).items()},
    **{f"{name}_sql": table.report_by_hand for name, table in REPORTS.items()},
    **{name: table.shown for name, table in (REPORTS | TABLES).items()},
    **{f"{name}_whole": table.whole for name, table in REPORTS.items()},
    **{f"{name}_first_sql": table.work_by_hand for name, table in SHARED.items()},
    **{f"{name}_first": table.first for name, table in SHARED.items()},
    **{f"{name}_sql": table.worst_by_hand for name, table in SHARED.items()},
    **{name: table.shown for name, table in SHARED.items()},
}
FLOOR_OF = {
    **{f"{name}_first": f"{name}_first_sql" for name in SHARED},
    **{name: f"{name}_sql" for name in SHARED},
    **{name: f"{name}_sql {name}_sums_sql" for name in REPORTS},
    **{f"{name}_whole": f"{name}_sql {name}_sums_sql" for name in REPORTS},
    **{name: f"{name}_sums_sql" for name in TABLES},
}
"""A report has two: the same report by hand, and its bare sums."""
