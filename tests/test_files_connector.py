"""The `files` connector against exports nobody vouches for: every bad input has its answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from tallystick.connector import Broken, Context, Cursor, Pulled, Source
from tallystick.errors import Stop
from tallystick.records import KINDS
from tallystick_files import tallystick_connectors
from tallystick_files.session import FilesSession
from tallystick_files.settings import FilesSettings

Found = list[Pulled | Broken | Cursor]


def session(folder: Path, **settings: Any) -> FilesSession:
    context = Context("psa", folder, lambda: datetime(2026, 7, 1, tzinfo=UTC))
    return FilesSession(FilesSettings(folder=Path(), **settings), context)


@pytest.fixture
def pull(tmp_path: Path) -> Callable[..., Found]:
    """Writes `content` as the bookings file and pulls it."""

    def _pull(content: bytes | str, name: str = "bookings.csv", **settings: Any) -> Found:
        data = content.encode() if isinstance(content, str) else content
        (tmp_path / name).write_bytes(data)
        return list(session(tmp_path, **settings).pull("booking", None))

    return _pull


def rows(found: Found) -> list[Any]:
    return [item.raw for item in found if isinstance(item, Pulled)]


def broken(found: Found) -> list[Broken]:
    return [item for item in found if isinstance(item, Broken)]


def test_the_descriptor_declares_every_kind_and_a_source_session(tmp_path: Path) -> None:
    (connector,) = tallystick_connectors()
    opened = connector.open(
        connector.settings(folder=tmp_path), Context("x", tmp_path, lambda: datetime.now(UTC))
    )
    assert isinstance(opened, Source)
    assert (connector.name, connector.reads, connector.writes) == (
        "files",
        frozenset(KINDS),
        frozenset(),
    )


# --- CSV ---------------------------------------------------------------------------------


def test_rows_are_texts_by_column_with_the_row_number_a_spreadsheet_shows(pull: Any) -> None:
    found = pull('Id,Note\n1,"two\nlines, ""quoted"""\n\n2, spaced \n')
    assert found[:2] == [
        Pulled({"Id": "1", "Note": 'two\nlines, "quoted"'}, "row 2 of bookings.csv"),
        Pulled({"Id": "2", "Note": " spaced "}, "row 4 of bookings.csv"),
    ]
    assert [type(item) for item in found[2:]] == [Cursor]


@pytest.mark.parametrize(
    ("content", "settings"),
    [
        ("Id,Ort\n1,Köln\n".encode("utf-8-sig"), {}),
        ("Id,Ort\n1,Köln\n".encode("utf-8-sig"), {"encoding": "utf-8-sig"}),
        ("Id;Ort\r\n1;Köln\r\n".encode("cp1252"), {"encoding": "cp1252", "delimiter": ";"}),
        ("Id\tOrt\n1\tKöln".encode(), {"delimiter": "\t"}),
    ],
)
def test_encodings_delimiters_and_line_ends(pull: Any, content: bytes, settings: Any) -> None:
    assert rows(pull(content, **settings)) == [{"Id": "1", "Ort": "Köln"}]


def test_only_newline_ends_a_row(pull: Any) -> None:
    odd = "a\x0bb\x0cc\x1cd\x85e\u2028f"
    assert rows(pull(f"Id,Note\n1,{odd}\n")) == [{"Id": "1", "Note": odd}]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"2,Peter", "2 cells under 3"),
        (b"2,Peter,x,y", "4 cells under 3"),
        (b"2,K\xf6ln,x", "byte 0xF6 is not utf-8"),
        (b"2,a\0b,x", "NUL"),
        (b"2," + b"y" * (1 << 20) + b",x", "longer than 1,048,576"),
        (b"2," + b"y" * (1 << 17) + b"y,x", "field limit"),
        (b'2,"a"b,x', "expected after"),
        (b'2,"first\nsecond \xff\nthird",x', "byte 0xFF"),
        (b'2,"first\n' + b"y" * (2 << 20) + b'\nthird",x', "longer than 1,048,576"),
    ],
)
def test_a_bad_row_is_set_aside_and_its_neighbours_arrive(
    pull: Any, line: bytes, reason: str
) -> None:
    found = pull(b"Id,Name,Note\n1,Anna,a\n" + line + b"\n3,Clara,c\n")
    assert [row["Id"] for row in rows(found)] == ["1", "3"]
    (fault,) = broken(found)
    assert fault.place == "row 3 of bookings.csv"
    assert reason in fault.what
    assert fault.do.endswith(".")
    assert isinstance(found[-1], Cursor)


def test_surplus_cells_are_shown_and_not_dropped(pull: Any) -> None:
    (fault,) = broken(pull("Id,Note\n1,a,b,c\n"))
    assert fault.raw == {"Id": "1", "Note": "a", "(cells too many)": ["b", "c"]}


def test_a_quote_that_never_closes_says_which_lines_it_took(pull: Any) -> None:
    found = pull('Id,Note\n1,a\n2,"open\n3,c\n4,d\n')
    assert [row["Id"] for row in rows(found)] == ["1"]
    (fault,) = broken(found)
    assert "Lines 3 to 5 went with it" in fault.what


def test_a_row_without_end_stops_before_memory_does(pull: Any) -> None:
    with pytest.raises(Stop, match="does not end"):
        pull("Id,Note\n1," + '"\n",' * 1_000_000)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("Id,Note,Id\n1,a,2\n", "more than one column named 'Id'"),
        ("Id,,Note, \n1,a,b,c\n", "Column 2, 4 of bookings.csv has no name"),
        (",".join(f"c{n}" for n in range(10_001)), "10,001 columns"),
        ("", "first row is empty"),
        ("\nId,Note\n", "first row is empty"),
        ("Id;Note\n1;a\n", "single column named 'Id;Note'"),
        ("Id,Note\n".encode("utf-16"), "could not be read"),
        (b"Id,K\xf6ln\n", "byte 0xF6"),
        (b"Id,Note\r1,a\r", "could not be read"),
        ("x" * (1 << 21), "longer than"),
    ],
)
def test_a_header_that_is_no_good_stops(pull: Any, content: bytes | str, reason: str) -> None:
    with pytest.raises(Stop, match=reason) as caught:
        pull(content)
    assert (caught.value.connection, caught.value.record) == ("psa", "booking")


def test_a_byte_order_mark_contradicts_another_encoding(pull: Any) -> None:
    with pytest.raises(Stop, match="byte order mark"):
        pull("Id,Ort\n1,Köln\n".encode("utf-8-sig"), encoding="cp1252")


# --- JSON Lines --------------------------------------------------------------------------


def test_json_numbers_are_exact_and_never_float(pull: Any) -> None:
    line = '{"a": 0.1, "b": 3, "c": [1e2, {"d": 0.30000000000000004}], "e": true, "f": null}'
    (raw,) = rows(pull(line + "\n\n", "bookings.jsonl"))
    assert raw == {
        "a": Decimal("0.1"),
        "b": 3,
        "c": [Decimal("1E+2"), {"d": Decimal("0.30000000000000004")}],
        "e": True,
        "f": None,
    }
    assert (type(raw["a"]), type(raw["b"])) == (Decimal, int)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"a": 1, "a": 2}', "'a' is given twice"),
        (b'{"x": {"a": 1, "a": 2}}', "'a' is given twice"),
        (b'{"a": NaN}', "NaN is not a number"),
        (b'{"a": -Infinity}', "-Infinity is not a number"),
        (b'{"a": 1e400}', "out of any sensible range"),
        (b'{"a": 1e-400}', "out of any sensible range"),
        (b'{"a": ' + b"1" * 5000 + b"}", "4300"),
        (b'{"a": 1', "Expecting"),
        (b"[1]", "not a JSON object"),
        (b'{"a": "K\xf6ln"}', "byte 0xF6"),
        (b'{"a": "x\0"}', "NUL"),
        (b'{"a": ["\\u0000"]}', "NUL"),
        (b'{"a": "\\ud800"}', "half a character"),
        (b'{"\\udc00": 1}', "half a character"),
        (b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "recursion"),
        (b'{"a": "' + b"y" * (1 << 20) + b'"}', "longer than"),
    ],
)
def test_a_bad_json_line_is_set_aside(pull: Any, line: bytes, reason: str) -> None:
    found = pull(b'{"id": 1}\n' + line + b'\n{"id": 3}\n', "bookings.jsonl")
    assert rows(found) == [{"id": 1}, {"id": 3}]
    (fault,) = broken(found)
    assert fault.place == "row 2 of bookings.jsonl"
    assert reason in fault.what


def test_an_escaped_pair_is_a_character(pull: Any) -> None:
    assert rows(pull('{"a": "\\ud83d\\ude00 \\\\u0000"}', "bookings.jsonl")) == [
        {"a": "\U0001f600 \\u0000"}
    ]


# --- settings and files ------------------------------------------------------------------


@pytest.mark.parametrize(
    "settings",
    [
        {"surprise": 1},
        {"files": {"invoice": "x.csv"}},
        {"files": {"booking": "../x.csv"}},
        {"files": {"booking": "/etc/passwd"}},
        {"files": {"booking": ""}},
        {"encoding": "utf-16"},
        {"encoding": "klingon"},
        {"delimiter": "|"},
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: Any) -> None:
    with pytest.raises(ValidationError):
        FilesSettings(folder=Path(), **settings)


def test_contracts_are_not_contract_lines(tmp_path: Path) -> None:
    for name in ("contracts.csv", "contract_lines.csv", "contracts.csv.bak", "~$contracts.xlsx"):
        (tmp_path / name).write_text("File\n" + name + "\n")
    for kind in ("contract", "contract_line"):
        assert rows(list(session(tmp_path).pull(kind, None))) == [{"File": f"{kind}s.csv"}]


def test_a_glob_reads_its_files_in_the_order_of_their_names(tmp_path: Path) -> None:
    for month in ("2026-08", "2026-07"):
        (tmp_path / f"time_{month}.csv").write_text(f"Month\n{month}\n")
    found = list(session(tmp_path, files={"booking": "time_*.csv"}).pull("booking", None))
    assert [row["Month"] for row in rows(found)] == ["2026-07", "2026-08"]


def test_a_kind_without_a_file_yields_nothing_unless_the_config_names_it(tmp_path: Path) -> None:
    assert list(session(tmp_path).pull("booking", None)) == []
    (tmp_path / "time.xls").touch()
    with pytest.raises(Stop, match=r"'time\.\*' in .*; time\.xls goes by that name"):
        list(session(tmp_path, files={"booking": "time.*"}).pull("booking", None))


def test_a_missing_folder_stops_and_says_where_it_looked(tmp_path: Path) -> None:
    lost = session(tmp_path / "gone")
    for ask in (lost.whoami, lambda: list(lost.pull("booking", None))):
        with pytest.raises(Stop, match="gone"):
            ask()


def test_whoami_counts_what_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "bookings.csv").touch()
    (tmp_path / "notes.docx").touch()
    assert session(tmp_path).whoami().endswith("with 1 files to read")


# --- what is read again ------------------------------------------------------------------


def token(found: Found) -> str:
    return [item.token for item in found if isinstance(item, Cursor)][-1]


def test_a_read_file_is_not_read_again_whatever_its_name(tmp_path: Path) -> None:
    source = session(tmp_path)
    file = tmp_path / "bookings.csv"
    file.write_text("Id\n1\n")
    first = token(list(source.pull("booking", None)))
    size, digest = json.loads(first)["bookings.csv"]
    assert (size, len(digest)) == (5, 64)
    assert list(source.pull("booking", first)) == []
    file.rename(tmp_path / "bookings.CSV")
    renamed = list(source.pull("booking", first))
    assert [type(item) for item in renamed] == [Cursor]
    assert list(source.pull("booking", token(renamed))) == []


def test_a_changed_file_is_read_whole_and_the_others_are_not(tmp_path: Path) -> None:
    source = session(tmp_path, files={"booking": "t*.csv"})
    for number in (1, 2, 3):
        (tmp_path / f"t{number}.csv").write_text(f"Id\n{number}\n")
    before = token(list(source.pull("booking", None)))
    (tmp_path / "t2.csv").write_text("Id\n2\n22\n")
    found = list(source.pull("booking", before))
    assert rows(found) == [{"Id": "2"}, {"Id": "22"}]
    assert list(source.pull("booking", token(found))) == []


def test_a_pull_cut_short_resumes_with_the_file_it_was_in(tmp_path: Path) -> None:
    source = session(tmp_path, files={"booking": "t*.csv"})
    for number in (1, 2, 3):
        (tmp_path / f"t{number}.csv").write_text(f"Id\n{number}\n")
    found = source.pull("booking", None)
    cursor = next(item for item in found if isinstance(item, Cursor))
    next(found)
    assert rows(list(source.pull("booking", cursor.token))) == [{"Id": "2"}, {"Id": "3"}]


def test_correcting_the_delimiter_reads_the_file_again(tmp_path: Path) -> None:
    (tmp_path / "bookings.csv").write_text("Id;Note,b\n1;x,c\n")
    wrong = token(list(session(tmp_path).pull("booking", None)))
    right = list(session(tmp_path, delimiter=";").pull("booking", wrong))
    assert rows(right) == [{"Id": "1", "Note,b": "x,c"}]


@pytest.mark.parametrize("since", ["", "rubbish", "[1]", '{"bookings.csv": 7}', '{"a": [1, 2, 3]}'])
def test_a_token_that_is_not_ours_covers_nothing(tmp_path: Path, since: str) -> None:
    (tmp_path / "bookings.csv").write_text("Id\n1\n")
    assert rows(list(session(tmp_path).pull("booking", since))) == [{"Id": "1"}]
