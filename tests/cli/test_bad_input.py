"""Whatever people feed it: one sentence with the place and the fix, and the rest goes through."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tallystick.cli.failures import sentence
from tallystick.store import database

Run = Callable[..., Any]
ROW = '{id},T-1,{client},7,Remote Support,{date},08:10,09:00,"{hours}",{billable},note'
GOOD = {"client": "C-100", "date": "18.09.2026", "hours": "0,50", "billable": "Yes"}
BROKEN: list[tuple[str, dict[str, str] | str, str]] = [
    ("a cell too few", "6001,T-1,C-100,7,Remote Support", "has 5 cells under 11 column names"),
    ("no number", {"hours": "NaN"}, "'NaN' is not a number with the decimal mark ','"),
    ("no such number", {"hours": "1_000"}, "'1_000' is not a number"),
    ("the other decimal mark", {"hours": "0.5"}, "'0.5' is not a number"),
    ("an infinite one", {"hours": "Infinity"}, "'Infinity' is not a number"),
    ("no such day", {"date": "31.02.2026"}, "'31.02.2026' is not a date"),
    ("a word nobody mapped", {"billable": "Perhaps"}, "'Perhaps' is not one of the values"),
    ("less than nothing", {"hours": "-1,0"}, "less than nothing"),
]


def add(folder: Path, *rows: str) -> None:
    with (folder / "timesheet.csv").open("a", encoding="utf-8") as file:
        file.writelines(f"{row}\n" for row in rows)


def row(number: int, **cells: str) -> str:
    return ROW.format(id=number, **(GOOD | cells))


def assert_sentence(done: Any, *parts: str) -> None:
    """Exit code 1 and one sentence, without a traceback, that has all `parts`."""
    assert (done.code, done.out) == (1, "")
    assert "Traceback" not in done.err
    assert "should not have happened" not in done.err
    assert len(done.err.splitlines()) == 1, done.err
    for part in parts:
        assert part in done.err


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


class TestRows:
    @pytest.mark.parametrize(
        ("cells", "part"), [one[1:] for one in BROKEN], ids=[o[0] for o in BROKEN]
    )
    def test_a_broken_row_is_set_aside_and_the_rest_goes_through(
        self, cells: dict[str, str] | str, part: str, run: Run, own: Path
    ) -> None:
        broken = cells if isinstance(cells, str) else row(6001, **cells)
        add(own, row(6000), broken, row(6002))
        counts = booking_counts(run("sync", "--json", at=own).out)
        assert counts == {"read": 8, "stored": 7, "quarantined": 1}
        [entry] = json.loads(run("quarantine", "--json", at=own).out)
        assert entry["place"] == "row 8 of timesheet.csv"
        assert part in entry["what"]
        assert entry["do"]
        shown = run("quarantine", at=own)
        assert shown.code == 0
        assert "row 8 of timesheet.csv" in shown.out

    def test_all_of_them_at_once_add_up_and_can_be_mended(self, run: Run, own: Path) -> None:
        whole = (own / "timesheet.csv").read_text(encoding="utf-8")
        add(
            own,
            *(
                c if isinstance(c, str) else row(7000 + n, **c)
                for n, (_, c, _) in enumerate(BROKEN)
            ),
        )
        counts = booking_counts(run("sync", "--json", at=own).out)
        assert counts == {"read": 13, "stored": 5, "quarantined": len(BROKEN)}
        stocks = json.loads(run("status", "--json", at=own).out)["stocks"]
        [stock] = [one for one in stocks if one["kind"] == "booking"]
        assert (stock["records"], stock["quarantined"]) == (5, len(BROKEN))
        assert "`tallystick quarantine`" in run("status", at=own).out
        (own / "timesheet.csv").write_text(whole, encoding="utf-8")
        add(own, *(row(7000 + number) for number in range(len(BROKEN))), row(6001))
        run("sync", at=own)
        stocks = json.loads(run("status", "--json", at=own).out)["stocks"]
        [stock] = [one for one in stocks if one["kind"] == "booking"]
        assert (stock["records"], stock["quarantined"]) == (5 + len(BROKEN) + 1, 0)

    def test_a_booking_of_a_client_nobody_knows_is_named_and_others_are_billed(
        self, run: Run, own: Path
    ) -> None:
        add(own, row(6001, client="C-999").replace("T-1", ""))
        run("sync", at=own)
        done = run("bill", "propose", "2026-09", at=own)
        assert done.code == 0
        assert "psa:C-999" in done.out
        assert "Bäckerei Sommer GmbH" in done.out
        assert_sentence(run("explain", "booking", "6001", at=own), "psa:C-999", "link the client")

    def test_an_ambiguous_decimal_is_asked_about_before_anything_is_read(
        self, run: Run, exports: Path, flags: list[str]
    ) -> None:
        change(exports / "additions.csv", "350.00", "1.200")
        change(exports / "additions.csv", "45.00", "45")
        change(exports / "additions.csv", "120.00", "120")
        run("init", *flags, at=exports)
        assert 'decimal_mark = "?"' in (exports / "mappings" / "psa.toml").read_text()
        done = run("check", at=exports)
        assert done.code == 1
        assert "`decimal_mark` cannot be '?'" in done.out
        assert_sentence(
            run("sync", at=exports), "mappings/psa.toml:", "`decimal_mark` cannot be '?'"
        )


def booking_counts(document: str) -> dict[str, int]:
    [pull] = [one for one in json.loads(document)["pulls"] if one["kind"] == "booking"]
    return {
        "read": pull["read"],
        "stored": pull["stored"]["new"],
        "quarantined": pull["quarantined"],
    }


CONFIG = [
    ('country = "DE"', 'contry = "DE"', "tallystick.toml:", "Did you mean 'country'?"),
    ('zone = "Europe/Berlin"', 'zone = "Berlin"', "There is no time zone 'Berlin'", "IANA"),
    ("[billing]", "[billing", "tallystick.toml:", "not valid TOML"),
    ('"sqlite:///tallystick.db"', '"env:NO_SUCH"', "NO_SUCH is not set", "Set it"),
    ('"sqlite:///tallystick.db"', '"frob:///x"', "[store] url", "Write sqlite:///file"),
    ('"sqlite:///tallystick.db"', '"sqlite:///gone/x.db"', "cannot be opened", "[store] url"),
    ('"sqlite:///tallystick.db"', '"sqlite:///tickets.csv"', "no database", "Name another file"),
    ('connector = "files"', 'connector = "fils"', "no connector 'fils'", "files"),
    ('folder = "."', 'folder = "gone"', "There is no folder", "connection psa"),
    ('"mappings/psa.toml"', '"mappings/own.toml"', "There is no file", "own.toml"),
]


@pytest.mark.parametrize(("old", "new", "what", "fix"), CONFIG, ids=[one[1] for one in CONFIG])
def test_a_config_that_does_not_fit(
    old: str, new: str, what: str, fix: str, run: Run, own: Path
) -> None:
    change(own / "tallystick.toml", old, new)
    done = run("sync", at=own)
    assert (done.code, done.out) == (1, "")
    assert "Traceback" not in done.err
    assert "should not have happened" not in done.err
    assert what in done.err
    assert fix in done.err


def test_a_file_that_is_not_there_stops_its_own_kind_only(run: Run, own: Path) -> None:
    change(own / "tallystick.toml", '"timesheet.csv"', '"time.csv"')
    done = run("sync", "--json", at=own)
    report = json.loads(done.out)
    assert done.code == 1
    assert "'time.csv'" in done.err and "files.booking" in done.err
    assert len(done.err.splitlines()) == 1
    kinds = {one["kind"] for one in report["pulls"]}
    assert "booking" not in kinds and {"client", "ticket", "contract"} <= kinds


MAPPING = [
    ('as = "hours"', 'as = "hous"', "no converter 'hous'. Did you mean 'hours'?"),
    ("[booking]", "[bookings]", "bookings"),
    ("work_date =", "workdate =", "workdate"),
]


@pytest.mark.parametrize(("old", "new", "part"), MAPPING, ids=[one[1] for one in MAPPING])
def test_a_typo_in_a_mapping(old: str, new: str, part: str, run: Run, own: Path) -> None:
    mapping = own / "mappings" / "psa.toml"
    change(mapping, old, new)
    assert_sentence(run("sync", at=own), "mappings/psa.toml:", part)
    offline = run("mapping", "check", "mappings/psa.toml", at=own)
    assert offline.code == 1
    assert part in offline.out


def test_a_column_that_is_gone_sets_every_row_aside_with_its_name(run: Run, own: Path) -> None:
    change(own / "mappings" / "psa.toml", '"Duration (h)"', '"Duraton (h)"')
    counts = booking_counts(run("sync", "--json", at=own).out)
    assert counts == {"read": 5, "stored": 0, "quarantined": 5}
    checked = run("check", at=own)
    assert checked.code == 1
    assert "Did you mean 'Duration (h)'?" in checked.out


@pytest.mark.parametrize(
    ("words", "what", "fix"),
    [
        ("bill propose September", "'September' is not a period", "2026-09"),
        ("profit 2026-13", "'2026-13' is not a period", "2026-Q3"),
        ("sync nowhere", "no connection 'nowhere'", "psa"),
        ("explain invoice X-1", "no invoice 'X-1'", "bill list"),
        ("explain booking X-1", "no booking 'X-1'", "sync"),
        ("bill review 2026-09 Somer", "no client 'Somer'", "or its name"),
        ("status --config nix.toml", "no configuration", "nix.toml, which does not exist"),
        ("mapping check nix.toml", "no file nix.toml", "Correct its name"),
    ],
)
def test_what_nobody_knows(words: str, what: str, fix: str, run: Run, own: Path) -> None:
    run("sync", at=own)
    assert_sentence(run(*words.split(), at=own), what, fix)


def test_without_a_config_it_says_where_it_looked(run: Run, tmp_path: Path) -> None:
    looked = (f"this folder: {tmp_path / 'tallystick.toml'}", "`tallystick init`")
    assert_sentence(run("status", at=tmp_path), *looked)


@contextmanager
def busy(folder: Path) -> Iterator[None]:
    """Another run in the middle of its transaction."""
    with closing(sqlite3.connect(folder / "tallystick.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.rollback()


def test_a_busy_database_is_waited_for_and_then_told(
    run: Run, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 50)
    run("status", at=own)
    with busy(own):
        assert_sentence(run("sync", at=own), "busy with another run", "try again")
    assert run("sync", at=own).code == 0


def test_documents_that_cannot_be_written_are_written_once_they_can(run: Run, own: Path) -> None:
    for words in ("sync", "bill propose 2026-09", "bill approve 2026-09 --as kim"):
        run(*words.split(), at=own)
    (own / "invoices").write_text("in the way")
    assert_sentence(run("bill", "issue", "2026-09", at=own), "invoices", "run it again")
    (own / "invoices").unlink()
    assert run("bill", "issue", "2026-09", at=own).code == 0
    assert len(list((own / "invoices").iterdir())) == 6
    assert len(json.loads(run("bill", "--json", at=own).out)) == 3


def test_the_demo_leaves_other_peoples_folders_alone(run: Run, exports: Path) -> None:
    before = sorted(path.name for path in exports.iterdir())
    assert_sentence(run("demo", ".", at=exports), "holds other files", "demo FOLDER")
    assert_sentence(run("demo", "tickets.csv", at=exports), "is a file", "demo FOLDER")
    assert sorted(path.name for path in exports.iterdir()) == before


@pytest.mark.parametrize(
    ("reported", "fix"),
    [
        ("attempt to write a readonly database", "rights"),
        ("database or disk is full", "Make room"),
        ("server closed the connection unexpectedly", "server closed the connection"),
    ],
)
def test_what_a_database_reports_becomes_a_sentence(reported: str, fix: str) -> None:
    class Wrapped(Exception):
        orig = sqlite3.OperationalError(reported)

    assert fix in sentence(Wrapped())


def test_a_defect_of_ours_says_how_to_report_it() -> None:
    said = sentence(ZeroDivisionError("division by zero"))
    assert "ZeroDivisionError: division by zero" in said
    assert "TALLYSTICK_DEBUG=1" in said


def test_a_connection_that_fails_keeps_no_other_from_syncing(run: Run, quarter: Path) -> None:
    (quarter / "exports/psa/tickets.csv").unlink()
    config = quarter / "tallystick.toml"
    config.write_text(config.read_text().replace('delimiter = ";"', 'delimiter = ";"\n# edited'))
    devices = quarter / "exports/rmm/devices.csv"
    devices.write_text(devices.read_text().replace("Windows Server", "Windows Workstation", 1))
    done = run("sync", "--json", at=quarter)
    report = json.loads(done.out)
    assert done.code == 1
    assert ["tickets.csv" in told and "psa" in told for told in report["failed"]] == [True]
    changed = {one["kind"]: one["stored"]["changed"] for one in report["pulls"]}
    assert changed["asset"] == 1
    assert "tickets.csv" in done.err and "Traceback" not in done.err


def test_a_file_nobody_may_read_keeps_no_other_from_syncing(
    run: Run, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opening = Path.open

    def locked(path: Path, *given: Any, **named: Any) -> Any:
        if path.name == "timesheet.csv":
            raise PermissionError(13, "Permission denied", str(path))
        return opening(path, *given, **named)

    monkeypatch.setattr(Path, "open", locked)
    done = run("sync", "--json", at=own)
    assert done.code == 1
    assert "Permission denied" in done.err and "timesheet.csv" in done.err
    assert {"client", "contract"} <= {one["kind"] for one in json.loads(done.out)["pulls"]}


def test_every_connection_that_fails_is_told(run: Run, own: Path) -> None:
    second = '[connection.bank]\nconnector = "bank"\n[connection.bank.settings]\nfolder = "no"\n'
    change(own / "tallystick.toml", 'folder = "."', 'folder = "gone"')
    config = own / "tallystick.toml"
    config.write_text(config.read_text() + second)
    done = run("sync", at=own)
    assert done.code == 1
    assert "connection bank" in done.err and "connection psa" in done.err


def test_without_a_bank_settling_says_what_is_missing(run: Run, own: Path) -> None:
    assert 'connector = "bank"' in run("cash", "settle", at=own).out


def test_a_database_of_a_newer_version_is_told(run: Run, own: Path) -> None:
    run("status", at=own)
    with closing(sqlite3.connect(own / "tallystick.db")) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.commit()
    assert_sentence(run("status", at=own), "schema 9999", "newer Tallystick")


def test_nothing_is_billed_while_a_connection_cannot_be_read(run: Run, quarter: Path) -> None:
    (quarter / "exports/psa/tickets.csv").unlink()
    done = run("run", "2026-09", at=quarter)
    assert done.code == 1
    assert "nothing was billed" in done.err and "tickets.csv" in done.err
