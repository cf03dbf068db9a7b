"""Converters: what they accept, what they refuse and why, and that both directions agree."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tallystick.errors import Stop
from tallystick.mapping.converters import AS_IS, BUILTIN, Converter, Misfit, TwoWay, with_builtin
from tallystick.mapping.twoway import SHOWN_CHARACTERS, shown

BERLIN = "Europe/Berlin"
D = Decimal


def two_way(name: str, **options: str) -> TwoWay:
    return BUILTIN[name].build(options)


def at(
    year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0, us: int = 0
) -> datetime:
    return datetime(year, month, day, hour, minute, second, us, UTC)


@pytest.mark.parametrize(
    ("name", "options", "raw", "canonical"),
    [
        ("text", {}, 7, "7"),
        ("text", {}, "07", "07"),
        ("text", {}, D("1E+2"), "100"),
        ("text", {}, True, "true"),
        ("text", {}, "Müller & Söhne 🙂", "Müller & Söhne 🙂"),
        ("int", {}, " 12 ", 12),
        ("int", {}, D("12.0"), 12),
        ("decimal", {}, "-1234.56", D("-1234.56")),
        ("decimal", {}, ".5", D("0.5")),
        ("decimal", {}, D("95.00"), D("95.00")),
        ("decimal", {}, 95, D(95)),
        ("decimal", {"decimal_mark": ","}, "1.234,56", D("1234.56")),
        ("decimal", {"decimal_mark": ","}, "1234,5", D("1234.5")),
        ("decimal", {"decimal_mark": ","}, "-1 234 567,5", D("-1234567.5")),
        ("decimal", {"decimal_mark": ","}, "1.234", D("1234")),
        ("decimal", {"decimal_mark": "."}, "1,234.56", D("1234.56")),
        ("decimal", {"decimal_mark": "."}, "1'234.50", D("1234.5")),
        ("decimal", {"decimal_mark": ","}, D("0.5"), D("0.5")),
        ("hours", {}, "0.1", 360),
        ("hours", {}, "0.333", 1199),
        ("hours", {}, D("-0.333"), -1199),
        ("hours", {"decimal_mark": ","}, "1,5", 5400),
        ("minutes", {}, 15, 900),
        ("minutes", {}, "0.5", 30),
        ("hms", {}, "1:30", 5400),
        ("hms", {}, "01:30:05", 5405),
        ("hms", {}, "-0:15", -900),
        ("hms", {}, "100:00", 360000),
        ("date", {}, "2026-09-30", date(2026, 9, 30)),
        ("date", {}, "2026-09-30T00:00:00Z", date(2026, 9, 30)),
        ("date", {}, "2026-09-30 00:00:00.000", date(2026, 9, 30)),
        ("date", {}, datetime(2026, 9, 30), date(2026, 9, 30)),
        ("date", {"format": "%d.%m.%Y"}, "3.9.2026", date(2026, 9, 3)),
        ("datetime", {}, "2026-09-30T10:00:00+02:00", at(2026, 9, 30, 8)),
        ("datetime", {}, "2026-09-30T10:00:00.1234567Z", at(2026, 9, 30, 10, 0, 0, 123456)),
        ("datetime", {}, "2026-09-30 10:00:00 +0200", at(2026, 9, 30, 8)),
        ("datetime", {"zone": BERLIN}, "2026-07-01T12:00", at(2026, 7, 1, 10)),
        (
            "datetime",
            {"format": "%Y-%m-%d %H:%M:%S,%f", "zone": "UTC"},
            "2026-07-01 12:00:00,5",
            at(2026, 7, 1, 12, 0, 0, 500_000),
        ),
        ("datetime", {"zone": BERLIN}, "2026-07-01T12:00Z", at(2026, 7, 1, 12)),
        ("datetime", {"zone": BERLIN}, "2026-10-25T02:30:00", at(2026, 10, 25, 0, 30)),
        (
            "datetime",
            {"format": "%d/%m/%Y %H:%M", "zone": "UTC"},
            "29/2/2016 01:16",
            at(2016, 2, 29, 1, 16),
        ),
        (
            "datetime",
            {"format": "%m/%d/%Y %I:%M %p", "zone": "UTC"},
            "2/9/2016 12:05 AM",
            at(2016, 2, 9, 0, 5),
        ),
        ("datetime", {"format": "%Y%m%d%H%M%S%z"}, "20260930100000+0200", at(2026, 9, 30, 8)),
        ("bool", {}, "Yes", True),
        ("bool", {}, 0, False),
        ("bool", {}, False, False),
        ("list", {}, "a; b;;c ", ["a", "b", "c"]),
        ("list", {"separator": ","}, "a,b", ["a", "b"]),
        ("epoch_ms", {}, 1_700_000_000_123, at(2023, 11, 14, 22, 13, 20, 123000)),
        ("epoch_ms", {}, "0", at(1970, 1, 1)),
        ("epoch_s", {}, Decimal("1700000000.123"), at(2023, 11, 14, 22, 13, 20, 123000)),
        ("epoch_s", {}, 0, at(1970, 1, 1)),
        ("last_day", {}, "2026-12-31T00:00:00Z", date(2027, 1, 1)),
        ("toml", {}, "{ allowance_hours = 5 }", {"allowance_hours": 5}),
        (
            "toml",
            {},
            '[{ since = 2026-09-10, quantity = 34 },\n{ since = 2027-01-01, unit_price = "9.50" }]',
            [
                {"since": date(2026, 9, 10), "quantity": 34},
                {"since": date(2027, 1, 1), "unit_price": "9.50"},
            ],
        ),
        ("toml", {}, "{ onsite = 1.5, '*' = 1 }", {"onsite": D("1.5"), "*": 1}),
        ("toml", {}, "12.50", D("12.50")),
        ("toml", {}, "[true, [], {}]", [True, [], {}]),
    ],
)
def test_reads(name: str, options: dict[str, str], raw: Any, canonical: Any) -> None:
    read = two_way(name, **options).read(raw)
    assert read == canonical
    assert type(read) is type(canonical)


@pytest.mark.parametrize(
    ("name", "options", "raw", "why"),
    [
        ("decimal", {}, "1.234,56", "more than one number"),
        ("decimal", {}, "1,5", "more than one number"),
        ("decimal", {}, "NaN", "not a plain decimal"),
        ("decimal", {}, "Infinity", "not a plain decimal"),
        ("decimal", {}, D("NaN"), "not a number"),
        ("decimal", {}, D("-Infinity"), "not a number"),
        ("decimal", {}, "1_000", "not a plain decimal"),
        ("decimal", {}, "\u0663\u066b\u0661", "not a plain decimal"),
        ("decimal", {}, "١٢", "not a plain decimal"),
        ("decimal", {}, "1e400", "not a plain decimal"),
        ("decimal", {}, D("1e400"), "at most 15 digits"),
        ("decimal", {}, D("1e-400"), "at most 15 digits"),
        ("decimal", {}, 10**15, "at most 15 digits"),
        ("decimal", {}, 1.5, "binary float"),
        ("decimal", {}, True, "true/false"),
        ("decimal", {}, [1], "a list"),
        ("decimal", {}, "12 €", "not a plain decimal"),
        ("decimal", {"decimal_mark": ","}, "1,234.56", "decimal mark"),
        ("decimal", {"decimal_mark": ","}, "0.123", "decimal mark"),
        ("decimal", {"decimal_mark": ","}, "1.23", "decimal mark"),
        ("decimal", {"decimal_mark": ","}, "1.234 567,0", "decimal mark"),
        ("decimal", {"decimal_mark": ","}, "1,2,3", "decimal mark"),
        ("hours", {}, 1.5, "binary float"),
        ("hours", {}, "1:30", "not a plain decimal"),
        ("int", {}, "1.5", "not a whole number"),
        ("int", {}, 1.0, "binary float"),
        ("int", {}, False, "true/false"),
        ("hms", {}, "1:60", "not a duration"),
        ("hms", {}, "90", "not a duration"),
        ("hms", {}, 90, "not a duration"),
        ("date", {}, "30.09.2026", "ISO 8601"),
        ("date", {}, "2026-02-30", "ISO 8601"),
        ("date", {}, "2026-09-30T10:00:00Z", "ISO 8601"),
        ("date", {}, datetime(2026, 9, 30, 10, tzinfo=UTC), "time of day"),
        ("date", {"format": "%d.%m.%Y"}, "٣.٩.2026", "form '%d.%m.%Y'"),
        ("date", {}, 20260930, "not a date"),
        ("datetime", {}, "2026-09-30", "ISO 8601"),
        ("datetime", {}, "2026-W40-1T10:00", "ISO 8601"),
        ("datetime", {}, "2026-09-30T10:00:00", "no UTC offset"),
        ("datetime", {"zone": BERLIN}, "2026-03-29T02:30:00", "clocks in Europe/Berlin skipped"),
        ("datetime", {}, "0001-01-01T00:00:00+02:00", "outside the years"),
        ("datetime", {"zone": BERLIN}, "0001-01-01T00:00:00", "outside the years"),
        ("datetime", {"format": "%m/%d/%Y %I:%M %p"}, "2/9/2016 13:05 PM", "not a date or time"),
        ("epoch_ms", {}, "1.5", "whole number of milliseconds"),
        ("epoch_ms", {}, 10**14 * 9, "whole number of milliseconds"),
        ("epoch_s", {}, 10**14 * 9, "no number of seconds"),
        ("bool", {}, "ja", "neither true nor false"),
        ("bool", {}, D(1), "neither true nor false"),
        ("list", {}, ["a"], "not a list written as text"),
        ("text", {}, {"id": 1}, "an object"),
        ("toml", {}, "5 hours", "no value as TOML writes it"),
        ("toml", {}, "{ since = 2026-02-30 }", "no value as TOML writes it"),
        ("toml", {}, "1\nother = 2", "more than one value"),
        ("toml", {}, "1" * 10_001, "no value|more than one"),
        ("toml", {}, "[" * 2000, "no value as TOML writes it"),
        ("toml", {}, "[[[[[[[[[[1]]]]]]]]]]", "too deeply"),
        ("toml", {}, "nan", "not a plain decimal"),
        ("toml", {}, "1e400", "not a plain decimal"),
        ("toml", {}, "1" * 16, "at most 15 digits"),
        ("toml", {}, "2026-09-10T08:00:00Z", "a datetime"),
        ("toml", {}, '"a\\u0000b"', "no text"),
        ("toml", {}, 1.5, "binary float"),
        ("toml", {}, {"id": 1}, "an object"),
        ("text", {}, 1.5, "binary float"),
        ("text", {}, "a\0b", "no text"),
        ("text", {}, "\ud800", "no text"),
    ],
)
def test_refuses(name: str, options: dict[str, str], raw: Any, why: str) -> None:
    with pytest.raises(Misfit, match=why) as caught:
        two_way(name, **options).read(raw)
    assert caught.value.do.endswith(".")


@pytest.mark.parametrize("raw", [1.5, "a\0b", "\udfff"])
def test_even_an_entry_without_converter_refuses_what_no_ledger_can_keep(raw: Any) -> None:
    with pytest.raises(Misfit):
        AS_IS.read(raw)


@pytest.mark.parametrize(
    ("name", "options", "why"),
    [
        ("decimal", {"decimal_mark": ";"}, "decimal_mark"),
        ("datetime", {"zone": "Europe/Bärlin"}, "no time zone"),
        ("datetime", {"zone": "../etc/passwd"}, "no time zone"),
        ("date", {"format": "%d.%m"}, "needs %Y, %m and %d"),
        ("date", {"format": "%d.%m.%y"}, "does not know %y"),
        ("datetime", {"format": "%Y%m%d %I"}, "needs %p"),
        ("list", {"separator": ""}, "empty"),
    ],
)
def test_refuses_options(name: str, options: dict[str, str], why: str) -> None:
    with pytest.raises(Misfit, match=why):
        two_way(name, **options)


INSTANTS = st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
WHOLE = INSTANTS.map(lambda t: t.replace(microsecond=0))
SECONDS = st.integers(-(10**9), 10**9)
AMOUNTS = st.decimals(-(10**12), 10**12, allow_nan=False, places=4)
WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
TERMS = st.recursive(
    WORDS | st.booleans() | st.integers(1 - 10**15, 10**15 - 1) | AMOUNTS | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)
LAWFUL = [
    ("text", {}, WORDS),
    ("int", {}, st.integers(1 - 10**15, 10**15 - 1)),
    ("decimal", {}, AMOUNTS),
    ("decimal", {"decimal_mark": ","}, AMOUNTS),
    ("hours", {}, SECONDS),
    ("hours", {"decimal_mark": ","}, SECONDS),
    ("minutes", {}, SECONDS),
    ("hms", {}, SECONDS),
    ("date", {}, st.dates(date(1000, 1, 1))),
    ("last_day", {}, st.dates(date(1000, 1, 2))),
    ("date", {"format": "%d.%m.%Y"}, st.dates(date(1000, 1, 1))),
    ("datetime", {}, INSTANTS),
    ("datetime", {"zone": BERLIN}, INSTANTS),
    (
        "datetime",
        {"format": "%Y/%m/%d %I:%M:%S %p %z", "zone": "Asia/Kathmandu"},
        WHOLE.filter(lambda t: t.year > 1990),
    ),
    ("bool", {}, st.booleans()),
    ("list", {}, st.lists(st.text("abc ", min_size=1).filter(lambda t: t == t.strip()))),
    ("epoch_ms", {}, WHOLE),
    ("epoch_s", {}, INSTANTS),
    ("toml", {}, TERMS),
]


@pytest.mark.parametrize(("name", "options", "values"), LAWFUL)
def test_what_is_written_reads_back(name: str, options: dict[str, str], values: Any) -> None:
    both = two_way(name, **options)

    @given(values)
    def law(value: Any) -> None:
        assert both.read(both.write(value)) == value

    law()


def test_every_converter_is_under_the_law() -> None:
    assert {name for name, *_ in LAWFUL} == set(BUILTIN)


def test_a_converter_that_drifts_breaks_the_law() -> None:
    """Two decimals of an hour cannot name every second."""
    hours = two_way("hours")
    drifting = TwoWay(hours.read, lambda seconds: round(Decimal(seconds) / 3600, 2))

    @given(SECONDS)
    def law(value: int) -> None:
        assert drifting.read(drifting.write(value)) == value

    with pytest.raises(AssertionError):
        law()


@given(st.decimals(-1000, 1000, allow_nan=False, places=7))
def test_hours_round_halves_away_from_zero(hours: Decimal) -> None:
    exact = Fraction(hours) * 3600
    nearest = int(abs(exact) + Fraction(1, 2))
    assert two_way("hours").read(hours) == (nearest if exact >= 0 else -nearest)


@given(st.decimals(-(10**12), 10**12, allow_nan=False, places=3))
def test_grouped_numbers_against_the_formatter_of_the_language(amount: Decimal) -> None:
    english = f"{amount:,}"
    german = english.translate(str.maketrans(",.", ".,"))
    assert two_way("decimal", decimal_mark=".").read(english) == amount
    assert two_way("decimal", decimal_mark=",").read(german) == amount


@given(
    st.datetimes(datetime(1970, 1, 1), datetime(2040, 1, 1)),
    st.sampled_from([BERLIN, "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"]),
)
@example(datetime(2026, 3, 29, 2, 30), BERLIN)
@example(datetime(2026, 10, 25, 2, 30), BERLIN)
@example(datetime(2038, 9, 26, 2, 0, fold=1), "Africa/Casablanca")
def test_wall_times_against_the_standard_library(wall: datetime, zone: str) -> None:
    first = wall.replace(
        fold=0, tzinfo=ZoneInfo(zone)
    )  # its text does not tell two of a kind apart
    expected = first.astimezone(UTC)
    back = expected.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    if back == wall:
        assert two_way("datetime", zone=zone).read(wall.isoformat()) == expected
    else:
        with pytest.raises(Misfit, match="skipped"):
            two_way("datetime", zone=zone).read(wall.isoformat())


def test_the_second_of_two_equal_wall_times_is_written_with_its_offset() -> None:
    both = two_way("datetime", zone=BERLIN)
    first, second = at(2026, 10, 25, 0, 30), at(2026, 10, 25, 1, 30)
    assert both.write(first) == "2026-10-25T02:30:00"
    assert both.write(second) == "2026-10-25T02:30:00+01:00"
    assert both.read(both.write(second)) - both.read(both.write(first)) == timedelta(hours=1)


@pytest.mark.parametrize("name", sorted(BUILTIN))
def test_write_refuses_another_type(name: str) -> None:
    with pytest.raises(Misfit):
        two_way(name).write(object())


def test_values_are_quoted_short() -> None:
    assert shown("x" * 1000) == "'" + "x" * (SHOWN_CHARACTERS - 3) + "…'"
    assert "\u202e" not in shown("gnp.\u202eexe")


def test_a_plugin_may_not_take_a_built_in_name() -> None:
    with pytest.raises(Stop, match="'hours'"):
        with_builtin({"hours": Converter("hours", lambda _: AS_IS)})
