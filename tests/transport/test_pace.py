"""A tenant's quota and the cap of what is under way hold over threads and processes, whatever the
vendor does meanwhile."""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.transport.vendor import Answer, Asked, serving

from tallystick.connector import Limits, Quota
from tallystick.errors import Retry, Stop
from tallystick.transport.client import Way
from tallystick.transport.pace import Pace, ours
from tallystick.transport.paced import Paced
from tallystick.transport.seats import Seats

WHOLE = Decimal(1)
AHEAD_S = 7
WORKER = """
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tallystick.connector import Limits, Quota
from tallystick.transport.client import Way

folder, url = sys.argv[1:]
limits = Limits((Quota(16, 1),), concurrency=3)
client = Way("psa", Path(folder), allow_private=True).open(url, limits)
with ThreadPoolExecutor(3) as threads:
    list(threads.map(lambda n: client.get(f"row/{n}"), range(8)))
"""
GRANTED = """
import sys, time
from pathlib import Path
from tallystick.connector import Quota
from tallystick.transport.pace import Pace

folder, name = Path(sys.argv[1]), sys.argv[2]
pace = Pace(folder / "psa", [Quota(2000, 60)], time.time_ns)
(folder / f"{name}.ready").touch()
while not (folder / "go").exists():
    pass
granted = sum(pace.turn(0) == 0 for _ in range(1500))
(folder / f"{name}.granted").write_text(str(granted))
"""


def play(code: str, arguments: list[object], processes: int) -> None:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    for process in [subprocess.Popen(command) for _ in range(processes)]:
        assert process.wait(60) == 0


def test_processes_together_keep_to_their_share_of_the_quota(tmp_path: Path) -> None:
    with serving(lambda asked: Answer()) as vendor:
        play(WORKER, [tmp_path, vendor.url], processes=3)
    assert len(vendor.asked) == 24
    assert vendor.most_in(1) <= 16
    assert vendor.at_once_max <= 3


def test_not_one_turn_too_many_is_granted_over_processes(tmp_path: Path) -> None:
    """Three processes ask 1,500 times each, as fast as they can, for 2,000 turns in a minute."""
    command = [sys.executable, "-c", GRANTED, str(tmp_path)]
    processes = [subprocess.Popen([*command, str(number)]) for number in range(3)]
    while len(list(tmp_path.glob("*.ready"))) < 3:
        time.sleep(0.01)
    (tmp_path / "go").touch()
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    assert sum(int(file.read_text()) for file in tmp_path.glob("*.granted")) == 2000


def test_no_more_are_under_way_than_the_vendor_bears(tmp_path: Path) -> None:
    def slow(asked: Asked) -> Answer:
        time.sleep(0.02)
        return Answer()

    with serving(slow) as vendor:
        client = Way("psa", tmp_path, allow_private=True).open(vendor.url, Limits(concurrency=2))
        other = Way("psa", tmp_path, allow_private=True).open(vendor.url, Limits(concurrency=2))
        with ThreadPoolExecutor(8) as threads:
            list(threads.map(lambda n: (client, other)[n % 2].get("x"), range(24)))
    assert vendor.at_once_max == 2


def test_a_seat_of_a_process_that_died_is_free(tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from tallystick.transport.seats import Seats;"
        " Seats(Path(sys.argv[1]), 1).take(); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "psa")], check=True)
    seats = Seats(tmp_path / "psa", 1)
    seats.leave(seats.take())


def test_a_folder_nobody_may_write_to_is_told(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(Stop, match=r"taken.* cannot be written"):
        Way("psa", tmp_path / "taken").open("https://vendor.example", Limits()).get("x")


def test_who_would_wait_too_long_comes_back_later(tmp_path: Path) -> None:
    with serving(lambda asked: Answer()) as vendor:
        day = Limits((Quota(3, 86_400),), WHOLE)
        client = Way("psa", tmp_path, allow_private=True).open(vendor.url, day)
        for _ in range(2):
            client.get("x")
        with pytest.raises(Retry, match="quota"):
            client.get("x")
    assert len(vendor.asked) == 2


@given(
    st.lists(st.builds(Quota, st.integers(1, 9), st.integers(1, 20)), min_size=1, max_size=3),
    st.lists(st.integers(0, 4_000_000_000), min_size=1, max_size=60),
)
def test_in_no_window_more_go_than_the_quota(
    tmp_path_factory: pytest.TempPathFactory, quotas: list[Quota], gaps: list[int]
) -> None:
    now = 10**18
    pace = Pace(tmp_path_factory.mktemp("pace") / "psa", quotas, lambda: now)
    assert pace.turn(AHEAD_S) == 0
    granted = [now]
    for gap in gaps:
        now += gap
        wait = pace.turn(AHEAD_S)
        if wait <= AHEAD_S:
            granted.append(now + round(wait * 10**9))
    for quota in quotas:
        window = quota.seconds * 10**9
        for at in granted:
            assert sum(at <= other < at + window for other in granted) <= quota.requests
    assert granted == sorted(granted)


def test_it_grants_all_that_the_quota_has(tmp_path: Path) -> None:
    now = 10**18
    pace = Pace(tmp_path / "psa", [Quota(5, 60), Quota(8, 600)], lambda: now)
    assert [pace.turn(0) for _ in range(6)] == [0] * 5 + [60.6]
    now += 60_600_000_000
    assert [pace.turn(0) for _ in range(4)] == [0] * 3 + [606 - 60.6]


def test_a_quota_of_a_second_is_spread_over_it(tmp_path: Path) -> None:
    pace = Pace(tmp_path / "psa", [Quota(24, 1)], lambda: 10**18)
    assert [pace.turn(0), pace.turn(0)] == [0, pytest.approx(1.005 / 24)]


def test_who_comes_late_to_a_turn_waits_for_another(tmp_path: Path) -> None:
    """Otherwise all who were kept from their turns at a time would go at a time."""
    pace = Pace(tmp_path / "psa", [Quota(4, 1)], time.time_ns)
    went: list[float] = []
    overslept = [0, 0, 0, 0, 0.4]

    def answer(request: httpx.Request) -> httpx.Response:
        went.append(time.monotonic())
        return httpx.Response(200)

    def oversleep(seconds: float) -> None:
        time.sleep(seconds + overslept.pop())

    paced = Paced(httpx.MockTransport(answer), "psa", pace, Seats(tmp_path / "psa", 4), oversleep)
    for _ in range(4):
        paced.handle_request(httpx.Request("GET", "https://vendor.example/x")).close()
    gaps = [round(after - before, 1) for before, after in pairwise(went)]
    assert min(gaps) >= 0.2 and max(gaps) > 0.5


def test_what_went_out_under_other_quotas_still_counts(tmp_path: Path) -> None:
    Pace(tmp_path / "psa", [Quota(5, 60)], lambda: 10**18).turn(0)
    for requests, waits in ((1, [60.6]), (4, [0, 0, 0, 60.6])):
        pace = Pace(tmp_path / "psa", [Quota(requests, 60)], lambda: 10**18)
        assert [pace.turn(0) for _ in waits] == waits


def test_who_waits_has_a_moment_of_its_own(tmp_path: Path) -> None:
    pace = Pace(tmp_path / "psa", [Quota(2, 60)], lambda: 10**18)
    waits = [pace.turn(150) for _ in range(6)]
    assert waits == pytest.approx([0, 0, 60.6, 60.6, 121.2, 121.2])
    assert pace.turn(150) == pace.turn(150) == pytest.approx(181.8)


def test_a_clock_set_back_makes_nobody_wait_for_it(tmp_path: Path) -> None:
    now = 10**18
    pace = Pace(tmp_path / "psa", [Quota(1, 60)], lambda: now)
    assert [pace.turn(100), pace.turn(100)] == [0, 60.6]
    now -= 10**15
    assert [pace.turn(100), pace.turn(100)] == [0, 60.6]


@given(st.integers(1, 10_000), st.decimals("0.01", "1", places=2))
def test_our_share_is_never_more_than_told_and_never_nothing(requests: int, share: Decimal) -> None:
    (quota,) = ours(Limits((Quota(requests, 60),), share))
    most = min(Fraction(share), Fraction(97, 100))
    assert quota.requests == max(1, int(most * requests))
