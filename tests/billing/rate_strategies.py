"""Random rate rules and bookings with a start, all of whose edges lie on whole quarter hours."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from tallystick.billing.facts import Work
from tallystick.billing.rates.rules import KINDS, Rate
from tallystick.billing.windows import Window

UTC_ZONE = ZoneInfo("UTC")
TURN = date(2026, 4, 1)
quarters = st.builds("{:02}:{}".format, st.integers(0, 23), st.sampled_from(["00", "15", "30"]))
windows = st.builds(
    Window,
    since=quarters,
    until=quarters | st.just("24:00"),
    days=st.sampled_from(["mon-sun", "mon-fri", "sat,sun"]),
)


@st.composite
def rates(draw: st.DrawFn) -> Rate:
    kind = draw(st.sampled_from(["hourly", *KINDS]))
    start, end = draw(st.sampled_from([(date.min, date.max), (TURN, date.max), (date.min, TURN)]))
    return Rate(
        **{kind: draw(st.decimals("0.0001", "200", places=4))},
        work_type=draw(st.sampled_from([None, None, "remote", ("remote", "onsite")])),
        role=draw(st.sampled_from([None, None, "senior"])),
        client=draw(st.sampled_from([None, None, None, "psa:7", "7", ("8", "psa:9")])),
        hours=draw(st.none() | windows | st.tuples(windows, windows)),
        valid_from=start,
        valid_until=end,
    )


@st.composite
def timed_works(draw: st.DrawFn) -> Work:
    started_at = draw(
        st.datetimes(datetime(2026, 3, 25), datetime(2026, 4, 8), timezones=st.just(UTC_ZONE))
    ).replace(microsecond=0)
    return Work(
        "psa:1",
        started_at.date(),
        draw(st.integers(0, 40_000)),
        work_type=draw(st.sampled_from([None, "remote", "onsite"])),
        role=draw(st.sampled_from([None, "senior", "junior"])),
        client=draw(st.sampled_from([None, "psa:7", "psa:8"])),
        started_at=draw(st.sampled_from([started_at] * 5 + [None])),
    )


def quarter_hours(work: Work, zone: ZoneInfo) -> list[tuple[datetime, int]]:
    """What the wall showed at the beginning of each run of the booking that crosses no quarter
    of an hour, and the seconds of the run."""
    assert work.started_at is not None
    at, left, found = work.started_at, work.seconds, []
    while left > 0:
        seconds = min(left, 900 - int(at.timestamp()) % 900)
        found.append((at.astimezone(zone), seconds))
        at, left = at.astimezone(UTC_ZONE) + timedelta(seconds=seconds), left - seconds
    return found
