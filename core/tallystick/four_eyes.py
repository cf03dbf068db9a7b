"""Four eyes: what one person asked for, another lets through; who works alone waits a day. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from tallystick.errors import Stop

ALONE_AFTER: Final = timedelta(hours=24)


def must_be_another(
    by: str,
    asked_by: str | None,
    asked_at: datetime,
    now: Callable[[], datetime],
    what: str,
    *,
    sole_operator: bool,
) -> None:
    """Raises `Stop` where `by` asked for `what` too, unless as a `sole_operator` a day ago."""
    if by != asked_by or (sole_operator and now() - asked_at >= ALONE_AFTER):
        return
    when = " less than 24 hours ago" if sole_operator else ""
    raise Stop(f"{by} asked for this {what}{when}.", do="A second person approves it: --as NAME.")
