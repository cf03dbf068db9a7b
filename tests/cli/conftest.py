"""The program as people call it, on a finished demo quarter or on their own exports."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tallystick.cli.app import main
from tallystick.cli.screen import Screen
from tallystick.demo.quarter import play


@dataclass(frozen=True)
class Done:
    """What one command did: its exit code, its result, and its messages."""

    code: int
    out: str
    err: str


Run = Callable[..., Done]
Dump = Callable[[Path], dict[str, Any]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs one command in `at`; what it needs of the environment is only what is given here."""
    for name in ("TALLYSTICK_CONFIG", "TALLYSTICK_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TALLYSTICK_USER", "pat")

    def running(*words: str, at: Path) -> Done:
        monkeypatch.chdir(at)
        capsys.readouterr()
        with pytest.raises(SystemExit) as exited:
            main(list(words))
        said = capsys.readouterr()
        return Done(int(exited.value.code or 0), said.out, said.err)

    return running


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished demo quarter, only read."""
    folder = tmp_path_factory.mktemp("cli") / "quarter"
    play(folder, Screen(as_json=True), lambda _: None)
    return folder


@pytest.fixture
def quarter(finished: Path, tmp_path: Path) -> Path:
    """A finished demo quarter to change."""
    folder = tmp_path / "quarter"
    shutil.copytree(finished, folder)
    return folder


EXPORTS = {
    "companies.csv": """\
Company ID,Company Name,VAT Number,Email,Address,ZIP,City,Country
C-100,Bäckerei Sommer GmbH,DE811111111,rechnung@sommer.example,Hauptstr. 4,22301,Hamburg,DE
C-101,Anwälte Reuter & Partner,,office@reuter.example,Am Markt 1,22303,Hamburg,DE
C-102,Tischlerei Holm,,holm@holm.example,Werkstr. 9,22305,Hamburg,DE
""",
    "employees.csv": """\
Employee ID,Full Name,Title,Email
7,Jana Petersen,Technician,jana@msp.example
8,Omar Said,Senior Technician,omar@msp.example
""",
    "cost_rates.csv": """\
Rate ID,Employee ID,Valid From,Hourly Cost,Currency
1,7,01.01.2026,38.50,EUR
2,8,01.01.2026,52.00,EUR
""",
    "tickets.csv": """\
Ticket Number,Subject,Company ID,Agreement ID,Type,Priority,Status,Created
T-1,Printer down,C-100,A-1,Incident,High,Closed,03.09.2026 08:05
T-2,New laptop,C-101,A-2,Request,Low,Closed,14.09.2026 09:30
T-3,VPN slow,C-102,A-3,Incident,Medium,Open,15.09.2026 10:00
""",
    "timesheet.csv": """\
ID,Ticket Number,Company ID,Employee ID,Activity,Date,Begin,End,Duration (h),Billable,Description
5001,T-1,C-100,7,Remote Support,03.09.2026,08:10,09:00,"0,83",Yes,Printer driver replaced
5002,T-2,C-101,8,Remote Support,14.09.2026,10:00,12:00,"2,00",Yes,Laptop set up
5003,T-2,C-101,8,On-site,15.09.2026,13:00,14:30,"1,50",Yes,Laptop handed over
5004,T-3,C-102,7,Remote Support,16.09.2026,10:00,10:45,"0,75",Yes,VPN
5005,T-3,C-102,7,Remote Support,17.09.2026,10:00,10:15,"0,25",No,Called back
""",
    "devices.csv": """\
Device ID,Hostname,Company ID,Device Type,Serial Number,Installed
D1,PC-KASSE,C-100,Workstation,S1234567,12.01.2025
D2,PC-BUERO,C-100,Workstation,S1234568,12.01.2025
D3,SRV01,C-100,Server,S1234569,12.01.2025
""",
    "agreements.csv": """\
Agreement ID,Company ID,Agreement Name,Start Date,End Date,Currency
A-1,C-100,Managed workplace,01.09.2026,,EUR
A-2,C-101,Time and materials,01.09.2026,,EUR
A-3,C-102,Flat support,15.09.2026,,EUR
""",
    "additions.csv": """\
Addition ID,Agreement ID,Description,Billing Type,Unit Price,Device Types,Work Types,Rate Card
L-1,A-1,Managed workstation,Per Device,45.00,Workstation,*,
L-2,A-1,Managed server,Per Device,120.00,Server,,
L-3,A-2,Support by the hour,Hourly,,,*,standard
L-4,A-3,Flat support,Flat Fee,350.00,,*,
""",
}
ANSWERS = {
    "name": "Sturm IT",
    "country": "DE",
    "zone": "Europe/Berlin",
    "currency": "EUR",
    "tax-percent": "19",
    "hourly": "95.00",
}
FLAGS = [word for name, answer in ANSWERS.items() for word in (f"--{name}", answer)]


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    """A folder with what a service desk's own export holds, and nothing of ours."""
    for name, text in EXPORTS.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def own(exports: Path, run: Run) -> Path:
    """The same with the config and the mapping that `init` writes for it."""
    assert run("init", *FLAGS, at=exports).code == 0
    return exports


@pytest.fixture(name="flags")
def init_flags() -> list[str]:
    return FLAGS


@pytest.fixture(name="answers")
def init_answers() -> list[str]:
    return list(ANSWERS.values())


def everything(folder: Path) -> dict[str, Any]:
    """Every row of every table, and every file but the database's own."""
    found: dict[str, Any] = {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith("tallystick.db")
    }
    with closing(sqlite3.connect(folder / "tallystick.db")) as database:
        tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            found[f"table {table}"] = sorted(
                map(repr, database.execute(f'SELECT * FROM "{table}"'))
            )
    return found


@pytest.fixture(name="dump")
def dumping() -> Dump:
    return everything
