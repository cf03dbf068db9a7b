"""A finding: a mistake that shows only when parts of the configuration are read together."""

from __future__ import annotations

from typing import NamedTuple

from tallystick.config.places import Keys


class Finding(NamedTuple):
    """A mistake at the TOML keys, what it is, and what to do."""

    keys: Keys
    what: str
    do: str
