"""The floor with the indexes our tables have, by which work is found that a change touches: what of
the distance to the floor is theirs."""

from __future__ import annotations

import sys

from sync_clock import answer
from sync_floor import Floor

if __name__ == "__main__":
    url, place, _ = sys.argv[1:]
    answer(Floor(url, place, keyed=True), place)
