"""`check`: everything wrong with an installation in one go, over real files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from tallystick.config.check import check_installation
from tallystick.connector import Broken, Connector, Context, Cursor, Pulled
from tallystick.errors import Problem, Retry
from tallystick.hookspecs import hookimpl
from tallystick.plugins import Plugins

NOW = datetime(2026, 7, 1, tzinfo=UTC)
CONFIG = """\
[msp]
name = "Nordlicht IT GmbH"
country = "DE"
zone = "Europe/Berlin"

[[tax]]
category = "standard"
percent = "19"

[[rate_card]]
name = "standard"
currency = "EUR"
rate = [{ hourly = "95.00" }]

[connection.psa]
connector = "files"
home = ["client", "contract", "contract_line", "booking"]
mapping = "psa.toml"

[connection.psa.settings]
folder = "exports"
"""
MAPPING = """\
[client]
id = "id"
name = "Company"

[contract]
id = "id"
client = "client"
name = "title"
currency = { const = "EUR" }
starts_on = { at = "from", as = "date" }

[contract_line]
id = "id"
contract = "contract"
description = "text"
model = "model"
terms.unit_price = { at = "price", as = "decimal" }
terms.rate_card = "card"

[booking]
id = "id"
client = "client"
work_date = { at = "day", as = "date" }
seconds = { at = "hours", as = "hours" }
"""
EXPORTS = {
    "clients.csv": "id,Company\n1,Hansa\n",
    "contracts.csv": "id,client,title,from\nA,1,Care,2026-01-01\n",
    "contract_lines.csv": "id,contract,text,model,price,card\n"
    "A1,A,Flat,fixed,100,\nA2,A,Time,time_and_materials,,standard\n",
    "bookings.csv": "id,client,day,hours\nB1,1,2026-07-01,1.5\n",
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "tallystick.toml").write_text(CONFIG)
    (tmp_path / "psa.toml").write_text(MAPPING)
    (tmp_path / "exports").mkdir()
    for name, text in EXPORTS.items():
        (tmp_path / "exports" / name).write_text(text)
    return tmp_path


def check(home: Path, plugins: Plugins | None = None) -> list[Problem]:
    return check_installation(home / "tallystick.toml", {}, plugins or Plugins(), lambda: NOW)


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_a_sound_installation_has_no_problem_and_is_left_as_it_was(home: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in home.rglob("*")}
    assert check(home) == []
    assert {path: path.stat().st_mtime_ns for path in home.rglob("*")} == before


@pytest.mark.parametrize(
    ("file", "old", "new", "place", "what"),
    [
        ("tallystick.toml", '"files"', '"fils"', "tallystick.toml:16", "no connector 'fils'"),
        ("tallystick.toml", '"exports"', '"elsewhere"', "tallystick.toml:15", "no folder"),
        ("tallystick.toml", "folder =", "foldr =", "tallystick.toml:21", "'folder'"),
        ("tallystick.toml", '"psa.toml"', '"no.toml"', "tallystick.toml:18", "no file"),
        ("tallystick.toml", '"contract", ', "", "tallystick.toml:15", "home of contract, so"),
        ("tallystick.toml", '"client", ', '"client", "ticket", ', "tallystick.toml:17", "ticket"),
        ("psa.toml", '"Company"', '"Compny"', "psa.toml:3", "Did you mean 'Company'?"),
        ("psa.toml", 'as = "hours"', 'as = "huors"', "psa.toml:24", "Did you mean 'hours'?"),
        ("psa.toml", 'seconds = { at = "hours", as = "hours" }', "", "psa.toml:20", "duration"),
        ("psa.toml", 'work_date = { at = "day", as = "date" }', "", "psa.toml:20", "a day"),
        ("exports/contract_lines.csv", "fixed", "fixd", "row 2 of ", "Did you mean 'fixed'?"),
        (
            "exports/contract_lines.csv",
            "fixed",
            "discount",
            "row 2 of ",
            "no term `unit_price`; it",
        ),
        ("exports/contract_lines.csv", "100", "", "row 2 of ", "unit_price"),
        ("exports/contract_lines.csv", "standard", "standrd", "row 3 of ", "Did you mean 'standar"),
        ("exports/bookings.csv", "1.5", "1,5", "row 2 of bookings.csv", "5 cells under 4"),
        ("exports/bookings.csv", "1.5", '"1,5"', "psa.toml:24", "more than one number"),
        ("exports/contracts.csv", "2026-01-01", "01/02/26", "psa.toml:10", "is not a date"),
        ("exports/clients.csv", "1,Hansa\n", "", "tallystick.toml:17", "gives none"),
        ("exports/clients.csv", "Company", "id", "header of clients.csv", "more than one column"),
    ],
)
def test_a_fault_is_found_at_its_place(
    home: Path, file: str, old: str, new: str, place: str, what: str
) -> None:
    edit(home / file, old, new)
    found = check(home)
    assert [one for one in found if place in one.place and what in one.what], found


def test_every_fault_is_found_in_one_run(home: Path) -> None:
    edit(
        home / "tallystick.toml",
        "[connection.psa]",
        '[connection.x]\nconnector="y"\n[connection.psa]',
    )
    edit(home / "psa.toml", '"Company"', '"Compny"')
    edit(home / "exports/contract_lines.csv", "standard", "standrd")
    edit(home / "exports/bookings.csv", "1.5", "1.5,9")
    assert len(check(home)) == 4


def test_a_row_in_no_mapping_is_read_as_it_is(home: Path) -> None:
    edit(home / "tallystick.toml", 'mapping = "psa.toml"\n', "")
    found = check(home)
    assert "row 2 of clients.csv" in {one.place for one in found}
    assert all("as Tallystick spells one" in one.what for one in found)


def connect(home: Path, name: str, rest: str) -> None:
    """One more connection, before the others."""
    text = f"[connection.{name}]\n{rest}\n[connection.psa]"
    edit(home / "tallystick.toml", "[connection.psa]", text)


def test_a_mapping_that_is_no_toml_is_all_that_is_told_of_it(home: Path) -> None:
    edit(home / "psa.toml", "[booking]", "[booking")
    (found,) = check(home)
    assert found.place == "psa.toml:20" and "not valid TOML" in found.do


def test_a_file_nobody_may_read_is_told_with_its_name(home: Path) -> None:
    class Locked(Awkward):
        def whoami(self) -> str:
            raise PermissionError(13, "Permission denied", "exports/clients.csv")

    connect(home, "crm", 'connector = "awkward"\nhome = ["contact"]')
    (found,) = check(home, awkward(Locked))
    assert found.what == "Permission denied: exports/clients.csv."


def test_the_database_is_not_made(home: Path) -> None:
    connect(home, "books", 'connector = "journal"\nsettings = { folder = "books" }')
    assert check(home) == []
    assert not (home / "tallystick.db").exists()


def test_two_that_would_post_or_collect_the_same_are_told(home: Path) -> None:
    for name in ("b", "a"):
        connect(home, name, f'connector = "journal"\nsettings.folder = "{name}"')
    (found,) = check(home)
    assert found.what == "Connections b and a would both post every invoice."


class NoSettings(BaseModel):
    pass


class Awkward:
    """A source that answers a few rows and then, or at once, fails."""

    def __init__(self, settings: NoSettings, context: Context) -> None:
        self.pulled = 0

    def whoami(self) -> str:
        return "me"

    def pull(self, record: str, since: str | None) -> Iterator[Pulled | Broken | Cursor]:
        if record == "contact":
            raise Retry("The vendor is asleep.", do="Try again later.")
        if record == "ticket":
            raise KeyError("page")
        yield Cursor("1")
        yield Broken("row 1", "It is torn.", "Mend it.", {})
        while True:
            self.pulled += 1
            assert self.pulled < 100, "a check reads no further than the first rows"
            yield Pulled({"id": str(self.pulled), "name": "x"}, f"row {self.pulled + 1}")


def awkward(opening: type = Awkward) -> Plugins:
    class Bringing:
        @hookimpl
        def tallystick_connectors(self) -> Iterable[Connector[Any]]:
            reads = frozenset({"client", "contact", "ticket"})
            yield Connector(
                "awkward", "psa", NoSettings, opening, reads, frozenset(), None, "bronze"
            )

    plugins = Plugins()
    plugins.register(Bringing(), "bringing")
    return plugins


def test_a_strangers_failure_is_a_finding_and_the_check_goes_on(home: Path) -> None:
    connect(home, "psa2", 'connector = "awkward"\nhome = ["contact", "ticket", "asset"]')
    edit(home / "tallystick.toml", '"booking"', '"booking", "technician"')
    path = home / "tallystick.toml"
    assert [(one.place, one.what) for one in check(home, awkward())] == [
        (f"{path}:17", "Connector awkward does not read `asset`, so it cannot be its home."),
        (f"{path}:15", "The vendor is asleep."),
        (f"{path}:15", "The connector failed: KeyError: 'page'."),
        (f"{path}:20", "Connection psa is home of technician, and nothing maps what it gives."),
    ]


def test_only_the_first_rows_are_read_and_a_broken_one_is_told(home: Path) -> None:
    edit(home / "tallystick.toml", '"client", ', "")
    connect(home, "crm", 'connector = "awkward"\nhome = ["client"]')
    assert check(home, awkward()) == [Problem("row 1", "It is torn.", "Mend it.")]


def test_a_login_that_fails_is_told_and_nothing_is_read(home: Path) -> None:
    class Refused(Awkward):
        def whoami(self) -> str:
            raise Retry("It did not answer.", do="Try again later.")

        def pull(self, record: str, since: str | None) -> Iterator[Pulled | Broken | Cursor]:
            raise AssertionError("nothing is read without a login")

    connect(home, "crm", 'connector = "awkward"\nhome = ["contact"]')
    (found,) = check(home, awkward(Refused))
    assert found.what == "It did not answer."


def test_a_wrong_config_is_all_that_is_told(home: Path) -> None:
    edit(home / "tallystick.toml", "zone", "zona")
    found = check(home)
    assert [one.what.split("`")[1] for one in found] == ["msp.zone", "zona"]
