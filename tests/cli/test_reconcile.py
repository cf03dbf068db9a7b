"""`tallystick reconcile assets` on the demo: two firewalls are looked after for nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_devices_looked_after_for_nothing_are_shown_with_their_worth(
    finished: Path, run: Callable[..., Any]
) -> None:
    told = json.loads(run("reconcile", "assets", "--json", at=finished).out)
    found = {one["device"]: one for some in told for one in some["findings"]}
    assert found["S02-FW01"]["code"] == "unbilled"
    assert found["S02-FW01"]["monthly"] == {"amount": "46.00", "currency": "EUR"}
    said = run("reconcile", "assets", "Brandis", at=finished).out
    assert "S02-FW01" in said and "S10-FW01" not in said
    assert "1 device; at stake a month: 46.00 EUR." in said
