"""What any writer wrote, the `files` connector reads; and it does so in constant memory."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook  # type: ignore[import-untyped] # openpyxl ships no type information
from openpyxl.cell.cell import (  # type: ignore[import-untyped] # openpyxl ships no type information
    ILLEGAL_CHARACTERS_RE,
)

from tallystick.connector import Broken, Context, Pulled
from tallystick_files.session import FilesSession
from tallystick_files.settings import FilesSettings

CHARACTERS = st.characters(codec="utf-8", exclude_characters="\0")
CELLS = st.text(CHARACTERS, max_size=20)
NAMES = CELLS.filter(str.strip)


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], list[list[str]]]:
    header = draw(st.lists(NAMES, min_size=2, max_size=6, unique=True))
    row = st.lists(CELLS, min_size=len(header), max_size=len(header)).filter(any)
    return header, draw(st.lists(row, max_size=8))


def read(name: str, content: bytes, **given_settings: Any) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / name).write_bytes(content)
        return list(_raws(Path(folder), given_settings))


def _raws(folder: Path, given_settings: Any) -> Iterator[dict[str, Any]]:
    context = Context("psa", folder, lambda: datetime(2026, 7, 1, tzinfo=UTC))
    opened = FilesSession(FilesSettings(folder=Path(), **given_settings), context)
    for item in opened.pull("booking", None):
        assert not isinstance(item, Broken), item
        if isinstance(item, Pulled):
            yield dict(item.raw)


@given(
    tables(),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.sampled_from(["utf-8", "utf-8-sig"]),
)
def test_what_csv_writes_is_read(
    table: tuple[list[str], list[list[str]]], delimiter: str, end: str, quoting: Any, encoding: str
) -> None:
    header, body = table
    bare = quoting == csv.QUOTE_MINIMAL  # the writer then forgets to quote a lone carriage return
    assume(not (bare and any("\r" in cell for row in [header, *body] for cell in row)))
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows(
        [header, *body]
    )
    expected = [dict(zip(header, row, strict=True)) for row in body]
    assert read("bookings.csv", out.getvalue().encode(encoding), delimiter=delimiter) == expected


NUMBERS = st.integers() | st.decimals(-(10**20), 10**20, places=4)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | CELLS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(CELLS, inner, max_size=3),
    max_leaves=8,
)


class Exact(json.JSONEncoder):
    """Writes a Decimal as the JSON number it is, which the standard encoder cannot."""

    def encode(self, value: Any) -> str:
        if isinstance(value, Decimal):
            return f"{value:f}"
        if isinstance(value, dict):
            pairs = (f"{super(Exact, self).encode(k)}:{self.encode(v)}" for k, v in value.items())
            return "{" + ",".join(pairs) + "}"
        if isinstance(value, list):
            return "[" + ",".join(map(self.encode, value)) + "]"
        return super().encode(value)


@given(st.lists(st.dictionaries(CELLS, JSON, max_size=5), max_size=6), st.booleans())
def test_what_json_writes_is_read(objects: list[dict[str, Any]], ascii_only: bool) -> None:
    encoder = Exact(ensure_ascii=ascii_only)
    content = "".join(encoder.encode(one) + "\n" for one in objects)
    assert read("bookings.jsonl", content.encode()) == objects
    assert not any(map(_holds_float, read("bookings.jsonl", content.encode())))


def _holds_float(value: object) -> bool:
    if isinstance(value, dict):
        value = list(value.values())
    return any(map(_holds_float, value)) if isinstance(value, list) else isinstance(value, float)


EPOCH = datetime.fromisoformat("1990-01-01T00:00:00")
SHEET_TEXT = st.text(CHARACTERS, min_size=1, max_size=20).filter(
    lambda text: (
        not ILLEGAL_CHARACTERS_RE.search(text)
        and not text.startswith(("=", "#"))
        and not set(text) & set("\r\ufffe\uffff")
        and "_x" not in text
    )
)
SHEET_CELLS = (
    st.none()
    | st.booleans()
    | SHEET_TEXT
    | st.integers(-(10**15), 10**15)
    | st.floats(-1e9, 1e9).map(lambda number: float(f"{number:.15g}"))
    | st.integers(0, 1_500_000_000).map(lambda s: EPOCH + timedelta(seconds=s))
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(SHEET_CELLS, min_size=3, max_size=3).filter(any)))
def test_what_openpyxl_writes_is_read(body: list[list[Any]]) -> None:
    header = ["a", "b", "c"]
    book = Workbook()
    for row in [header, *body]:
        book.worksheets[0].append(row)
    out = io.BytesIO()
    book.save(out)
    found = read("bookings.xlsx", out.getvalue())
    assert found == [dict(zip(header, map(_as_read, row), strict=True)) for row in body]
    assert not any(map(_holds_float, found))


def _as_read(value: Any) -> Any:
    if isinstance(value, float):
        return Decimal(repr(value))
    return value.isoformat() if isinstance(value, datetime) else value


PROBE = """
import resource, sys
from datetime import UTC, datetime
from pathlib import Path
from tallystick.connector import Context
from tallystick_files.session import FilesSession
from tallystick_files.settings import FilesSettings

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

context = Context("psa", Path(sys.argv[1]), lambda: datetime.now(UTC))
opened = FilesSession(FilesSettings(folder=Path(".")), context)
for _ in range(2):
    sum(1 for _ in opened.pull("client", None))
before = peak()
count = sum(1 for _ in opened.pull("booking", None))
print(count, peak() - before)
"""


def test_memory_stays_flat_over_200_000_rows(tmp_path: Path) -> None:
    line = "1001,Nina Petersen,2026-07-01T08:00:00+02:00,Druckertreiber für Etagendrucker\n"
    for name, rows in (("clients.csv", 2_000), ("bookings.csv", 200_000)):
        (tmp_path / name).write_text("Id,Technician,Start,Note\n" + line * rows)
    roots = [root for root in sys.path if "site-packages" not in root]
    answer = subprocess.run(
        [sys.executable, "-c", PROBE, str(tmp_path)],
        env={"PYTHONPATH": ":".join(roots)},
        capture_output=True,
        text=True,
        check=True,
    )
    count, grown_kib = map(int, answer.stdout.split())
    assert count == 200_001
    assert grown_kib < 4_000, "16 MB of rows passed through; a few blocks may be held"


def test_a_real_ticket_log_of_141_712_rows_is_read_to_the_last_one(
    shared: Path, tmp_path: Path
) -> None:
    """UCI data set 498, Amaral et al., CC BY 4.0: a company's ServiceNow incident log."""
    log = shared / "data" / "servicenow_incidents" / "uci498_incident_event_log.zip"
    with zipfile.ZipFile(log) as archive, archive.open("incident_event_log.csv") as content:
        (tmp_path / "bookings.csv").write_bytes(content.read())
    found = list(_raws(tmp_path, {}))
    assert (len(found), len(found[0])) == (141_712, 36)
    assert len({row["number"] for row in found}) == 24_918
