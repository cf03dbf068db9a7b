"""What keeping profit up to date costs: a changed booking, all of it again, a table read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from tallystick.billing.models import SHIPPED
from tallystick.period import Period
from tallystick.records import Booking, Client, Contract, ContractLine, CostRate
from tallystick.store import inbound
from tallystick.store.cell_terms import CellTerms
from tallystick.store.database import Database, open_database
from tallystick.store.keeping import Keeper, rebuild
from tallystick.store.migrate import ready
from tallystick.views.profit import profit

NOW = datetime(2026, 10, 1, tzinfo=UTC)
KINDS = ("client", "contract", "contract_line", "booking", "cost_rate", "ticket", "cost", "usage")
TERMS = CellTerms(dict.fromkeys(KINDS, "psa"), SHIPPED)
YEAR = Period(date(2026, 1, 1), date(2027, 1, 1))
PER_CONTRACT, CHANGED, TECHNICIANS = 200, 1000, 50


def _world(folder: Path, rows: int) -> Database:
    """`rows` bookings of a year under one contract for every 200 of them."""
    database = open_database("sqlite:///profit.db", folder)
    ready(database)
    contracts = max(rows // PER_CONTRACT, 1)
    with database.write() as connection:
        store = inbound.store_records
        refs = [f"C{number}" for number in range(contracts)]
        for at in range(0, contracts, 5000):
            some = refs[at : at + 5000]
            store(connection, "psa", "client", [Client(id=r, name=r) for r in some], NOW)
            store(connection, "psa", "contract", list(map(_contract, some)), NOW)
            store(connection, "psa", "contract_line", list(map(_line, some)), NOW)
        rates = [_rate(number) for number in range(TECHNICIANS)]
        store(connection, "psa", "cost_rate", rates, NOW)
        for at in range(0, rows, 10_000):
            some_rows = range(at, min(at + 10_000, rows))
            store(connection, "psa", "booking", [_booking(i, contracts) for i in some_rows], NOW)
    return database


def _contract(ref: str) -> Contract:
    return Contract(id=f"K{ref}", client=ref, name=ref, currency="EUR", starts_on=YEAR.start)


def _line(ref: str) -> ContractLine:
    terms = {"unit_price": "100", "work_types": ["*"]}
    return ContractLine(
        id=f"L{ref}", contract=f"K{ref}", description="Fee", model="fixed", terms=terms
    )


def _rate(number: int) -> CostRate:
    return CostRate(
        id=f"R{number}",
        technician=f"T{number}",
        valid_from=YEAR.start,
        hourly=Decimal(30 + number),
        currency="EUR",
    )


def _booking(number: int, contracts: int, seconds: int = 900) -> Booking:
    return Booking(
        id=str(number),
        client=f"C{number % contracts}",
        technician=f"T{number % TECHNICIANS}",
        work_date=YEAR.start + timedelta(days=number * 7 % 365),
        seconds=seconds * (number % 5 + 1),
    )


def _changes(folder: Path, rows: int, kept: bool) -> Callable[[], None]:
    database = _world(folder, rows)
    rebuild(database, TERMS)
    contracts = max(rows // PER_CONTRACT, 1)
    changed = [_booking(i * 7919 % rows, contracts, 1000) for i in range(CHANGED)]
    keep = Keeper(TERMS) if kept else inbound.keep_nothing

    def work() -> None:
        with database.write() as connection:
            inbound.store_records(connection, "psa", "booking", changed, NOW, keep)

    return work


def bare_changes(folder: Path, rows: int) -> Callable[[], None]:
    """1,000 of `rows` bookings change, and nothing follows."""
    return _changes(folder, rows, kept=False)


def profit_changes(folder: Path, rows: int) -> Callable[[], None]:
    """The same, and profit follows in the same transaction."""
    return _changes(folder, rows, kept=True)


def profit_rebuild(folder: Path, rows: int) -> Callable[[], None]:
    """Every stamp and cell again from the facts."""
    database = _world(folder, rows)

    def work() -> None:
        rebuild(database, TERMS)

    return work


def profit_read(folder: Path, rows: int) -> Callable[[], None]:
    """The year by contract, from the cells."""
    profit_rebuild(folder, rows)()
    database = open_database("sqlite:///profit.db", folder)

    def work() -> None:
        profit(database, TERMS, YEAR, "contract")

    return work
