"""What the injected client takes from a connector's shoulders, and what it refuses."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import httpx
import pytest
from pytest_httpx import HTTPXMock

from tallystick.connector import Limits
from tallystick.errors import Retry, Stop
from tallystick.transport import repeating
from tallystick.transport.client import Way

URL = "https://vendor.example/api"
FREE = Limits()


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Waits between tries are noted and not waited for."""
    waits: list[float] = []
    monkeypatch.setattr("tallystick.transport.repeating.sleep", waits.append)
    return waits


@pytest.fixture
def client(tmp_path: Path) -> Iterator[httpx.Client]:
    with Way("psa", tmp_path).open(URL, FREE) as opened:
        yield opened


def test_it_answers_what_the_vendor_says_and_says_who_asks(
    client: httpx.Client, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(url=f"{URL}/tickets?page=1", json={"id": 1})
    httpx_mock.add_response(url=f"{URL}/tickets", status_code=422, json={"error": "no"})
    assert client.get("tickets", params={"page": 1}).json() == {"id": 1}
    assert client.post("tickets", json={}).status_code == 422
    assert httpx_mock.get_requests()[0].headers["user-agent"].startswith("tallystick/")


def test_an_answer_leaves_memory_without_the_collector(
    client: httpx.Client, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(json={"items": []})
    gc.disable()
    try:
        answer = weakref.ref(client.get("/tickets"))
        assert answer() is None
    finally:
        gc.enable()


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_busy_vendor_is_asked_again_and_then_given_up(
    client: httpx.Client, httpx_mock: HTTPXMock, slept: list[float], status: int
) -> None:
    httpx_mock.add_response(status_code=status, is_reusable=True)
    with pytest.raises(Retry, match=str(status)):
        client.get("tickets")
    assert len(httpx_mock.get_requests()) == repeating.TRIES_MAX
    assert len(slept) == repeating.TRIES_MAX - 1


def test_what_could_happen_twice_is_sent_once(
    client: httpx.Client, httpx_mock: HTTPXMock, slept: list[float]
) -> None:
    httpx_mock.add_response(status_code=503)
    with pytest.raises(Retry, match="503"):
        client.post("payments", json={})
    httpx_mock.add_exception(httpx.ReadTimeout("late"))
    with pytest.raises(Retry, match="ReadTimeout"):
        client.post("payments", json={})
    assert len(httpx_mock.get_requests()) == 2 and not slept


@pytest.mark.parametrize(
    "marked",
    [{"headers": {"Idempotency-Key": "INV-1"}}, {"extensions": {"repeatable": True}}],
)
def test_a_request_under_a_key_goes_again_as_it_was(
    client: httpx.Client,
    httpx_mock: HTTPXMock,
    slept: list[float],
    marked: dict[str, dict[str, object]],
) -> None:
    httpx_mock.add_exception(httpx.ReadTimeout("late"))
    httpx_mock.add_response(status_code=503)
    httpx_mock.add_response(json={"id": "PM1"})
    answer = client.post("payments", json={"amount": 5}, **marked)  # type: ignore[arg-type]  # one of two keywords
    assert answer.json() == {"id": "PM1"}
    first, *others = httpx_mock.get_requests()
    assert [(one.headers, one.content) for one in others] == [(first.headers, first.content)] * 2


@pytest.mark.parametrize("asked", ["3", "3.0"])
def test_the_vendor_says_when_to_come_back(
    client: httpx.Client, httpx_mock: HTTPXMock, slept: list[float], asked: str
) -> None:
    httpx_mock.add_response(status_code=503, headers={"Retry-After": asked})
    httpx_mock.add_response(json={})
    client.get("tickets")
    (waited,) = slept
    assert 3 <= waited <= 4


@pytest.mark.parametrize("asked", ["1000000000", "Fri, 31 Dec 2999 23:59:59 GMT"])
def test_a_wait_without_end_is_not_waited_for(
    client: httpx.Client, httpx_mock: HTTPXMock, slept: list[float], asked: str
) -> None:
    httpx_mock.add_response(status_code=503, headers={"Retry-After": asked})
    with pytest.raises(Retry):
        client.get("tickets")
    assert not slept


def test_a_429_silences_everybody_for_a_while(
    client: httpx.Client, httpx_mock: HTTPXMock, tmp_path: Path
) -> None:
    httpx_mock.add_response(status_code=429, headers={"Retry-After": "1000000000"})
    for other in (client, Way("psa", tmp_path).open(URL, FREE)):
        with pytest.raises(Retry):
            other.get("tickets")
    assert len(httpx_mock.get_requests()) == 1


@pytest.mark.parametrize(("status", "words"), [(401, "login"), (403, "right"), (302, "address")])
def test_no_login_no_right_and_no_way_stop_at_once(
    client: httpx.Client, httpx_mock: HTTPXMock, slept: list[float], status: int, words: str
) -> None:
    httpx_mock.add_response(status_code=status, headers={"Location": "https://evil.example/"})
    with pytest.raises(Stop, match="connection psa") as caught:
        client.get("tickets")
    assert words in str(caught.value)
    assert len(httpx_mock.get_requests()) == 1 and not slept


@pytest.mark.parametrize(
    "link",
    ["https://evil.example/api", "http://vendor.example/api", "https://vendor.example:444/api"],
)
def test_the_login_is_not_carried_to_another_host(
    client: httpx.Client, httpx_mock: HTTPXMock, link: str
) -> None:
    with pytest.raises(Stop, match="login is not carried"):
        client.get(link)
    assert not httpx_mock.get_requests()


def test_a_login_does_not_travel_in_the_clear(tmp_path: Path) -> None:
    with pytest.raises(Stop, match="everybody on the way"):
        Way("psa", tmp_path).open("http://vendor.example", FREE)


def test_a_429_may_tell_by_its_reset_when_to_come_back(
    client: httpx.Client, httpx_mock: HTTPXMock, slept: list[float]
) -> None:
    in_a_second = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
    httpx_mock.add_response(status_code=429, headers={"RateLimit-Reset": in_a_second})
    httpx_mock.add_response(json={})
    client.get("tickets")
    assert 0 < slept[0] <= 3


def test_a_long_wait_for_a_turn_takes_no_tries_away(
    client: httpx.Client, httpx_mock: HTTPXMock, slept: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock shows ten minutes more at every look, as if each turn had been waited for."""
    clock = iter(range(0, 10**6, 600))
    monkeypatch.setattr("tenacity.time.monotonic", lambda: next(clock))
    httpx_mock.add_response(status_code=503)
    httpx_mock.add_response(json={"id": 1})
    assert client.get("tickets").json() == {"id": 1}


@pytest.mark.parametrize("url", ["ftp://vendor.example", "vendor.example", "https://u:pw@v", "x:"])
def test_an_address_that_is_none_is_refused_without_quoting_it(tmp_path: Path, url: str) -> None:
    with pytest.raises(Stop) as caught:
        Way("psa", tmp_path).open(url, FREE)
    assert "pw" not in str(caught.value)
