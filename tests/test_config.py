"""tallystick.toml: what it says is what is used, and every mistake is told at its line."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.books.overhead import Overhead, overhead_on
from tallystick.config.effort import overheads
from tallystick.config.load import load_config, read_config
from tallystick.config.model import Config
from tallystick.config.sources import find_config
from tallystick.errors import Problem, Stop

GOOD = """\
[msp]
name = "Nordlicht IT GmbH"
country = "DE"
zone = "Europe/Berlin"

[connection.psa]
connector = "files"
home = ["client", "contract"]
mapping = "mappings/psa.toml"

[connection.psa.settings]
folder = "exports/psa"

[connection.rmm]
connector = "files"
home = ["asset"]

[[rate_card]]
name = "standard"
currency = "EUR"
minimum_minutes = 15
increment_minutes = 15

[[rate_card.rate]]
hourly = "95.00"

[[rate_card.rate]]
hourly = 120.50
role = "senior"
valid_from = 2026-01-01

[[tax]]
category = "standard"
percent = "19"

[approval]
standing_limit = 5000

[[link]]
record = "client"
from = "rmm:Site: 12"
to = "psa:1001"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "tallystick.toml"


def line_of(text: str, part: str) -> int:
    """Counted by hand, not by the locator under test."""
    return text[: text.index(part)].count("\n") + 1


def problems(file: Path, text: str, environ: dict[str, str] | None = None) -> list[Problem]:
    file.write_text(text, encoding="utf-8")
    return read_config(file, environ or {})[1]


CAPACITY = 'monthly = "18000.00"\nproductive_hours = "900"\ncurrency = "EUR"\n'


@pytest.mark.parametrize(
    ("overhead", "what"),
    [
        ("", "how it is spread"),
        (CAPACITY.replace("currency", "# currency"), "how it is spread"),
        (CAPACITY + 'percent = "5"\n', "how it is spread"),
        ('percent = "5"\ncurrency = "EUR"\n', "how it is spread"),
        (CAPACITY.replace('"900"', '"0"'), "It is 0."),
        ('percent = "5"\n\n[[effort.overhead]]\npercent = "6"\n', "from the same day"),
    ],
)
def test_overhead_that_cannot_be_meant(file: Path, overhead: str, what: str) -> None:
    [problem] = problems(file, f"{GOOD}\n[[effort.overhead]]\n{overhead}")
    assert what in str(problem)


def test_overhead_counts_from_its_day_on(file: Path) -> None:
    later = f"[[effort.overhead]]\n{CAPACITY}valid_from = 2026-07-01\n"
    file.write_text(f'{GOOD}\n[[effort.overhead]]\npercent = "25"\n\n{later}', encoding="utf-8")
    loads = overheads(load_config(file, {}).effort)
    assert overhead_on(date(2026, 6, 30), loads) == Overhead(percent=Decimal(25))
    assert overhead_on(date(2026, 7, 1), loads).hourly == 20


def test_a_good_file_becomes_typed_values(file: Path) -> None:
    file.write_text(GOOD, encoding="utf-8")
    config = load_config(file, {})
    assert config.msp.zone == ZoneInfo("Europe/Berlin")
    assert config.homes == {"client": "psa", "contract": "psa", "asset": "rmm"}
    assert config.connection["psa"].mapping == Path("mappings/psa.toml")
    standard, senior = config.rate_card[0].rate
    assert (standard.hourly, standard.valid_from) == (Decimal("95.00"), date.min)
    assert (str(senior.hourly), senior.valid_from) == ("120.50", date(2026, 1, 1))
    assert config.approval.standing_limit == Decimal(5000)
    assert config.link[0].copy_ref == ("rmm", "Site: 12")
    assert config.link[0].home_ref == ("psa", "1001")
    assert config.billing.payment_terms_days == 14
    with pytest.raises(ValueError, match="frozen"):
        config.msp = config.msp


@pytest.mark.parametrize(
    ("old", "new", "what", "do"),
    [
        ('country = "DE"\n', "", "`msp.country` is missing.", "Add it to msp."),
        ("increment_minutes", "incremnt_minutes", "Did you mean 'increment_minutes'?", "Known"),
        ("[approval]", "[aproval]", "Did you mean 'approval'?", "Known"),
        ("Europe/Berlin", "Europe/Berln", "Did you mean 'Europe/Berlin'?", "IANA"),
        ("Europe/Berlin", "../../etc/passwd", "There is no time zone", "IANA"),
        ('country = "DE"', 'country = "Germany"', "not a country code", "two capitals"),
        ('currency = "EUR"', 'currency = "EURO"', "not a currency", "ISO 4217"),
        ('currency = "EUR"', 'currency = "XAU"', "not a currency", "ISO 4217"),
        ("increment_minutes = 15", "increment_minutes = 0", "greater than or equal to 1", ""),
        ("increment_minutes = 15", "increment_minutes = true", "true/false", "digits"),
        ("increment_minutes = 15", "increment_minutes = 7.5", "integer", ""),
        ('percent = "19"', 'percent = "119"', "more than 100", "19"),
        ('percent = "19"', 'percent = "-1"', "not a plain amount", ""),
        ('hourly = "95.00"', "hourly = nan", "not a plain amount", '"95.00"'),
        ('hourly = "95.00"', "hourly = 1e400", "not a plain amount", '"95.00"'),
        ('hourly = "95.00"', 'hourly = "1.095,00"', "not a plain amount", '"95.00"'),
        ('hourly = "95.00"', 'hourly = "1_000"', "not a plain amount", '"95.00"'),
        ('hourly = "95.00"', 'hourly = "٩٥"', "not a plain amount", '"95.00"'),
        ('hourly = "95.00"', "hourly = true", "not a plain amount", '"95.00"'),
        ("valid_from = 2026-01-01", "valid_from = 20260101", "not a day", "2026-01-31"),
        ("valid_from = 2026-01-01", "valid_from = 2026-01-01T09:00:00", "not a day", ""),
        ("valid_from = 2026-01-01", 'valid_from = "2026-02-30"', "not a day", ""),
        ('"mappings/psa.toml"', '"../psa.toml"', "has `..`", "folder of tallystick.toml"),
        ('"mappings/psa.toml"', "'..\\psa.toml'", "has `..`", "folder of tallystick.toml"),
        ('home = ["asset"]', 'home = ["device", "asset"]', "no record kind 'device'", "Known"),
        ('home = ["asset"]', 'home = ["client"]', "psa and rmm are both home of `client`", "one"),
        ('home = ["asset"]', 'home = ["asset", "asset"]', "`asset` is listed twice", "one"),
        ('"psa:1001"', '"1001"', "does not name a record of a connection", "psa:1001"),
        ('"psa:1001"', '"spa:1001"', "Did you mean 'psa'?", "Configured are psa, rmm"),
        ('"psa:1001"', '"rmm:1"', "rmm is not the home of `client`", "record of psa"),
        ('"rmm:Site: 12"', '"psa:7"', "Both ends", ""),
        ('category = "standard"', 'category = "reduced"', "no tax category 'standard'", "[[tax]]"),
        ('role = "senior"\nvalid_from = 2026-01-01', "", "nothing tells it apart from another", ""),
    ],
)
def test_a_mistake_is_told_with_its_line_and_its_fix(
    file: Path, old: str, new: str, what: str, do: str
) -> None:
    assert GOOD.count(old) >= 1
    text = GOOD.replace(old, new, 1)
    found = problems(file, text)
    assert len(found) == 1, found
    assert what in found[0].what
    assert do in found[0].do
    name, _, line = found[0].place.rpartition(":")
    assert name == str(file)
    assert 1 <= int(line) <= text.count("\n")
    if new and "\n" not in old and "Both ends" not in what and new.split()[0] != "category":
        assert int(line) == line_of(text, new)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("INV-{year}-{number:04}", True),
        ("{number}", True),
        ("R {number} / {year}", True),
        ("INV-{year}", False),
        ("INV-{number", False),
        ("{number:999999999}", False),
        ("{number:.0e}", False),
        ("{number.__class__}", False),
        ("{number}{client}", False),
        ("{number!r}", False),
        ("{}", False),
        ("{number:{year}}", False),
    ],
)
def test_a_number_format_keeps_numbers_apart(file: Path, text: str, right: bool) -> None:
    found = problems(file, f"{GOOD}[billing]\nnumber_format = '{text}'\n")
    assert (not found) == right


def test_everything_wrong_is_told_at_once_in_the_order_of_the_file(file: Path) -> None:
    text = GOOD.replace("DE", "Germany").replace("increment_m", "incremnt_m")
    text = text.replace('"95.00"', '"lots"').replace('"19"', '"119"')
    found = problems(file, text)
    lines = [int(one.place.rpartition(":")[2]) for one in found]
    wrong = ("Germany", "incremnt", "lots", "119")
    assert lines == [line_of(text, part) for part in wrong]
    with pytest.raises(Stop) as stop:
        load_config(file, {})
    assert all(str(one) in str(stop.value) for one in found)


@pytest.mark.parametrize("name", ["PSA", "1psa", "p s", "../psa", "psa.", ""])
def test_a_connection_name_is_plain(file: Path, name: str) -> None:
    found = problems(file, f'{GOOD}[connection."{name}"]\nconnector = "files"\n')
    assert len(found) == 1
    assert "cannot name a connection" in found[0].what


TAX_MISTAKES = [
    ('percent = 7\ncode = "AE"', "has code AE and yet 7 %"),
    ('percent = 0\ncode = "S"', "has code S, standard, at 0 %"),
    ('percent = 0\ncode = "E"', "is exempt, and invoices must say why"),
    ('percent = 7\nregion = "QC"', "is for region QC of no country"),
]


@pytest.mark.parametrize(("rate", "sentence"), TAX_MISTAKES)
def test_a_tax_rate_that_contradicts_itself_is_told(file: Path, rate: str, sentence: str) -> None:
    (found,) = problems(file, GOOD + f'[[tax]]\ncategory = "other"\n{rate}\n')
    assert found.what == f"Tax category 'other' {sentence}."


def test_rates_of_one_category_for_different_places_are_no_mistake(file: Path) -> None:
    tax = '[[tax]]\ncategory = "standard"\npercent = 7\n'
    places = [tax + 'country = "CA"\n', tax + 'country = "CA"\nregion = "QC"\n']
    assert problems(file, GOOD + "".join(places)) == []


def test_two_things_of_one_name_are_told(file: Path) -> None:
    card = '[[rate_card]]\nname = "standard"\ncurrency = "EUR"\nrate = [{ hourly = 1 }]\n'
    tax = '[[tax]]\ncategory = "standard"\npercent = 7\n'
    rate = '[[exchange_rate]]\nfrom = "CHF"\nto = "EUR"\nrate = "1.05"\n'
    index = '[[index]]\nname = "cpi"\nvalues = { 2026-01 = "119.3" }\n'
    found = problems(file, GOOD + card + tax + rate + rate + index + index)
    assert [one.what.split(".")[0] for one in found] == [
        "There are two rate cards 'standard'",
        "Tax category 'standard' has two rates from the same day",
        "There are two exchange rates from CHF to EUR from the same day",
        "There are two indices 'cpi'",
    ]


MAIL = '[email]\nhost = "mail.example"\nsender = "billing@msp.example"\n'


@pytest.mark.parametrize(
    ("keys", "told", "line"),
    [
        ('attach = ["docx"]', "'docx' is no format of documents. Known are html, txt, pdf", 3),
        ('attach = ["facturx.pdf"]', "Did you mean 'facturx'?", 3),
        ('attach = ["html", "pdf"]', "take pdf along, and invoices are not written as pdf", 3),
        ("", "or attach what is written: html, txt", 0),
        ("attach = []", "at least 1", 3),
    ],
)
def test_a_letter_takes_along_what_is_written(file: Path, keys: str, told: str, line: int) -> None:
    (found,) = problems(file, f"{GOOD}{MAIL}{keys}\n")
    assert told in f"{found.what} {found.do}"
    assert found.place == f"{file}:{GOOD.count(chr(10)) + 1 + line}"
    written = '[documents]\nformats = ["facturx", "pdf", "html"]\n'
    assert problems(file, f'{GOOD}{MAIL}attach = ["facturx", "html"]\n{written}') == []


@pytest.mark.parametrize(
    ("values", "what"),
    [
        ('{ 2026-13 = "1" }', "'2026-13' is not a month"),
        ('{ 2026 = "1" }', "'2026' is not a month"),
        ('{ 2026-01 = "0" }', "It is 0"),
        ('{ 2026-01 = "1,5" }', "'1,5' is not a plain amount"),
        ("{}", "at least 1"),
    ],
)
def test_an_index_has_values_by_month(file: Path, values: str, what: str) -> None:
    found = problems(file, f'{GOOD}[[index]]\nname = "cpi"\nvalues = {values}\n')
    assert len(found) == 1
    assert what in found[0].what
    assert found[0].place == f"{file}:{GOOD.count(chr(10)) + 3}"


def test_no_toml_is_told_with_its_line(file: Path) -> None:
    (found,) = problems(file, '[msp]\nname = "a\nzone = 1\n')
    assert found.place == f"{file}:2"
    (found,) = problems(file, GOOD + "[msp]\n")
    assert found.place == f"{file}:{GOOD.count(chr(10)) + 1}"


def test_a_file_that_is_no_text_is_told_with_its_line(file: Path) -> None:
    file.write_bytes(b"[msp]\nname = 'M\xfcller'\n")
    with pytest.raises(Stop, match="not UTF-8") as stop:
        read_config(file, {})
    assert stop.value.place == f"{file}:2"


def test_a_byte_order_mark_is_no_mistake(file: Path) -> None:
    assert problems(file, "\ufeff" + GOOD) == []


def test_a_password_may_not_stand_in_the_database_url(file: Path) -> None:
    text = f'{GOOD}[store]\nurl = "postgresql+psycopg://tally:hunter2@db/tally"\n'
    (found,) = problems(file, text)
    assert found.place == f"{file}:{line_of(text, 'url =')}"
    assert "password" in found.what
    assert "hunter2" not in str(found)
    environ = {"TALLYSTICK__STORE__URL": "postgresql+psycopg://tally:hunter2@db/tally"}
    assert problems(file, GOOD, environ) == []


def test_the_environment_overrides_the_file_key_by_key(file: Path) -> None:
    file.write_text(GOOD, encoding="utf-8")
    environ = {
        "TALLYSTICK__MSP__NAME": "Other GmbH",
        "TALLYSTICK__BILLING__PAYMENT_TERMS_DAYS": "30",
        "TALLYSTICK__CONNECTION__PSA__SETTINGS__FOLDER": "elsewhere",
        "TALLYSTICK__CONNECTION__RMM__HOME": '["asset", "contact"]',
        "TALLYSTICK__RATE_CARD": '[{ name = "x", currency = "JPY", rate = [{ hourly = 0.1 }] }]',
        "MSP": "not ours",
    }
    config = load_config(file, environ)
    assert (config.msp.name, config.msp.country) == ("Other GmbH", "DE")
    assert config.billing.payment_terms_days == 30
    assert config.connection["psa"].settings == {"folder": "elsewhere"}
    assert config.connection["rmm"].home == ("asset", "contact")
    assert str(config.rate_card[0].rate[0].hourly) == "0.1"


@pytest.mark.parametrize(
    ("variable", "value", "what"),
    [
        ("TALLYSTICK__BILLNG__PAYMENT_TERMS_DAYS", "30", "Did you mean 'billing'?"),
        ("TALLYSTICK__BILLING__PAYMENT_TERMS_DAYS", "soon", "integer"),
        ("TALLYSTICK__MSP", "Nordlicht", "`msp`"),
    ],
)
def test_a_wrong_variable_is_named(file: Path, variable: str, value: str, what: str) -> None:
    (found,) = problems(file, GOOD, {variable: value})
    assert found.place == f"environment variable {variable}"
    assert what in found.what


def test_a_variable_that_is_no_list_is_named(file: Path) -> None:
    (found,) = problems(file, GOOD, {"TALLYSTICK__CONNECTION__RMM__HOME": '["asset"'})
    assert "TALLYSTICK__CONNECTION__RMM__HOME" in found.what


def test_keys_cannot_steer_the_loader(file: Path) -> None:
    found = problems(file, '_env_file = ".env"\n_build_sources = []\n' + GOOD)
    assert [one.what.split(".")[0] for one in found] == [
        "There is no key `_env_file` in the file",
        "There is no key `_build_sources` in the file",
    ]


def test_a_config_made_directly_does_not_look_at_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BILLING", '{"payment_terms_days": 99}')
    msp = {"name": "x", "country": "DE", "zone": "UTC"}
    assert Config.model_validate({"msp": msp}).billing.payment_terms_days == 14


class TestFinding:
    def test_the_first_that_is_named_counts(self, tmp_path: Path) -> None:
        for name in ("a.toml", "b.toml", "tallystick.toml"):
            (tmp_path / name).touch()
        a, b = tmp_path / "a.toml", tmp_path / "b.toml"
        assert find_config(a, {"TALLYSTICK_CONFIG": str(b)}, tmp_path) == a
        assert find_config(None, {"TALLYSTICK_CONFIG": str(b)}, tmp_path) == b
        assert find_config(None, {}, tmp_path) == tmp_path / "tallystick.toml"

    def test_every_place_tried_is_told_in_order(self, tmp_path: Path) -> None:
        with pytest.raises(Stop, match="tallystick init") as stop:
            find_config(None, {}, tmp_path)
        told = str(stop.value)
        places = ("--config: not given", "TALLYSTICK_CONFIG: not set", str(tmp_path))
        assert [told.index(place) for place in places] == sorted(map(told.index, places))

    def test_a_misspelled_one_does_not_fall_through(self, tmp_path: Path) -> None:
        (tmp_path / "tallystick.toml").touch()
        with pytest.raises(Stop, match=r"no\.toml, which does not exist"):
            find_config(tmp_path / "no.toml", {}, tmp_path)
        with pytest.raises(Stop, match="which is a folder"):
            find_config(None, {"TALLYSTICK_CONFIG": str(tmp_path)}, tmp_path)


@given(st.text(st.characters(codec="utf-8"), max_size=200))
def test_whatever_stands_in_the_file_no_exception_but_ours_comes_out(text: str) -> None:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        path = Path(folder) / "tallystick.toml"
        for content in (text, f"{GOOD}\n[connection.x]\nconnector = {text}"):
            path.write_bytes(content.encode())
            config, found = read_config(path, {})
            assert config is not None or found


def test_nothing_heavy_is_imported_by_the_package() -> None:
    code = "import sys, tallystick.config; sys.exit('pydantic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
