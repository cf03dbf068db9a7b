"""Invoice documents as files, written once and never changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select

from tallystick.billing.invoice.document import InvoiceDocument
from tallystick.cycle.document import document_of
from tallystick.errors import SkipRecord
from tallystick.store.billing.schema import invoice
from tallystick.store.database import Database

Formats = Mapping[str, Callable[[InvoiceDocument], bytes]]
"""How to render each format, by the ending of its files; `SkipRecord` where it cannot be."""


@dataclass(slots=True)
class DocumentReport:
    """How many files were written now, and the sentences why others could not be."""

    written: int = 0
    refused: list[str] = field(default_factory=list)


def write_missing(
    database: Database,
    folder: Path,
    formats: Formats,
    progress: Callable[[int], None],
    *,
    annexed: bool = False,
) -> DocumentReport:
    """Write the documents `folder` does not have yet. One that cannot be is tried again next
    time, and keeps no other from being written."""
    folder.mkdir(parents=True, exist_ok=True)
    there = {path.name for path in folder.iterdir()}
    report = DocumentReport()
    with database.read() as connection:
        for row in connection.execute(select(invoice).order_by(invoice.c.number)).all():
            missing = [kind for kind in formats if f"{row.number}.{kind}" not in there]
            if not missing:
                continue
            document = document_of(connection, row, annexed=annexed)
            refused = []
            for kind in missing:
                try:
                    content = formats[kind](document)
                except SkipRecord as error:
                    refused.append(str(error))
                else:
                    _write(folder / f"{row.number}.{kind}", content)
                    report.written += 1
            report.refused += dict.fromkeys(refused)
            progress(1)
    return report


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all: a document cut short would never be written again."""
    draft = path.with_name(f".{path.name}.new")
    draft.write_bytes(content)
    draft.replace(path)
