"""The same quarter on PostgreSQL ends in the same documents, to the byte."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import URL, create_engine, text

from tallystick.cli.screen import Screen
from tallystick.demo.quarter import play
from tallystick.store.database import open_database
from tallystick.store.migrate import upgrade

FOLDERS = ("books", "debit", "invoices")


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for name in FOLDERS
        for path in (folder / name).rglob("*")
        if path.is_file()
    }


def test_postgresql_and_sqlite_end_in_the_same_documents(
    quarter: Path, postgres: URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = create_engine(postgres, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text("CREATE DATABASE demo_quarter"))
    server.dispose()
    url = postgres.set(database="demo_quarter").render_as_string(hide_password=False)
    database = open_database(url, tmp_path)
    upgrade(database)
    database.close()
    monkeypatch.setenv("TALLYSTICK__STORE__URL", url)
    folder = tmp_path / "quarter"
    assert play(folder, Screen(as_json=True), lambda _: None).changes > 0
    assert play(folder, Screen(as_json=True), lambda _: None).changes == 0
    assert not (folder / "tallystick.db").exists()
    assert files(folder) == files(quarter)
