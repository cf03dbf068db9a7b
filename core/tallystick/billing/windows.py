"""Windows of time: the hours, weekdays and holidays on which something applies.

Mon-Fri 08:00-18:00
booking     07:30 |==========================| 18:20
                  |out|        inside    |out|
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import Struct


class Window(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Local times of day on certain weekdays; `until` may be 24:00, and earlier than `since` for
    a window over midnight."""

    since: str = "00:00"
    until: str = "24:00"


def cut(
    started_at: datetime, seconds: int, window: Window, zone: ZoneInfo
) -> list[tuple[int, int, bool]]:
    """`seconds` from an aware instant as `(first_s, seconds, inside)` parts, in order; true elapsed
    seconds, so that a night of a clock change keeps its length. The parts sum to `seconds`."""
    raise NotImplementedError
