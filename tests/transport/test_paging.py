"""Every row of a list once, in order, or an error: never half of it as if it were the whole."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.transport.vendor import Answer, Asked, Vendor, serving

from tallystick.connector import Limits, Raw
from tallystick.errors import Retry, Stop
from tallystick.transport.answers import json_of
from tallystick.transport.client import Way
from tallystick.transport.paging import Linked, Page, linked, numbered, offset


def rows(count: int) -> list[Raw]:
    return [{"id": number} for number in range(count)]


@given(st.integers(0, 60), st.integers(1, 9), st.integers(1, 6), st.booleans())
def test_every_row_comes_once_and_in_order(count: int, size: int, ahead: int, told: bool) -> None:
    """Whatever page size the vendor makes of the one asked for."""
    have = rows(count)
    total = count if told else None

    def page(number: int) -> Page:
        return Page(have[(number - 1) * size : number * size], total)

    def start(at: int) -> Page:
        return Page(have[at : at + size], total)

    def after(last: int | None) -> Linked[int]:
        at = 0 if last is None else last + 1
        found = have[at : at + size]
        return Linked(found, found[-1]["id"] if at + size < count else None)

    assert list(numbered(page, "psa", ahead=ahead)) == have
    assert list(offset(start, "psa", ahead=ahead)) == have
    assert list(linked(after, "psa")) == have


def test_a_list_with_nothing_new_costs_one_request() -> None:
    asked: list[int] = []

    def page(number: int) -> Page:
        asked.append(number)
        return Page([])

    assert list(numbered(page, "psa")) == [] and asked == [1]


def test_a_told_total_saves_the_look_behind_the_end() -> None:
    asked: list[int] = []

    def page(number: int) -> Page:
        asked.append(number)
        return Page(rows(30)[(number - 1) * 10 : number * 10], 30)

    assert len(list(numbered(page, "psa"))) == 30 and sorted(asked) == [1, 2, 3]


def test_100_of_717_is_no_list() -> None:
    first = Page(rows(100), 717)
    with pytest.raises(Retry, match="100 of 717 rows"):
        list(numbered(lambda number: first if number == 1 else Page([], 717), "psa"))


def test_a_short_page_in_the_middle_is_no_list() -> None:
    pages = {1: rows(10), 2: rows(4), 3: rows(10)[5:]}
    with pytest.raises(Retry, match="4 rows of 10 in the middle"):
        list(numbered(lambda number: Page(pages.get(number, [])), "psa"))


def test_a_vendor_that_ignores_the_page_number_is_stopped() -> None:
    with pytest.raises(Stop, match="circles"):
        list(numbered(lambda number: Page(rows(10)), "psa"))


@pytest.mark.parametrize("leads_to", [{None: "a", "a": "a"}, {None: "a", "a": "b", "b": "a"}])
def test_a_token_that_comes_again_stops(leads_to: dict[str | None, str]) -> None:
    read: list[Raw] = []
    with pytest.raises(Stop, match="circles"):
        read.extend(linked(lambda token: Linked(rows(2), leads_to[token]), "psa"))
    assert len(read) <= 4


def test_pages_are_fetched_while_rows_are_used_but_only_so_many() -> None:
    fetched: list[int] = []
    gate = threading.Event()

    def page(number: int) -> Page:
        fetched.append(number)
        if len(fetched) == 4:
            gate.set()
        return Page([{"id": number * 10 + n} for n in range(10)])

    found = numbered(page, "psa", ahead=3)
    list(islice(found, 11))
    assert gate.wait(5)
    time.sleep(0.05)
    assert sorted(fetched) == [1, 2, 3, 4]
    assert isinstance(found, Iterator)


@contextmanager
def a_faulty_vendor(count: int, size: int, seed: int) -> Iterator[Vendor]:
    """503, 429, a dropped connection or half an answer, one time in three."""
    chance = random.Random(seed)
    lock = threading.Lock()

    def answer(asked: Asked) -> Answer:
        time.sleep(0.005)
        with lock:
            fate = chance.randrange(12)
        if fate == 0:
            return Answer(503)
        if fate == 1:
            return Answer(429, headers={"retry-after": "0.01"})
        at = int(asked.query["at"])
        body = json.dumps(rows(count)[at : at + size]).encode()
        return Answer(body=body, hangs_up_after={2: 0, 3: 3}.get(fate))

    with serving(answer) as vendor:
        yield vendor


@pytest.mark.parametrize("seed", range(3))
def test_no_page_is_left_out_whatever_the_vendor_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr("tallystick.transport.repeating.sleep", lambda _: time.sleep(0.001))
    with a_faulty_vendor(717, 10, seed) as vendor:
        client = Way("psa", tmp_path, allow_private=True).open(vendor.url, Limits())

        def page(at: int) -> Page:
            return Page(json_of(client.get("rows", params={"at": at}), "psa"))

        read: list[Raw] = []
        for _ in range(200):  # runs: one that fails is begun again, as a sync would
            try:
                read = list(offset(page, "psa", ahead=4))
                break
            except Retry:
                continue
    assert read == rows(717)


def test_eight_in_flight_keep_the_line_busy(tmp_path: Path) -> None:
    """At 50 ms an answer, 8 at once must be at least 4 times as fast as one at a time."""

    def slow(asked: Asked) -> Answer:
        time.sleep(0.05)
        at = int(asked.query["at"])
        return Answer(body=json.dumps(rows(240)[at : at + 10]).encode())

    with serving(slow) as vendor:
        limits = Limits(concurrency=8)
        client = Way("psa", tmp_path, allow_private=True).open(vendor.url, limits)

        def page(at: int) -> Page:
            return Page(json_of(client.get("rows", params={"at": at}), "psa"), 240)

        def seconds(ahead: int) -> float:
            started = time.monotonic()
            assert len(list(offset(page, "psa", ahead=ahead))) == 240
            return time.monotonic() - started

        assert min(seconds(8) for _ in range(3)) * 2.5 < 24 * 0.05
    assert vendor.at_once_max <= 8


def test_a_next_link_to_another_host_is_not_followed(tmp_path: Path) -> None:
    client = Way("psa", tmp_path, transport=httpx.MockTransport(lambda _: httpx.Response(200)))
    http = client.open("https://vendor.example", Limits())

    def page(link: str | None) -> Linked[str]:
        http.get(link or "/rows")
        return Linked(rows(1), "https://evil.example/rows")

    with pytest.raises(Stop, match=r"evil\.example"):
        list(linked(page, "psa"))
