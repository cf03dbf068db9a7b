"""Real servers take minutes, so only `make e2e` starts them."""

from __future__ import annotations

import os


def off() -> str | None:
    return None if "TALLYSTICK_SERVERS" in os.environ else "It takes minutes: make e2e runs it"
