"""Tables derived from facts and journal: what each booking cost, and the sums profit is read from.

`tallystick books rebuild` makes all of them again; nothing here is the only place that knows it.
Amounts are minor units of the row's `currency`, which is the contract's where there is one.
A missing client or contract is the empty text, so that it can be part of a key. A stamp's key comes
first, and last the figures that cells sum (`tallystick.store.profit.stamped` goes by that).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, Date, Index, PrimaryKeyConstraint, Table, Text

from tallystick.store.facts.schema import metadata

ROOM: Any = {"postgresql_with": {"fillfactor": 80}}
"""Room in each page for rows as they become: PostgreSQL then leaves their indexes as they are."""

effort = Table(
    "effort",
    metadata,
    Column("booking", Text, nullable=False),
    Column("month", Date, nullable=False),
    Column("client", Text, nullable=False),
    Column("contract", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("work_date", Date, nullable=False),
    Column("work_type", Text),
    Column("ticket_type", Text),
    Column("priority", Text),
    Column("billable", Text, nullable=False),
    Column("named", Text),
    Column("ticket_contract", Text),
    Column("technician", Text),
    Column("ticket", Text),
    Column("asset", Text),
    Column("labour_minor", BigInteger, nullable=False),
    Column("overhead_minor", BigInteger, nullable=False),
    Column("bookings", BigInteger, nullable=False),
    Column("seconds", BigInteger, nullable=False),
    Column("uncosted_seconds", BigInteger, nullable=False),
    Column("unexchanged_seconds", BigInteger, nullable=False),
    Column("unpaid_seconds", BigInteger, nullable=False),
    Column("unapproved_seconds", BigInteger, nullable=False),
    PrimaryKeyConstraint("booking", "month", "client", "contract", "currency"),
    Index("effort_by_client", "client"),
    Index("effort_by_contract", "contract", "month"),
    Index("effort_by_month", "month", "contract"),
    Index("effort_by_technician", "technician", "work_date"),
    **ROOM,
)
"""Each booking of the home connection: where it went and what it cost, in the month it is reported
in. What is learnt about a closed month is a further row in an open one. `named` is the contract the
booking names, `ticket_contract` the one its ticket does."""

direct_cost = Table(
    "direct_cost",
    metadata,
    Column("source", Text, nullable=False),
    Column("month", Date, nullable=False),
    Column("client", Text, nullable=False),
    Column("contract", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("ticket", Text),
    Column("kind", Text, nullable=False),
    Column("direct_minor", BigInteger, nullable=False),
    Column("unexchanged_costs", BigInteger, nullable=False),
    PrimaryKeyConstraint("source", "month", "client", "contract", "currency"),
    Index("direct_cost_by_client", "client"),
    Index("direct_cost_by_month", "month", "contract"),
)
"""The share of each month in every cost, `cost:psa:77`, and in every usage that cost something."""

SUMS = (
    *("revenue_minor", "direct_minor", "labour_minor", "overhead_minor"),
    *("bookings", "seconds", "uncosted_seconds", "unexchanged_seconds"),
    *("unpaid_seconds", "unapproved_seconds", "unexchanged_costs"),
)
"""What a cell sums; all are whole numbers, so adding and taking away leaves no trace."""

EFFORT_SUMS = tuple(name for name in SUMS if name in effort.c)
DIRECT_SUMS = tuple(name for name in SUMS if name in direct_cost.c)

profit_cell = Table(
    "profit_cell",
    metadata,
    Column("contract", Text, nullable=False),
    Column("client", Text, nullable=False),
    Column("month", Date, nullable=False),
    Column("currency", Text, nullable=False),
    *(Column(name, BigInteger, nullable=False) for name in SUMS),
    PrimaryKeyConstraint("contract", "client", "month", "currency"),
    Index("profit_cell_by_month", "month", "contract"),
    Index("profit_cell_by_client", "client", "month"),
    **ROOM,
)
"""Revenue and effort of one contract in one month; cells of nothing are not kept."""

line_effort = Table(
    "line_effort",
    metadata,
    Column("client", Text, nullable=False),
    Column("month", Date, nullable=False),
    Column("line", Text, nullable=False),
    Column("currency", Text, nullable=False),
    *(Column(name, BigInteger, nullable=False) for name in EFFORT_SUMS),
    PrimaryKeyConstraint("client", "month", "line", "currency"),
    Index("line_effort_by_month", "month", "line"),
)
"""The effort of each client by the contract line that took it; empty: no line did. Which one does
can depend on all work before, so these follow at the first reading after a change."""

line_behind = Table("line_behind", metadata, Column("client", Text, primary_key=True))
"""The clients of whom something changed since `line_effort` was made."""

part_profit = Table(
    "part_profit",
    metadata,
    Column("dimension", Text, nullable=False),
    Column("driver", Text, nullable=False),
    Column("span", Text, nullable=False),
    Column("part", Text, nullable=False),
    Column("currency", Text, nullable=False),
    *(Column(name, BigInteger, nullable=False) for name in SUMS),
    PrimaryKeyConstraint("dimension", "driver", "span", "part", "currency"),
    sqlite_with_rowid=False,
)
"""The cells of each month (`2026-09`) shared out to the parts of a dimension, such as technicians,
by a driver, and their sums over a year (`2026`); made at the first reading. SQLite keeps them in
the order of their key, so that the parts of one span are read without sorting."""

part_told = Table(
    "part_told",
    metadata,
    Column("span", Text, nullable=False),
    Column("dimension", Text, nullable=False),
    Column("driver", Text, nullable=False),
    PrimaryKeyConstraint("span", "dimension", "driver"),
)
"""The spans whose rows in `part_profit` stand. Of a month: nothing in it has changed since; of a
year: it is the sum of what is kept of its months."""

cell_state = Table(
    "cell_state",
    metadata,
    Column("name", Text, primary_key=True),
    Column("terms_hash", Text, nullable=False),
)
"""Under which terms cells, and the sums by line, were made; an empty hash: they must be rebuilt
before they are read; no row: they never were made."""
