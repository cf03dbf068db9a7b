"""Rows of one sheet of an XLSX workbook, streamed.

A workbook stores every number as a binary double written out with up to 17 digits. `repr`
gives the shortest decimal text that is the same double: 0.1 typed is 0.1 read, and what a
formula left as 0.30000000000000004 is not silently tidied. Dates carry no time zone.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import repeat
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from openpyxl import load_workbook  # type: ignore[import-untyped] # openpyxl ships no type information
from openpyxl.styles.numbers import is_datetime  # type: ignore[import-untyped] # ditto, no type information

from tallystick.connector import Broken, Pulled
from tallystick.errors import Stop, TallystickError
from tallystick_files.header import check_header
from tallystick_files.settings import FilesSettings

MAX_ROWS = 1_048_576
MEMBER_LIMIT = 512 << 20
FORMULA = re.compile(rb"<(?:\w+:)?f[ />]")
BLOCK = 1 << 20


def xlsx_rows(path: Path, name: str, settings: FilesSettings) -> Iterator[Pulled | Broken]:
    """Every row as a dict by column name: texts, `int`, `Decimal`, `bool`, ISO dates, None.

    Raises `Stop` when the file is no workbook, has no such sheet or no good header.
    """
    try:
        yield from _rows(path, name, settings)
    except TallystickError:
        raise
    except Exception as error:  # whatever openpyxl, zlib or the XML parser makes of bad bytes
        raise Stop(
            f"{name} is not a readable XLSX workbook: {type(error).__name__}: {error}.",
            do="Open it and save it again as .xlsx without a password, or export CSV.",
            place=name,
        ) from error


def _rows(path: Path, name: str, settings: FilesSettings) -> Iterator[Pulled | Broken]:
    formulas = _formulas(path, name, settings)
    rows = zip(_cells(path, name, settings, cached=True), formulas, strict=False)
    first, _ = next(rows, ((), ()))
    header = _header(first, name)
    for number, (cells, originals) in enumerate(rows, 2):
        place = f"row {number} of {name}"
        if number > MAX_ROWS:
            raise Stop(f"{name} has more than {MAX_ROWS:,} rows.", do="Export CSV.", place=place)
        raw, faults = _read(header, cells, originals)
        if faults:
            what = f"The row could not be read: {'; '.join(faults[:5])}."
            do = "Correct the cells, recalculate and save the workbook, or export CSV."
            yield Broken(place, what, do, raw)
        elif any(value is not None for value in raw.values()):
            yield Pulled(raw, place)


def _header(cells: tuple[Any, ...], name: str) -> list[str]:
    names = ["" if cell.value is None else str(cell.value) for cell in cells]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise Stop(
            f"The first row of {name} is empty.",
            do="Put the column names into row 1 of the sheet, or name another `sheet`.",
            place=f"row 1 of {name}",
        )
    check_header(names, name)
    return names


def _cells(
    path: Path, name: str, settings: FilesSettings, cached: bool
) -> Iterator[tuple[Any, ...]]:
    """The rows of the sheet, the values last calculated or the formulas themselves."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        workbook = load_workbook(path, read_only=True, data_only=cached)
    try:
        if settings.sheet is not None and settings.sheet not in workbook.sheetnames:
            raise Stop(
                f"{name} has no sheet {settings.sheet!r}; it has {', '.join(workbook.sheetnames)}.",
                do="Correct `sheet` in the connection's settings.",
                place=name,
            )
        sheet = workbook[settings.sheet or workbook.sheetnames[0]]
        sheet.reset_dimensions()  # some exporters declare fewer cells than they write
        yield from sheet.iter_rows()
    finally:
        workbook.close()


def _formulas(path: Path, name: str, settings: FilesSettings) -> Iterator[tuple[Any, ...]]:
    """The same rows once more with their formulas, only when the workbook holds any."""
    with ZipFile(path) as archive:
        if any(member.file_size > MEMBER_LIMIT for member in archive.infolist()):
            raise Stop(
                f"{name} unpacks to more than {MEMBER_LIMIT >> 20} MiB.",
                do="Export a table of this size as CSV.",
                place=name,
            )
        sheets = [part for part in archive.namelist() if part.startswith("xl/worksheets/")]
        if any(_holds_formula(archive, sheet) for sheet in sheets):
            return _cells(path, name, settings, cached=False)
    return repeat(())


def _holds_formula(archive: ZipFile, sheet: str) -> bool:
    edge = b""
    with archive.open(sheet) as content:
        while block := content.read(BLOCK):
            if FORMULA.search(edge + block):
                return True
            edge = block[-64:]
    return False


def _read(
    header: list[str], cells: tuple[Any, ...], formulas: tuple[Any, ...]
) -> tuple[dict[str, Any], list[str]]:
    """The row by column name, and what is wrong with its cells."""
    raw: dict[str, Any] = dict.fromkeys(header)
    faults: list[str] = []
    for index, cell in enumerate(cells):
        value = _plain(cell.value, cell)
        where = header[index] if index < len(header) else f"column {index + 1}"
        if value is None:
            uncalculated = cell.data_type == "n" and index < len(formulas)
            if uncalculated and formulas[index].data_type == "f":
                faults.append(f"the formula in {where!r} was never calculated")
        elif cell.data_type == "e":
            faults.append(f"{where!r} holds the error {cell.value}")
        elif index >= len(header):
            faults.append(f"{where} has content but no column name")
        elif isinstance(value, Decimal) and not value.is_finite():
            faults.append(f"{where!r} holds no finite number")
        else:
            raw[header[index]] = value
    return raw, faults


def _plain(value: Any, cell: Any) -> Any:
    """A cell's value without float: see the top of this file."""
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if _is_day(cell.number_format) else value.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return value


@lru_cache(maxsize=256)
def _is_day(number_format: str) -> bool:
    return bool(is_datetime(number_format) == "date")
