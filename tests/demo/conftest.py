"""One demo quarter per test process, played once and only read afterwards."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tallystick.cli.screen import Screen
from tallystick.demo.quarter import play


@pytest.fixture(scope="session")
def quarter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished demo quarter."""
    folder = tmp_path_factory.mktemp("demo") / "quarter"
    play(folder, Screen(as_json=True), lambda _: None)
    return folder


TABLES = {
    "invoice": "number",
    "invoice_line": "invoice, position",
    "invoice_tax": "invoice, category",
    "charge": 'invoice, "index"',
    "entry": "id",
    "posting": "entry, position",
    "settlement": "bank_transaction, part",
    "attempt": "key",
    "booking": "id",
}


def books(folder: Path) -> dict[str, object]:
    """Everything that money stands on: the files others read, and the rows behind them."""
    found: dict[str, object] = {
        str(path.relative_to(folder)): path.read_bytes()
        for name in ("books", "debit", "invoices", "exports")
        for path in (folder / name).rglob("*")
        if path.is_file()
    }
    with closing(sqlite3.connect(folder / "tallystick.db")) as database:
        for table, order in TABLES.items():
            query = f"SELECT * FROM {table} ORDER BY {order}"
            found[table] = database.execute(query).fetchall()
    return found


@pytest.fixture(name="books", scope="session")
def reading_books() -> Callable[[Path], dict[str, object]]:
    return books
