"""Tryton passes the conformance kit at silver; its own answers are on the tape."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
from tests.e2e.record_tryton import asked, session

from tallystick.connector import Pulled

from .kit import Kit
from .scenario import told
from .service import Tryton

HERE = Path(__file__).parent
URL = "http://127.0.0.1:33005"


class TestConformance(Kit):
    """Every rule but those that need a specification, of which Tryton has none."""


def test_all_717_parties_come_though_pages_are_of_500() -> None:
    found = Kit().items(Tryton(parties=717), "client", None)
    assert len({one.raw["id"] for one in found if isinstance(one, Pulled)}) == 717


class Replay(httpx.BaseTransport):
    """The tape in its order: another request than the recorded one fails."""

    def __init__(self) -> None:
        rows = json.loads((HERE / "tape.json").read_text(encoding="utf-8"))
        self.left: Iterator[dict[str, object]] = iter(rows)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        row = next(self.left)
        status, answer = row.pop("status"), row.pop("answer")
        assert asked(request) == row
        assert isinstance(status, int)
        body = b"" if answer is None else json.dumps(answer).encode()
        return httpx.Response(status, content=body, request=request)


def test_what_the_real_tryton_answered_is_understood_as_it_was() -> None:
    replay = Replay()
    with session(URL, replay) as opened:
        lines = list(told(opened))
    assert lines == (HERE / "told.txt").read_text(encoding="utf-8").splitlines()
    assert not list(replay.left)


def test_the_tryton_of_these_tests_does_as_the_real_one_did() -> None:
    with session(URL, Tryton()) as opened:
        lines = list(told(opened))
    assert lines == (HERE / "told.txt").read_text(encoding="utf-8").splitlines()
