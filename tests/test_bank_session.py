"""A folder of statements: name order, formats told apart, nothing taken twice."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

import tallystick_bank
from tallystick.connector import Broken, Connector, Context, Cursor, Pulled, Source
from tallystick.errors import Stop
from tallystick.records import BankTransaction
from tallystick_bank import BANK
from tallystick_bank.session import BankSession
from tallystick_bank.settings import BankSettings

SAMPLES = Path(__file__).resolve().parents[1].parent / "shared/data"
CAMT = SAMPLES / "camt/test/data/camt053.v2.multi.statement.xml"
MT940 = SAMPLES / "mt940/jejik/generic.sta"
CSV = "Tag;Betrag;Text\n02.03.2026;5,00;Grüße\n"
LAYOUT = {"decimal_mark": ",", "date_format": "%d.%m.%Y", "booked_on": "Tag", "amount": "Betrag",
          "remittance": "Text", "currency_code": "EUR"}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "bank").mkdir()
    return tmp_path / "bank"


def session(folder: Path, **settings: Any) -> BankSession:
    context = Context("bank", folder.parent, lambda: datetime.now(UTC))
    opened = BANK.open(BankSettings(folder="bank", **settings), context)
    assert isinstance(opened, BankSession)
    return opened


def pull(source: BankSession, since: str | None = None) -> list[Pulled | Broken | Cursor]:
    return list(source.pull("bank_transaction", since))


def kinds(found: list[Pulled | Broken | Cursor]) -> str:
    return "".join(type(each).__name__[0] for each in found)


def token(found: list[Pulled | Broken | Cursor]) -> str:
    """The last cursor's token."""
    return next(each.token for each in reversed(found) if isinstance(each, Cursor))


def sentences(found: list[Pulled | Broken | Cursor]) -> list[str]:
    return [each.what for each in found if isinstance(each, Broken)]


def sentence(folder: Path, **settings: Any) -> str:
    broken, cursor = pull(session(folder, **settings))
    assert isinstance(broken, Broken)
    assert isinstance(cursor, Cursor)
    return broken.what


def test_the_descriptor() -> None:
    (found,) = tallystick_bank.tallystick_connectors()
    assert isinstance(found, Connector)
    assert (found.name, found.shelf, found.tier) == ("bank", "payments", "bronze")
    assert found.reads == {"bank_transaction"}
    assert not found.writes


def test_files_come_in_name_order_each_with_its_cursor(folder: Path) -> None:
    shutil.copy(CAMT, folder / "b.xml")
    shutil.copy(MT940, folder / "a.sta")
    (folder / ".hidden").write_text("x")
    (folder / "older").mkdir()
    source = session(folder)
    assert isinstance(source, Source)
    assert source.whoami().startswith("2 bank statements")
    found = pull(source)
    assert kinds(found) == "PPCPPC"
    places = [each.place for each in found if isinstance(each, Pulled)]
    assert ["a.sta" in place for place in places] == [True, True, False, False]
    for each in found:
        if isinstance(each, Pulled):
            record = msgspec.convert(each.raw, BankTransaction)
            assert msgspec.structs.asdict(record) == each.raw


def test_a_file_taken_copied_or_renamed_yields_nothing(folder: Path) -> None:
    shutil.copy(CAMT, folder / "a.xml")
    shutil.copy(CAMT, folder / "copy.xml")
    found = pull(session(folder))
    assert kinds(found) == "PPCC"
    assert len(json.loads(token(found))["taken"]) == 1
    (folder / "a.xml").rename(folder / "z.xml")
    shutil.copy(MT940, folder / "new.sta")
    again = pull(session(folder), token(found))
    assert kinds(again) == "CPPCC"
    assert kinds(pull(session(folder), token(again))) == "CCC"


def test_a_cursor_in_the_middle_skips_only_what_came_before(folder: Path) -> None:
    shutil.copy(MT940, folder / "a.sta")
    shutil.copy(CAMT, folder / "b.xml")
    found = pull(session(folder))
    rest = pull(session(folder), token(found[:3]))
    assert kinds(rest) == "CPPC"
    assert rest[1:3] == found[3:5]


def test_changed_settings_read_everything_again_under_the_same_ids(folder: Path) -> None:
    shutil.copy(CAMT, folder / "a.xml")
    first = pull(session(folder))
    second = pull(session(folder, account="NL26VAYB8060476890"), token(first))
    assert second[:2] == first[:2]


def test_pulling_reads_lazily(folder: Path) -> None:
    shutil.copy(MT940, folder / "a.sta")
    shutil.copy(CAMT, folder / "b.xml")
    rows = session(folder).pull("bank_transaction", None)
    next(rows)
    (folder / "b.xml").unlink()
    remaining = list(rows)
    assert kinds(remaining) == "PCB"
    assert "No such file" in sentences(remaining)[0]


def test_a_rejected_file_is_one_sentence_and_the_next_is_read(folder: Path) -> None:
    shutil.copy(CAMT.with_name("camt053.v2.five.decimals.xml"), folder / "a.xml")
    shutil.copy(MT940, folder / "b.sta")
    found = pull(session(folder))
    assert kinds(found) == "BCPPC"
    assert "the difference is 0.050" in sentences(found)[0]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_csv_in_its_declared_encoding(folder: Path, encoding: str) -> None:
    (folder / "a.csv").write_text(CSV, encoding)
    declared = "cp1252" if encoding == "cp1252" else "utf-8"
    found = pull(session(folder, account="DE1", csv={**LAYOUT, "encoding": declared}))
    assert isinstance(found[0], Pulled)
    assert found[0].raw["remittance"] == "Grüße"


def test_csv_in_mixed_encodings_or_with_nul_is_refused(folder: Path) -> None:
    (folder / "a.csv").write_bytes(CSV.encode() + "ü".encode("cp1252"))
    assert "is not text in utf-8" in sentence(folder, account="DE1", csv=LAYOUT)
    (folder / "a.csv").write_bytes(CSV.encode() + b"\0")
    assert "NUL" in sentence(folder, account="DE1", csv=LAYOUT)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "neither camt nor MT940"),
        (b"PK\x03\x04rest", "ZIP"),
        (b"%PDF-1.7", "neither camt nor MT940"),
        (b"<html></html>", "holds no camt.053"),
        (b"\x81\x8d", "is not text"),
    ],
)
def test_what_is_no_statement_is_said(folder: Path, content: bytes, what: str) -> None:
    (folder / "a").write_bytes(content)
    assert what in sentence(folder)


def test_camt_in_utf_16(folder: Path) -> None:
    text = CAMT.read_text().replace("UTF-8", "UTF-16")
    (folder / "a.xml").write_bytes(text.encode("utf-16"))
    assert kinds(pull(session(folder))) == "PPC"


def test_a_missing_folder_and_another_record_stop(folder: Path) -> None:
    with pytest.raises(Stop, match="hold no invoice"):
        list(session(folder).pull("invoice", None))
    folder.rmdir()
    with pytest.raises(Stop, match="There is no folder"):
        session(folder).whoami()
