"""Rows of a CSV file (RFC 4180 quoting), a million of them in constant memory."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from tallystick.connector import Broken, Pulled, Raw
from tallystick.errors import Stop
from tallystick_files.header import check_header
from tallystick_files.lines import Lines
from tallystick_files.settings import FilesSettings

EXPORT_AGAIN = "Correct the row in the file or export it again."


def csv_rows(path: Path, name: str, settings: FilesSettings) -> Iterator[Pulled | Broken]:
    """Every row as a dict of texts by column name; `row 2` is the first below the header.

    Rows without any content are passed over. Raises `Stop` when the header is no good.
    """
    with path.open("rb") as file:
        lines = Lines(file, settings.encoding, name)
        reader = csv.reader(iter(lines), delimiter=settings.delimiter, strict=True)
        header = _header(reader, lines, name, settings)
        width = len(header)
        number, line = 1, reader.line_num
        while True:
            try:
                for row in reader:
                    number += 1
                    lines.blocks_in_row = 0
                    line = reader.line_num
                    if lines.fault:
                        yield _broken(header, row, lines.fault, f"row {number} of {name}")
                        lines.fault = ""
                    elif any(row):
                        place = f"row {number} of {name}"
                        if len(row) == width:
                            yield Pulled(dict(zip(header, row, strict=True)), place)
                        else:
                            yield _broken(header, row, "", place)
                return
            except csv.Error as error:
                number += 1
                place = f"row {number} of {name}"
                yield _unreadable(lines.fault or error, place, line + 1, reader.line_num)
                lines.fault = ""
                line = reader.line_num


def _header(
    reader: Iterator[list[str]], lines: Lines, name: str, settings: FilesSettings
) -> list[str]:
    try:
        header = next(reader, [])
        fault = lines.fault
    except csv.Error as error:
        header, fault = [], str(error)
    if lines.has_bom and settings.encoding != "utf-8":
        fault = (
            f"it begins with the UTF-8 byte order mark, but is to be read as {settings.encoding}"
        )
    if fault or not header:
        raise Stop(
            f"The header of {name} could not be read: {fault or 'the first row is empty'}.",
            do="Export it again as CSV in UTF-8, or set `encoding` to what it is written in.",
            place=f"row 1 of {name}",
        )
    for other in (",", ";", "\t"):
        if len(header) == 1 and other in header[0]:
            raise Stop(
                f"{name} has a single column named {header[0][:80]!r}.",
                do=f"If it is several, set `delimiter` to {other!r} in the connection's settings.",
                place=f"row 1 of {name}",
            )
    check_header(header, name)
    return header


def _broken(header: Sequence[str], row: list[str], fault: str, place: str) -> Broken:
    raw: Raw = dict(zip(header, row, strict=False))
    if fault:
        what = f"The row could not be read: {fault}."
        return Broken(place, what, "Export the file again in one encoding, UTF-8.", raw)
    if len(row) > len(header):
        raw = {**raw, "(cells too many)": row[len(header) :]}
    what = f"The row has {len(row)} cells under {len(header)} column names."
    return Broken(place, what, EXPORT_AGAIN, raw)


def _unreadable(error: object, place: str, first: int, last: int) -> Broken:
    """The parser gave up; it goes on with the next line, what it had taken in is lost."""
    taken = f" Lines {first} to {last} went with it." if last > first else ""
    return Broken(place, f"The row could not be read: {error}.{taken}", EXPORT_AGAIN, {})
