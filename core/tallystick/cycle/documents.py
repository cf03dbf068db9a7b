"""Invoice documents as files, written once and never changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from sqlalchemy import select

from tallystick.billing.document import InvoiceDocument
from tallystick.cycle.document import document_of
from tallystick.store.database import Database
from tallystick.store.ledger_schema import invoice

Formats = Mapping[str, Callable[[InvoiceDocument], bytes]]
"""How to render each format, by the ending of its files."""


def write_missing(
    database: Database,
    folder: Path,
    formats: Formats,
    progress: Callable[[int], None],
    *,
    annexed: bool = False,
) -> int:
    """Write the documents `folder` does not have yet; returns how many files that were."""
    folder.mkdir(parents=True, exist_ok=True)
    there = {path.name for path in folder.iterdir()}
    written = 0
    with database.read() as connection:
        for row in connection.execute(select(invoice).order_by(invoice.c.number)).all():
            missing = [kind for kind in formats if f"{row.number}.{kind}" not in there]
            if not missing:
                continue
            document = document_of(connection, row, annexed=annexed)
            for kind in missing:
                _write(folder / f"{row.number}.{kind}", formats[kind](document))
            written += len(missing)
            progress(1)
    return written


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all: a document cut short would never be written again."""
    draft = path.with_name(f".{path.name}.new")
    draft.write_bytes(content)
    draft.replace(path)
