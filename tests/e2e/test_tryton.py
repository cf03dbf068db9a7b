"""The real Tryton does what its tape says, which the tests without one play back."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from tests.tryton import scenario

from . import real_tryton, record_tryton

LACKING = real_tryton.missing()
pytestmark = [pytest.mark.e2e, pytest.mark.skipif(bool(LACKING), reason=str(LACKING))]


def test_the_tape_is_what_tryton_says(tmp_path: Path) -> None:
    expected = (record_tryton.PLACE / "told.txt").read_text(encoding="utf-8").splitlines()
    with (
        real_tryton.running(tmp_path) as tryton,
        record_tryton.session(tryton.url, httpx.HTTPTransport()) as opened,
    ):
        assert list(scenario.told(opened)) == expected
        moves = tryton.ask("account.move", [["description", "!=", None]], "description")
    keys = ["bank:1", "bank:2", "bank:3", "recognise:1"]
    assert [one["description"] for one in moves] == [f"Tallystick {key}" for key in keys]
