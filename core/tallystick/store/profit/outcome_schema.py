"""Temporary tables that a rebuild stamps from (`tallystick.store.profit.outcomes`), gone with
it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Date, MetaData, Table, Text

temporary = MetaData()
GONE_WITH_IT: Any = {"prefixes": ["TEMPORARY"], "postgresql_on_commit": "DROP"}

worked = Table(
    "worked",
    temporary,
    Column("booking", Text),
    Column("work_date", Date),
    Column("seconds", BigInteger),
    Column("work_type", Text),
    Column("technician", Text),
    Column("client", Text),
    Column("named", Text),
    Column("ticket", Text),
    Column("billable", Text),
    Column("ticket_type", Text),
    Column("priority", Text),
    Column("asset", Text),
    Column("approved", Boolean),
    Column("ticket_contract", Text),
    Column("month", Date),
    Column("said", Text),
    **GONE_WITH_IT,
)
"""Every booking, with what its contract and cost depend on; `said` is all that decides about its
contract beside the day, in one text, since what is missing joins nothing."""

routed = Table(
    "routed",
    temporary,
    Column("said", Text, primary_key=True),
    Column("since", Date, primary_key=True),
    Column("until", Date, nullable=False),
    Column("contract", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("some", Text, nullable=False),
    sqlite_with_rowid=False,
    **GONE_WITH_IT,
)
"""The contract of work that says the same, from a day on, and its currency; `some` is the one that
costs without another are told in."""

costed = Table(
    "costed",
    temporary,
    Column("technician", Text, primary_key=True),
    Column("seconds", BigInteger, primary_key=True),
    Column("into", Text, primary_key=True),
    Column("since", Date, primary_key=True),
    Column("until", Date, nullable=False),
    Column("currency", Text, nullable=False),
    Column("labour_minor", BigInteger, nullable=False),
    Column("overhead_minor", BigInteger, nullable=False),
    Column("uncosted", BigInteger, nullable=False),
    Column("unexchanged", BigInteger, nullable=False),
    sqlite_with_rowid=False,
    **GONE_WITH_IT,
)
"""The cost of so long work of a technician, told in a currency, from a day on; `uncosted` and
`unexchanged` are 1 where that is why there is no cost, else 0."""
