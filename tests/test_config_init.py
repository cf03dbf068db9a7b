"""`init`: a person's own files become a configuration that fits, or that says what it needs."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook  # type: ignore[import-untyped] # openpyxl ships no type information

from tallystick.config.check import check_installation
from tallystick.config.exports import Exports, find_exports
from tallystick.config.guess import guess_kind, guess_mapping
from tallystick.config.init import QUESTIONS, gather, init
from tallystick.config.load import load_config
from tallystick.config.render import Answers, render_config, render_mapping, toml
from tallystick.demo import MONTHS, write_exports
from tallystick.errors import Problem, Stop
from tallystick.mapping import MappingFile, check_mapping
from tallystick.plugins import Plugins
from tallystick.records import KINDS

NOW = datetime(2026, 7, 1, tzinfo=UTC)
GIVEN = {
    "name": "Nordlicht",
    "country": "DE",
    "zone": "Europe/Berlin",
    "currency": "EUR",
    "tax_percent": "19",
    "hourly": "95",
}


def never(question: str, default: str) -> str:
    raise AssertionError(f"nothing is left to ask, but: {question}")


def exports(folder: Path) -> Exports:
    return find_exports(folder, Plugins().connector("files"), lambda: NOW)


def installed(folder: Path, given: dict[str, str] = GIVEN) -> list[Problem]:
    init(folder, never, exports(folder), given)
    return check_installation(folder / "tallystick.toml", {}, Plugins(), lambda: NOW)


OWN_FILES = {
    "Kunden.csv": "Kundennummer;Firma;PLZ\n10;Hansa GmbH;20457\n",
    "Zeiten_2026-07.csv": "Nr;Kunde;Datum;Stunden;Mitarbeiter;Abrechenbar;Bemerkung\n"
    "1;10;31.07.2026;1,25;T1;Ja;Drücker\n2;10;01.07.2026;0,5;T1;Nein;\n",
    "Verträge.csv": "Vertragsnummer;Kunde;Bezeichnung;Beginn\nV1;10;Rundum;01.01.2026\n",
    "Vertragspositionen.csv": "Position;Vertrag;Bezeichnung;Model;Preis;Menge\n"
    "1;V1;Pauschale;Pauschale;1.200,50;1\n",
    "notizen.csv": "a;b\n1;2\n",
}


def test_german_exports_fit_without_a_hand_on_them(tmp_path: Path) -> None:
    for name, text in OWN_FILES.items():
        (tmp_path / name).write_text(text, encoding="cp1252")
    assert installed(tmp_path) == []
    config = load_config(tmp_path / "tallystick.toml", {})
    assert set(config.homes) == {"client", "booking", "contract", "contract_line"}
    settings = config.connection["psa"].settings
    assert (settings["delimiter"], settings["encoding"]) == (";", "cp1252")
    assert "notizen.csv" in (tmp_path / "tallystick.toml").read_text(encoding="utf-8")


def test_the_exports_of_a_whole_service_desk_fit(tmp_path: Path) -> None:
    write_exports(tmp_path, MONTHS[0])
    own = tmp_path / "own"
    shutil.copytree(tmp_path / "exports" / "psa", own)
    found = installed(own)
    # the lines name further rate cards, of which no export tells the prices
    cards = ("swiss", "hotel")
    assert {one.what for one in found} == {f"There is no rate card {card!r}." for card in cards}
    mapping = tomllib.loads((own / "mappings/psa.toml").read_text(encoding="utf-8"))
    assert set(mapping) == set(KINDS) - {"asset", "cost", "bank_transaction", "dispute"}
    assert mapping["booking"]["started_at"] == {"at": "Start", "as": "datetime"}
    assert mapping["client"]["name"] == "Company Name"
    assert mapping["contract_line"]["model"]["values"]["Block Hours"] == "prepaid"
    assert mapping["contract_line"]["terms"]["tiers"] == {"at": "Tiers", "as": "toml"}


def test_a_workbook_fits_too(tmp_path: Path) -> None:
    rows: dict[str, list[list[Any]]] = {
        "clients": [["ID", "Company"], [1, "Hansa"]],
        "agreements": [["ID", "Customer", "Title", "Start"], [7, 1, "Care", datetime(2026, 1, 1)]],
        "additions": [["ID", "Agreement", "Item", "Type", "Price"], [1, 7, "Flat", "Flat", 99.5]],
        "time entries": [["ID", "Agreement", "Day", "Hours", "Billable"]],
    }
    rows["time entries"] += [[n, 7, datetime(2026, 7, n), 0.25, n % 2 == 0] for n in (1, 2, 30)]
    for name, table in rows.items():
        book = Workbook()
        for row in table:
            book.active.append(row)
        book.save(tmp_path / f"{name}.xlsx")
    assert installed(tmp_path) == []


def test_numbers_by_their_short_names_and_a_column_of_terms_fit(tmp_path: Path) -> None:
    files = {
        "clients.csv": "Customer No,Company\n10,Hansa\n",
        "contracts.csv": "Contract No.,Customer No,Title,Start,Terms\nV1,10,Care,2026-01-01,\n",
        "contract_lines.csv": "Line No,Contract No.,Item,Model,Price,Terms\n1,V1,Flat,Fixed,9,\n",
        "bookings.csv": "No,Customer No,Day,Hours,Billable\n1,10,2026-07-01,1.5,Yes\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert installed(tmp_path) == []


def test_what_an_end_means_is_said_beside_it(tmp_path: Path) -> None:
    text = "ID,Client,Title,Start,End\nV1,1,Care,2026-01-01,2026-12-31\n"
    (tmp_path / "contracts.csv").write_text(text)
    init(tmp_path, never, exports(tmp_path), GIVEN)
    mapping = (tmp_path / "mappings" / "psa.toml").read_text(encoding="utf-8")
    assert (
        'ends_on = { at = "End", as = "date" }  # the first day after it; as = "last_day"'
        in mapping
    )


def test_billing_begins_where_the_user_says(tmp_path: Path) -> None:
    installed(tmp_path)
    text = (tmp_path / "tallystick.toml").read_text(encoding="utf-8")
    assert "\n# bill_from = 2026-01-01 " in text


def test_what_cannot_be_guessed_is_asked_for_by_the_check(tmp_path: Path) -> None:
    files = {
        "clients.csv": "ID,Company\n1,Hansa\n",
        "contracts.csv": "ID,Client,Title,Start\nV1,1,Care,03/04/2026\n",
        "contract_lines.csv": "ID,Contract,Item,Model,Price\n1,V1,Flat,Magic,1.200\n",
        "bookings.csv": "Client,Day,Duration,Billable\n1,2026-07-01,90,perhaps\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    found = installed(tmp_path)
    mapping = (tmp_path / "mappings" / "psa.toml").read_text()
    lines = mapping.splitlines()

    def finding(part: str) -> Problem:
        line = next(number for number, line in enumerate(lines, 1) if part in line)
        return next(one for one in found if one.place == f"mappings/psa.toml:{line}")

    assert "'?' cannot be used" in finding("starts_on").what
    assert '"%d/%m/%Y" and "%m/%d/%Y"' in lines[int(finding("starts_on").place[18:]) - 1]
    assert "`decimal_mark` cannot be '?'" in finding("unit_price").what
    assert "no converter '?'" in finding("seconds").what
    assert "perhaps" in finding("billable").what
    assert "A booking needs `id`" in finding("[booking]").what
    assert '# id = "..."  # needed' in mapping


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "clients.csv").write_text("ID,Company\n1,Hansa\n")
    (tmp_path / "mappings").mkdir()
    mine = tmp_path / "mappings" / "psa.toml"
    mine.write_text("mine")
    with pytest.raises(Stop, match="exists already"):
        init(tmp_path, never, exports(tmp_path), GIVEN)
    assert mine.read_text() == "mine"
    assert not (tmp_path / "tallystick.toml").exists()


def test_an_empty_folder_gets_a_config_that_says_what_it_lacks(tmp_path: Path) -> None:
    given = {**GIVEN, "hourly": ""}
    (found,) = installed(tmp_path, given)
    assert found.what.startswith("No connection is home of client, contract, contract_line")
    assert load_config(tmp_path / "tallystick.toml", {}).rate_card == ()
    commented = (tmp_path / "tallystick.toml").read_text(encoding="utf-8")
    active = commented.replace("# [", "[").replace("# connector", "connector")
    assert "[[link]]" in active
    assert "[connection.psa]" in active


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "clients.csv").write_text("ID,ID\n1,2\n")
    found = exports(tmp_path)
    assert found.files == {"client": "clients.csv"}
    assert "more than one column" in found.unread[0].what


class TestAsking:
    def test_only_what_was_not_given_is_asked(self) -> None:
        asked: list[str] = []

        def ask(question: str, default: str) -> str:
            asked.append(question)
            return default or "7"

        answers = gather(ask, {"name": "N", "tax_percent": "20", "hourly": ""})
        assert answers == Answers("N", "DE", "Europe/Berlin", "EUR", "20", "")
        assert len(asked) == 3

    def test_a_wrong_answer_is_asked_again_with_the_reason(self) -> None:
        replies = iter(["Germany", "DE"])
        asked: list[str] = []

        def ask(question: str, default: str) -> str:
            asked.append(question)
            return next(replies)

        rest = {key: value for key, value in GIVEN.items() if key != "country"}
        assert gather(ask, rest).country == "DE"
        assert "not a country code" in asked[1]

    @pytest.mark.parametrize(
        ("key", "value"),
        [("tax_percent", "101"), ("zone", "Berlin"), ("currency", "eur"), ("name", " ")],
    )
    def test_a_wrong_flag_stops(self, key: str, value: str) -> None:
        with pytest.raises(Stop):
            gather(never, {**GIVEN, key: value})

    def test_nobody_is_asked_for_ever(self) -> None:
        with pytest.raises(Stop, match="needs an answer"):
            gather(lambda question, default: "", {})

    def test_every_answer_has_its_question(self) -> None:
        assert {one.key for one in QUESTIONS} == GIVEN.keys()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("clients.csv", "client"),
        ("Customers 2026-07.xlsx", "client"),
        ("time_entries_export.csv", "booking"),
        ("TimeEntries.csv", "booking"),
        ("agreement_additions.csv", "contract_line"),
        ("contract_lines.csv", "contract_line"),
        ("contracts.csv", "contract"),
        ("cost_rates.csv", "cost_rate"),
        ("tickts.csv", "ticket"),
        ("recipes.csv", None),
        ("2026.csv", None),
    ],
)
def test_a_files_name_says_its_kind(name: str, kind: str | None) -> None:
    assert guess_kind(name) == kind


@pytest.mark.parametrize("kind", KINDS)
def test_our_own_names_are_understood(kind: str) -> None:
    fields = [name for name in KINDS[kind].__struct_fields__ if name != "terms"]
    guess = guess_mapping(kind, {name: [] for name in fields}, "UTC", "EUR")
    assert (guess.missing, guess.unknown) == ([], [])
    assert {line.field: line.entry["at"] for line in guess.lines} == {n: n for n in fields}


def test_a_needed_field_is_served_before_one_that_fits_better() -> None:
    guess = guess_mapping("client", {"Customer Number": ["K1"], "Company": ["Hansa"]}, "UTC", "EUR")
    assert {line.field: line.entry["at"] for line in guess.lines} == {
        "id": "Customer Number",
        "name": "Company",
    }


columns = st.dictionaries(
    st.text(st.characters(codec="utf-8"), min_size=1).filter(lambda name: name.strip()),
    st.lists(st.text(st.characters(codec="utf-8"), min_size=1) | st.integers() | st.booleans()),
    max_size=6,
)


@given(st.sampled_from(list(KINDS)), columns, st.text(st.characters(codec="utf-8")))
def test_whatever_columns_are_called_the_mapping_is_toml_that_says_only_what_was_guessed(
    kind: str, columns: dict[str, list[Any]], file: str
) -> None:
    given = Exports(files={kind: file}, columns={kind: columns}, unused=[file])
    text = render_mapping(given, "Europe/Berlin", "EUR")
    guess = guess_mapping(kind, columns, "Europe/Berlin", "EUR")
    tables = tomllib.loads(text)
    assert set(tables) == {kind}
    names = {line.field.partition(".")[0] for line in guess.lines}
    assert set(tables[kind]) == names
    for problem in check_mapping([MappingFile("m", text)], {}):
        assert "is not a path" not in problem.what


@given(st.text(st.characters(codec="utf-8"), min_size=1), st.booleans())
def test_whatever_is_answered_the_config_says_it_back(name: str, with_files: bool) -> None:
    answers = Answers(name, "DE", "UTC", "JPY", "8.1", "1000" if with_files else "")
    found = Exports({"client": name}, {}, ";", "cp1252", [name]) if with_files else Exports()
    tables = tomllib.loads(render_config(answers, found))
    assert tables["msp"] == {"name": name, "country": "DE", "zone": "UTC"}
    assert tables["tax"] == [{"category": "standard", "percent": "8.1"}]
    if with_files:
        assert tables["connection"]["psa"]["settings"]["files"] == {"client": name}
        assert tables["rate_card"][0]["rate"] == [{"hourly": "1000"}]
    else:
        assert tables.keys() == {"msp", "store", "tax", "billing", "approval", "documents"}


values: Callable[[st.SearchStrategy[Any]], st.SearchStrategy[Any]] = lambda inner: (  # noqa: E731 - hypothesis wants a function here
    st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner)
)


@given(
    st.recursive(
        st.text(st.characters(codec="utf-8")) | st.booleans() | st.integers() | st.dates(), values
    )
)
def test_a_value_written_as_toml_reads_back_as_itself(value: Any) -> None:
    assert tomllib.loads(f"x = {toml(value)}", parse_float=Decimal)["x"] == value
