"""Windows: cut against a clock on the wall that is read every second, in every zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import groupby, pairwise
from zoneinfo import ZoneInfo, available_timezones

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tallystick.billing.windows import WEEKDAYS, Window, cut

BERLIN = ZoneInfo("Europe/Berlin")
# The zones with the oddest clocks: half hours, changes at midnight, a whole day left out.
ODD = ("Europe/Berlin", "Australia/Lord_Howe", "Africa/Cairo", "Pacific/Apia", "America/Havana")
zones = st.sampled_from([*ODD, *sorted(available_timezones())])
HAMBURG = ("01-01", "04-03", "04-06", "05-01", "05-14", "05-25", "10-03", "10-31", "12-25", "12-26")
HOLIDAYS = {date.fromisoformat(f"2026-{day}") for day in HAMBURG}


def minute(hour: int, past: int) -> str:
    return f"{hour:02}:{past:02}"


times = st.builds(minute, st.integers(0, 23), st.sampled_from([0, 1, 29, 30, 45]))
windows = st.builds(
    Window,
    since=times,
    until=times | st.just("24:00"),
    days=st.sampled_from(["mon-sun", "mon-fri", "sat,sun", "fri-mon", "sun", "tue,thu-fri"]),
    calendar=st.just("DE-HH"),
    on_holidays=st.sampled_from(["same", "closed", "only"]),
)
changes = st.sampled_from(
    [
        datetime(2026, 3, 29, 0, 30, tzinfo=UTC),
        datetime(2026, 10, 24, 22, 0, tzinfo=UTC),
        datetime(2026, 10, 25, 0, 15, tzinfo=UTC),
        datetime(2026, 4, 4, 12, 0, tzinfo=UTC),
        datetime(2026, 4, 23, 20, 0, tzinfo=UTC),
        datetime(2011, 12, 29, 20, 0, tzinfo=UTC),
    ]
)
instants = changes | st.datetimes(
    datetime(2026, 1, 1), datetime(2026, 12, 30), timezones=st.just(UTC)
).map(lambda one: one.replace(microsecond=0))


def shows(window: Window, wall: datetime) -> bool:
    """Whether the window is open when the wall shows this, by the definition."""
    time, today = wall.strftime("%H:%M"), wall.date()
    if window.until > window.since:
        return window.since <= time < window.until and begins(window, today)
    yesterday = today - timedelta(days=1)
    return (time >= window.since and begins(window, today)) or (
        time < window.until and begins(window, yesterday)
    )


def begins(window: Window, day: date) -> bool:
    named = set()
    for part in window.days.split(","):
        first, _, last = part.partition("-")
        twice = WEEKDAYS * 2
        start = twice.index(first)
        named.update(twice[start : twice.index(last or first, start) + 1])
    if WEEKDAYS[day.weekday()] not in named:
        return False
    holiday = day in HOLIDAYS
    return {"same": True, "closed": not holiday, "only": holiday}[window.on_holidays]


@given(instants, st.integers(0, 1500), windows, zones)
@example(datetime(2026, 10, 24, 23, 0, tzinfo=UTC), 240, Window(since="02:15"), "Europe/Berlin")
@example(datetime(2011, 12, 30, 8, 0, tzinfo=UTC), 300, Window(days="sat"), "Pacific/Apia")
def test_every_minute_is_where_the_clock_on_the_wall_says(
    started_at: datetime, minutes: int, window: Window, name: str
) -> None:
    if started_at.year != 2026:
        window = msgspec.structs.replace(window, on_holidays="same")
    zone = ZoneInfo(name)
    started_at = started_at.replace(second=0)
    every = [
        shows(window, (started_at + timedelta(minutes=n)).astimezone(zone)) for n in range(minutes)
    ]
    runs = [(inside, len(list(run)) * 60) for inside, run in groupby(every)]
    parts = cut(started_at, minutes * 60, window, zone)
    if minutes:
        assert [(inside, seconds) for _, seconds, inside in parts] == runs
    else:
        assert parts == [(0, 0, shows(window, started_at.astimezone(zone)))]


@given(instants, st.integers(0, 100_000), windows, zones)
def test_parts_tile_the_seconds_and_no_two_neighbours_are_alike(
    started_at: datetime, seconds: int, window: Window, name: str
) -> None:
    parts = cut(started_at, seconds, window, ZoneInfo(name))
    at = 0
    for first_s, part_s, _ in parts:
        assert first_s == at
        assert part_s > 0 or not seconds
        at += part_s
    assert at == seconds
    assert all(a[2] != b[2] for a, b in pairwise(parts))


def berlin(day: date, hour: int, past: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, past, tzinfo=BERLIN)


WEEKDAY, WEEKEND, HOLIDAY = date(2026, 7, 1), date(2026, 7, 4), date(2026, 12, 25)
OFFICE = Window(since="08:00", until="18:00", days="mon-fri")


def test_a_second_before_the_boundary_is_outside_and_the_boundary_is_inside() -> None:
    eight = berlin(WEEKDAY, 8)
    assert cut(eight - timedelta(seconds=1), 2, OFFICE, BERLIN) == [(0, 1, False), (1, 1, True)]
    assert cut(eight, 10 * 3600 + 1, OFFICE, BERLIN) == [(0, 36_000, True), (36_000, 1, False)]
    assert cut(berlin(WEEKEND, 9), 3600, OFFICE, BERLIN) == [(0, 3600, False)]


def test_a_booking_over_the_last_second_of_a_day_is_cut_like_any_other() -> None:
    last = datetime(2026, 7, 3, 23, 59, 59, tzinfo=UTC)
    utc, friday = ZoneInfo("UTC"), Window(days="fri")
    assert cut(last, 1, friday, utc) == [(0, 1, True)]
    assert cut(last, 2, friday, utc) == [(0, 1, True), (1, 1, False)]
    assert cut(last, 2, Window(), utc) == [(0, 2, True)]


def test_the_hour_that_is_shown_twice_counts_twice_and_the_skipped_one_not_at_all() -> None:
    early = Window(since="02:00", until="03:00")
    autumn, spring = berlin(date(2026, 10, 25), 1), berlin(date(2026, 3, 29), 1)
    assert cut(autumn, 4 * 3600, early, BERLIN) == [
        (0, 3600, False),
        (3600, 7200, True),
        (10_800, 3600, False),
    ]
    assert cut(spring, 4 * 3600, early, BERLIN) == [(0, 14_400, False)]


@pytest.mark.parametrize(
    ("name", "begun", "hours", "changed_s"),
    [
        ("Africa/Monrovia", datetime(1972, 1, 7, 0, 30, tzinfo=UTC), ("00:44", "01:00"), 870),
        ("America/Goose_Bay", datetime(2010, 3, 14, 4, tzinfo=UTC), ("01:00", "02:00"), 60),
        ("Asia/Yekaterinburg", datetime(1919, 7, 15, tzinfo=UTC), ("04:10", "05:00"), 895),
    ],
)
def test_a_clock_changed_within_a_quarter_of_an_hour_is_read_to_the_second(
    name: str, begun: datetime, hours: tuple[str, str], changed_s: int
) -> None:
    """Clocks were put forward into these hours: by 44:30, by an hour at a minute past midnight,
    and by 14:55."""
    found = cut(begun, 1800, Window(since=hours[0], until=hours[1]), ZoneInfo(name))
    assert found == [(0, changed_s, False), (changed_s, 1800 - changed_s, True)]


def test_a_window_over_midnight_belongs_to_the_day_it_began() -> None:
    night = Window(since="22:00", until="06:00", days="fri")
    assert cut(berlin(date(2026, 7, 4), 5), 7200, night, BERLIN) == [
        (0, 3600, True),
        (3600, 3600, False),
    ]
    assert cut(berlin(date(2026, 7, 3), 5), 3600, night, BERLIN) == [(0, 3600, False)]
    assert Window(since="08:00", until="08:00") != Window()
    assert cut(berlin(WEEKDAY, 3), 86_400, Window(since="08:00", until="08:00"), BERLIN) == [
        (0, 86_400, True)
    ]


@pytest.mark.parametrize(
    ("on_holidays", "weekday", "holiday"),
    [("same", True, True), ("closed", True, False), ("only", False, True)],
)
def test_what_a_holiday_does(on_holidays: str, weekday: bool, holiday: bool) -> None:
    window = msgspec.convert(
        {"days": "mon-fri", "calendar": "DE", "on_holidays": on_holidays}, Window
    )
    assert cut(berlin(WEEKDAY, 9), 60, window, BERLIN) == [(0, 60, weekday)]
    assert cut(berlin(HOLIDAY, 9), 60, window, BERLIN) == [(0, 60, holiday)]


def test_a_part_of_a_country_has_holidays_of_its_own() -> None:
    reformation = berlin(date(2025, 10, 31), 9)
    hamburg = Window(calendar="DE-HH", on_holidays="only")
    bavaria = Window(calendar="DE-BY", on_holidays="only")
    assert cut(reformation, 60, hamburg, BERLIN) == [(0, 60, True)]
    assert cut(reformation, 60, bavaria, BERLIN) == [(0, 60, False)]


def test_a_window_of_its_own_zone_asks_another_clock() -> None:
    york = Window(since="08:00", until="18:00", zone="America/New_York")
    assert cut(berlin(WEEKDAY, 13), 7200, york, BERLIN) == [(0, 3600, False), (3600, 3600, True)]


@pytest.mark.parametrize(
    ("terms", "what"),
    [
        ({"since": "8:00"}, "since '8:00' is not a time of day; write it like '08:00'"),
        ({"since": "24:00"}, "since '24:00' is the next day's 00:00; write that"),
        ({"until": "25:00"}, "until '25:00' is not a time of day"),
        ({"until": "08:60"}, "until '08:60' is not a time of day"),
        ({"until": "٠٨:00"}, "is not a time of day"),
        ({"days": "weekdays"}, "days 'weekdays' are not days; write them like 'mon-fri'"),
        ({"days": "mon-"}, "days 'mon-' are not days"),
        ({"days": ""}, "days '' are not days"),
        ({"zone": "Europe/Hamburg"}, "zone 'Europe/Hamburg' is not a time zone"),
        ({"zone": "../etc/passwd"}, "is not a time zone"),
        ({"calendar": "XX"}, "calendar 'XX' is not known; write a country like 'DE'"),
        ({"calendar": "DE-ZZ"}, "calendar 'DE-ZZ' is not known"),
        ({"on_holidays": "closed"}, "on_holidays 'closed' needs a calendar"),
        ({"on_holidays": "maybe"}, "Invalid enum value 'maybe'"),
        ({"hour": "08:00"}, "Object contains unknown field `hour`"),
    ],
)
def test_a_window_that_means_nothing_is_refused_by_its_term(
    terms: dict[str, str], what: str
) -> None:
    with pytest.raises(msgspec.ValidationError) as refused:
        msgspec.convert(terms, Window)
    assert what in str(refused.value)


@pytest.mark.parametrize(
    ("window", "words"),
    [
        (Window(), "any time"),
        (OFFICE, "mon-fri 08:00-18:00"),
        (Window(days="sat,sun"), "sat,sun"),
        (Window(calendar="DE-HH", on_holidays="only"), "on holidays of DE-HH"),
        (
            Window(since="18:00", calendar="DE", on_holidays="closed", zone="UTC"),
            "18:00-24:00 except holidays of DE in UTC",
        ),
    ],
)
def test_a_window_in_words(window: Window, words: str) -> None:
    assert str(window) == words
