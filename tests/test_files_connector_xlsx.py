"""The `files` connector on workbooks: exact numbers, plain dates, nothing taken on trust."""

from __future__ import annotations

import zipfile
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook  # type: ignore[import-untyped] # openpyxl ships no type information

from tallystick.connector import Broken, Context, Cursor, Pulled
from tallystick.errors import Stop
from tallystick_files.session import FilesSession
from tallystick_files.settings import FilesSettings

Found = list[Pulled | Broken | Cursor]


def pull(folder: Path, **settings: Any) -> Found:
    context = Context("psa", folder, lambda: datetime(2026, 7, 1, tzinfo=UTC))
    opened = FilesSession(FilesSettings(folder=Path(), **settings), context)
    return list(opened.pull("booking", None))


def save(folder: Path, *table: list[Any]) -> Path:
    book = Workbook()
    for row in table:
        book.worksheets[0].append(row)
    path = folder / "bookings.xlsx"
    book.save(path)
    return path


def edit(path: Path, old: str, new: str) -> None:
    """Replace text in the first sheet's XML, as another program would have written it."""
    with zipfile.ZipFile(path) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    sheet = "xl/worksheets/sheet1.xml"
    assert old.encode() in parts[sheet]
    parts[sheet] = parts[sheet].replace(old.encode(), new.encode())
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def test_cells_become_exact_plain_values(tmp_path: Path) -> None:
    values = {
        "text": "  Köln ",
        "int": 1001,
        "number": 0.1,
        "truth": True,
        "day": date(2026, 7, 1),
        "moment": datetime.fromisoformat("2026-07-01T00:00:00"),
        "time": time(8, 30),
        "long": timedelta(hours=26, minutes=30),
        "empty": None,
    }
    save(tmp_path, list(values), list(values.values()))
    first = pull(tmp_path)[0]
    assert first == Pulled(
        {
            "text": "  Köln ",
            "int": 1001,
            "number": Decimal("0.1"),
            "truth": True,
            "day": "2026-07-01",
            "moment": "2026-07-01T00:00:00",
            "time": "08:30:00",
            "long": "26:30:00",
            "empty": None,
        },
        "row 2 of bookings.xlsx",
    )
    assert not any(isinstance(value, float) for value in first.raw.values())


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("95.700000000000003", "95.7"),
        ("0.10000000000000001", "0.1"),
        ("0.30000000000000004", "0.30000000000000004"),
        ("1.5E-2", "0.015"),
    ],
)
def test_seventeen_digits_as_excel_writes_them_are_the_number_typed(
    tmp_path: Path, written: str, read: str
) -> None:
    path = save(tmp_path, ["Price"], [0.5])
    edit(path, "0.5", written)
    assert pull(tmp_path)[0] == Pulled({"Price": Decimal(read)}, "row 2 of bookings.xlsx")


def test_a_formula_counts_with_its_last_value_or_not_at_all(tmp_path: Path) -> None:
    path = save(tmp_path, ["Id", "Hours", "Note"], [1, "=1+1", None], [2, 3, None], [3, 4, "=B2"])
    edit(path, "<f>1+1</f><v></v>", "<f>1+1</f><v>2</v>")
    edit(path, '<c r="C4"><f>B2</f><v></v>', '<c r="C4" t="str"><f>B2</f><v></v>')
    save_rows = [item.raw for item in pull(tmp_path) if isinstance(item, Pulled)]
    assert [row["Hours"] for row in save_rows] == [2, 3, 4]
    assert save_rows[2]["Note"] is None, "a formula that came to an empty text"


@pytest.mark.parametrize(
    ("row", "edits", "reason"),
    [
        ([2, "=1+1"], [], "formula in 'Hours' was never calculated"),
        ([2, "#N/A"], [], "'Hours' holds the error #N/A"),
        ([2, 3, 4], [], "column 3 has content but no column name"),
        ([2, 0.5], [("<v>0.5</v>", "<v>1e999</v>")], "no finite number"),
    ],
)
def test_a_bad_row_is_set_aside_and_its_neighbours_arrive(
    tmp_path: Path, row: list[Any], edits: list[tuple[str, str]], reason: str
) -> None:
    path = save(tmp_path, ["Id", "Hours"], [1, 1], row, [3, 1])
    for old, new in edits:
        edit(path, old, new)
    found = pull(tmp_path)
    assert [item.raw["Id"] for item in found if isinstance(item, Pulled)] == [1, 3]
    (fault,) = [item for item in found if isinstance(item, Broken)]
    assert fault.place == "row 3 of bookings.xlsx"
    assert reason in fault.what


def test_short_rows_gaps_and_a_wrong_declared_size_lose_nothing(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["Id", "Note", None])
    sheet.cell(4, 1, 7)
    sheet.cell(6, 2, "x")
    path = tmp_path / "bookings.xlsx"
    book.save(path)
    edit(path, 'ref="A1:C6"', 'ref="A1"')
    found = pull(tmp_path)
    assert found[:-1] == [
        Pulled({"Id": 7, "Note": None}, "row 4 of bookings.xlsx"),
        Pulled({"Id": None, "Note": "x"}, "row 6 of bookings.xlsx"),
    ]


def test_the_sheet_is_the_first_or_the_one_named(tmp_path: Path) -> None:
    book = Workbook()
    book.worksheets[0].title = "Summary"
    book.create_sheet("Export").append(["Id"])
    book["Summary"].append(["Total"])
    book.save(tmp_path / "bookings.xlsx")
    assert [type(item) for item in pull(tmp_path, sheet="Export")] == [Cursor]
    with pytest.raises(Stop, match="no sheet 'Time'; it has Summary, Export"):
        pull(tmp_path, sheet="Time")


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (["Id", "Id"], "more than one column named 'Id'"),
        (["Id", None, "Note"], "Column 2"),
        ([None], "first row of bookings.xlsx is empty"),
    ],
)
def test_a_header_that_is_no_good_stops(tmp_path: Path, header: list[Any], reason: str) -> None:
    save(tmp_path, header, [1])
    with pytest.raises(Stop, match=reason):
        pull(tmp_path)


def test_what_is_no_workbook_stops_with_a_sentence(tmp_path: Path) -> None:
    path = save(tmp_path, ["Id"], *[[number] for number in range(1000)])
    whole = path.read_bytes()
    for content in (b"Id\n1\n", b"", whole[:100], whole[: len(whole) // 2]):
        path.write_bytes(content)
        with pytest.raises(Stop, match="not a readable XLSX workbook"):
            pull(tmp_path)


@pytest.mark.parametrize("row_number", ["1048577", "999999999999"])
def test_a_row_beyond_the_last_possible_one_stops(tmp_path: Path, row_number: str) -> None:
    path = save(tmp_path, ["Id"], [1])
    edit(path, 'r="2"', f'r="{row_number}"')
    edit(path, 'r="A2"', f'r="A{row_number}"')
    with pytest.raises(Stop, match="more than 1,048,576 rows"):
        pull(tmp_path)


def test_a_workbook_that_unpacks_to_too_much_stops(tmp_path: Path) -> None:
    path = save(tmp_path, ["Id"], [1])
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("xl/bomb.xml", "w", force_zip64=True) as member,
    ):
        for _ in range(513):
            member.write(bytes(1 << 20))
    with pytest.raises(Stop, match="unpacks to more than 512 MiB"):
        pull(tmp_path)
