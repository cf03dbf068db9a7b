"""Whole mappings: reading, writing, layers, and the laws over complete records."""

from __future__ import annotations

import copy
import csv
import io
import zipfile
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.errors import SkipRecord, Stop
from tallystick.mapping import MappingFile, RecordMapping, load_mapping
from tallystick.mapping.converters import Converter, TwoWay
from tallystick.mapping.entries import Entry
from tallystick.records import Booking, ContractLine

SHARED = Path(__file__).resolve().parents[1].parent / "shared"

BOOKING = """
[booking]
id         = { at = "id", as = "text" }
technician = "member.identifier"
client     = { at = "company.id", as = "text" }
work_type  = { at = "workType.name", null = ["?", "n/a"] }
work_date  = { at = "day", as = "date", format = "%d.%m.%Y" }
started_at = { at = "timeStart", as = "datetime", zone = "Europe/Berlin" }
seconds    = { at = "actualHours", as = "hours", decimal_mark = "," }
note       = "customFields[caption=Internal note].value"
version    = { const = 3 }
updated_at = { at = "_info.lastUpdated", as = "datetime", push = false }
[booking.billable]
at = "billableOption"
values.Billable = "billable"
values.DoNotBill = "never"
values.NoCharge = "no_charge"
values.NoDefault = "no_charge"
push = "NoCharge"
"""

RAW: dict[str, Any] = {
    "id": 4711,
    "member": {"identifier": "ann", "rate": Decimal("1.5")},
    "company": {"id": 19, "name": "Acme"},
    "workType": {"name": "?"},
    "billableOption": "NoDefault",
    "day": "3.9.2026",
    "timeStart": "2026-09-03T10:00:00+02:00",
    "actualHours": "0,3330",
    "customFields": [None, {"caption": "Other"}, {"caption": "Internal note", "value": "x"}],
    "_info": {"lastUpdated": "2026-09-03T12:00:00Z"},
}

RECORD: dict[str, Any] = {
    "id": "4711",
    "technician": "ann",
    "client": "19",
    "billable": "no_charge",
    "work_date": date(2026, 9, 3),
    "started_at": datetime(2026, 9, 3, 8, tzinfo=UTC),
    "seconds": 1199,
    "note": "x",
    "version": 3,
    "updated_at": datetime(2026, 9, 3, 12, tzinfo=UTC),
}


def load(*texts: str, kind: str = "booking", **converters: Converter) -> RecordMapping:
    files = [MappingFile(f"layer{i}.toml", text) for i, text in enumerate(texts)]
    return load_mapping(files, converters)[kind]


def test_reads_a_record() -> None:
    mapping = load(BOOKING)
    assert mapping.read(RAW) == RECORD
    assert mapping.record(RAW) == Booking(**RECORD)


def test_writes_a_record_from_nothing() -> None:
    assert load(BOOKING).write({**RECORD, "work_type": None, "note": ""}) == {
        "id": "4711",
        "member": {"identifier": "ann"},
        "company": {"id": "19"},
        "billableOption": "NoCharge",
        "day": "03.09.2026",
        "timeStart": "2026-09-03T10:00:00",
        "actualHours": "0,3331",
    }


def test_writing_back_what_was_read_keeps_every_spelling() -> None:
    mapping, before = load(BOOKING), copy.deepcopy(RAW)
    assert mapping.write(mapping.read(RAW), RAW) == before == RAW


def test_what_is_left_out_is_left_alone_and_none_clears() -> None:
    mapping, before = load(BOOKING), copy.deepcopy(RAW)
    changed = mapping.write({"technician": None, "work_type": None, "note": ""}, RAW)
    assert changed["member"] == {"identifier": None, "rate": Decimal("1.5")}
    assert changed["workType"] == {"name": "?"}
    assert changed["customFields"][2] == {"caption": "Internal note", "value": None}
    assert {**changed, "member": 0, "customFields": 0} == {**RAW, "member": 0, "customFields": 0}
    filled = mapping.write({"work_type": "remote"}, RAW)
    assert mapping.write({"work_type": None}, filled)["workType"] == {"name": "?"}
    assert before == RAW


CANONICAL = st.fixed_dictionaries(
    {
        "id": st.text("abc1", min_size=1),
        "billable": st.sampled_from(["billable", "never", "no_charge"]),
        "seconds": st.integers(-(10**7), 10**7),
    },
    optional={
        "technician": st.text("ab?", min_size=1),
        "client": st.text("12", min_size=1),
        "work_type": st.sampled_from(["remote", "on site"]),
        "work_date": st.dates(date(1990, 1, 1), date(2100, 1, 1)),
        "started_at": st.datetimes(
            datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)
        ),
        "note": st.text(
            st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1
        ),
    },
)


@given(CANONICAL)
def test_what_was_written_reads_back(record: Mapping[str, Any]) -> None:
    mapping = load(BOOKING)
    assert mapping.read(mapping.write(record)) == {**record, "version": 3}


@given(CANONICAL, CANONICAL)
def test_the_last_of_two_writes_stands(first: dict[str, Any], second: dict[str, Any]) -> None:
    """put-put: equal but for the spelling of what both say and nulls where the first said more."""
    mapping = load(BOOKING)
    blank = dict.fromkeys(first)
    twice = mapping.write({**blank, **second}, mapping.write(first))
    assert mapping.read(twice) == mapping.read(mapping.write(second))


SPELLED = st.fixed_dictionaries(
    {},
    optional={
        "id": st.integers(1, 99) | st.sampled_from(["7", "07", "", None]),
        "member": st.none()
        | st.fixed_dictionaries({}, optional={"identifier": st.none() | st.just("x")}),
        "workType": st.fixed_dictionaries(
            {"name": st.sampled_from(["?", "n/a", "", None, "remote"])}
        ),
        "billableOption": st.sampled_from(["Billable", "NoCharge", "NoDefault", "", None]),
        "day": st.sampled_from(["3.9.2026", "03.09.2026", None]),
        "timeStart": st.sampled_from(
            ["2026-10-25T02:30:00", "2026-10-25T01:30Z", "2026-01-01 10:00"]
        ),
        "actualHours": st.sampled_from(["1.234,5", "0,3330", "-,5", Decimal("0.1"), 2]),
        "customFields": st.lists(
            st.sampled_from(
                [None, {"caption": "Internal note", "value": "n"}, {"caption": "Internal note"}]
            )
        ),
        "unmapped": st.integers(),
    },
)


@given(SPELLED)
def test_get_put_is_exact_however_the_vendor_spells(raw: dict[str, Any]) -> None:
    mapping = load(BOOKING)
    try:
        record = mapping.read(raw)
    except SkipRecord:
        return
    assert mapping.write(record, raw) == raw
    assert mapping.read(mapping.write(record)) == {
        k: v for k, v in record.items() if k != "updated_at"
    }


def test_a_write_that_would_not_read_back_is_refused() -> None:
    minutes_only = """
[ticket]
opened_at = { at = "opened", as = "datetime", zone = "Europe/Berlin", format = "%d.%m.%Y %H:%M" }
"""
    mapping = load(minutes_only, kind="ticket")
    exact = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert mapping.write({"opened_at": exact}) == {"opened": "25.10.2026 02:30"}
    for lost in (exact.replace(second=1), exact.replace(hour=1)):
        with pytest.raises(SkipRecord, match="would not read back as itself"):
            mapping.write({"opened_at": lost})


def test_paths_that_meet_in_one_item_are_refused_not_mixed_up() -> None:
    mapping = load(
        """
[client]
city = "f[a=1].x"
street = "f[b=2].x"
""",
        kind="client",
    )
    both = {"f": [{"a": 1, "b": 2, "x": "old"}]}
    assert mapping.write({"city": "Kiel"}, both)["f"][0]["x"] == "Kiel"
    with pytest.raises(SkipRecord, match="would not read back"):
        mapping.write({"city": "Kiel", "street": "Hafen 1"}, both)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"actualHours": "1.5"},
            (
                "`seconds` cannot be read from `actualHours`: '1.5' is not a number with the"
                " decimal mark ','. (booking 4711) Correct `decimal_mark` in the mapping, or"
                " the record at its source."
            ),
        ),
        (
            {"billableOption": "Maybe"},
            (
                "`billable` cannot be read from `billableOption`: 'Maybe' is not one of the"
                " values the mapping knows ('Billable', 'DoNotBill', 'NoCharge', 'NoDefault')."
                " (booking 4711) Add it to `values` with its meaning."
            ),
        ),
        (
            {"company": "Acme"},
            (
                "`client` cannot be read from `company.id`: `id` is looked for in an object, but"
                " the record has text there. (booking 4711) Correct `at` in the mapping to the"
                " record's real shape."
            ),
        ),
        (
            {"billableOption": {"id": 1}},
            (
                "`billable` cannot be read from `billableOption`: an object is not one of the"
                " values the mapping knows ('Billable', 'DoNotBill', 'NoCharge', 'NoDefault')."
                " (booking 4711) Add it to `values` with its meaning."
            ),
        ),
    ],
)
def test_a_record_that_fails_says_why_and_what_to_do(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SkipRecord) as caught:
        load(BOOKING).read({**RAW, **change})
    assert str(caught.value) == sentence


def test_what_fits_of_a_broken_record_can_still_be_read() -> None:
    readable = load(BOOKING).read_what_fits({**RAW, "actualHours": "1.5", "company": "Acme"})
    assert readable == {k: v for k, v in RECORD.items() if k not in ("seconds", "client")}


def test_a_record_that_does_not_fit_its_kind_is_skipped() -> None:
    mapping = load('[client]\nid = "id"\nname = "name"\npayment_terms_days = "days"', kind="client")
    cases: list[tuple[dict[str, Any], str]] = [
        ({"id": 7, "name": "A"}, "`id` cannot be '7': expected text, got a whole number."),
        ({"id": "7"}, "`name` is required and has no value."),
        ({"id": "7", "name": "A", "days": 400}, "`payment_terms_days` cannot be '400'"),
    ]
    for raw, start in cases:
        with pytest.raises(SkipRecord) as caught:
            mapping.record(raw)
        assert caught.value.what.startswith(start)
        assert caught.value.ref == "7"


def test_what_sounds_secret_is_not_quoted() -> None:
    mapping = load('[booking]\nseconds = { at = "apiToken", as = "hours" }')
    with pytest.raises(SkipRecord) as caught:
        mapping.read({"apiToken": "hunter2"})
    assert "hunter2" not in str(caught.value)


def test_terms_are_nested_and_layers_replace_fields() -> None:
    shipped = """
[contract_line]
id = "id"
contract = "contract"
description = "text"
model = { const = "fixed" }
terms.unit_price = { at = "price", as = "decimal" }
terms.work_types = { const = ["remote"] }
starts_on = { at = "from", as = "date" }
"""
    own = """
[contract_line]
starts_on = { at = "start", as = "date", format = "%d.%m.%Y" }
terms.unit_price = { at = "price", as = "decimal", decimal_mark = "," }
terms.cycle = "cycle"
"""
    raw = {
        "id": "1",
        "contract": "c",
        "text": "t",
        "price": "1.234,50",
        "start": "1.2.2026",
        "cycle": "month",
    }
    mapping = load(shipped, own, kind="contract_line")
    assert mapping.record(raw) == ContractLine(
        id="1",
        contract="c",
        description="t",
        model="fixed",
        terms={"unit_price": Decimal("1234.50"), "work_types": ["remote"], "cycle": "month"},
        starts_on=date(2026, 2, 1),
    )
    assert mapping.write({"terms": {"unit_price": Decimal(5)}}) == {"price": "5"}
    whole = load(shipped, '[contract_line]\nterms = "terms"', kind="contract_line")
    assert whole.read({"price": "1", "terms": {"hours": 2}})["terms"] == {"hours": 2}


def test_a_field_of_the_later_file_takes_nothing_from_the_earlier() -> None:
    own = '[booking]\nseconds = { at = "minutes", as = "minutes" }'
    assert load(BOOKING, own).read({"minutes": "1.5", "actualHours": "9"})["seconds"] == 90


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('[booking]\nid = "a["', "layer0.toml:2"),
        ('\n[bookings]\nid = "a"', "layer0.toml:2"),
        ("[booking]\nid = ", "layer0.toml:2"),
    ],
)
def test_a_mapping_with_mistakes_stops_the_run(text: str, sentence: str) -> None:
    with pytest.raises(Stop, match=sentence):
        load(text)


def test_a_plugins_converter_serves_both_ways_and_its_failures_stay_records() -> None:
    def build(options: Mapping[str, str]) -> TwoWay:
        size = {"long": 13, "short": 12}[options["size"]]
        return TwoWay(lambda value: int(value) * size, lambda value: str(value // size))

    dozen = Converter("dozens", build, frozenset({"size"}))
    mapping = load(
        '[booking]\nid = "id"\nseconds = { at = "d", as = "dozens", size = "short" }', dozens=dozen
    )
    assert mapping.read({"d": "2"}) == {"seconds": 24}
    assert mapping.write({"seconds": 24}) == {"d": "2"}
    with pytest.raises(SkipRecord, match="its converter failed with ValueError"):
        mapping.read({"d": "two"})
    with pytest.raises(SkipRecord, match="would not read back"):
        mapping.write({"seconds": 25})
    with pytest.raises(Stop, match="KeyError"):
        load('[booking]\nseconds = { at = "d", as = "dozens" }', dozens=dozen)


def test_a_lens_that_forgets_is_caught_by_the_write_itself() -> None:
    """The guard of `write` can fail: an entry whose write loses the value is refused."""
    good = load('[booking]\nnote = "n"')
    entry = good.entries[("note",)]
    broken = Entry(entry.field, 0, entry.keys, entry.path, None, entry.read, lambda _: "lost")
    with pytest.raises(SkipRecord, match="would not read back"):
        RecordMapping("booking", Booking, {("note",): broken}).write({"note": "kept"})


INCIDENTS = """
[ticket]
id          = "number"
version     = { at = "sys_mod_count", as = "int" }
title       = { at = "short_description", null = "?" }
client      = { at = "location", null = "?" }
type        = { at = "category", null = "?" }
priority    = "priority"
status      = { at = "incident_state", null = "-100" }
sla_met     = { at = "made_sla", as = "bool" }
opened_at   = { at = "opened_at", as = "datetime", zone = "UTC", format = "%d/%m/%Y %H:%M" }
updated_at  = { at = "sys_updated_at", as = "datetime", zone = "UTC", format = "%d/%m/%Y %H:%M" }
closed_at   = { at = "closed_at", as = "datetime", zone = "UTC", format = "%d/%m/%Y %H:%M" }
[ticket.resolved_at]
at = "resolved_at"
as = "datetime"
zone = "UTC"
format = "%d/%m/%Y %H:%M"
null = "?"
"""


def test_a_real_incident_log_reads_and_writes_back() -> None:
    """The first 20,000 events of a company's ServiceNow log (UCI data set 498, CC BY 4.0)."""
    log = next((SHARED / "data" / "servicenow_incidents").glob("*.zip"))
    mapping = load(INCIDENTS, kind="ticket")
    missing = states = 0
    with zipfile.ZipFile(log) as archive:
        name = next(n for n in archive.namelist() if n.endswith(".csv"))
        rows = csv.DictReader(io.TextIOWrapper(archive.open(name), "utf-8"))
        for raw, _ in zip(rows, range(20_000), strict=False):
            ticket = mapping.record(raw)
            assert mapping.write(mapping.read(raw), raw) == raw
            missing += (ticket.resolved_at is None) == (raw["resolved_at"] == "?")
            states += (ticket.status is None) == (raw["incident_state"] == "-100")
            expected = datetime.strptime(raw["opened_at"], "%d/%m/%Y %H:%M").replace(tzinfo=UTC)
            assert ticket.opened_at == expected
    assert missing == states == 20_000
