"""The cursor of a list that is read by change, and whole now and then."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import NamedTuple


class Mark(NamedTuple):
    """How far a list was read by change, and when it was last read whole: of a vendor that tells no
    deletes, what is gone is noticed only then."""

    changed_at: datetime
    whole_on: date

    @property
    def token(self) -> str:
        """What a `Cursor` keeps of it; instants to the second, in UTC."""
        return f"{self.changed_at:%Y-%m-%dT%H:%M:%SZ} {self.whole_on}"

    @staticmethod
    def read(token: str) -> Mark:
        changed_at, _, whole_on = token.partition(" ")
        return Mark(datetime.fromisoformat(changed_at), date.fromisoformat(whole_on))

    @staticmethod
    def still_good(since: str | None, now: datetime, whole_every: timedelta) -> Mark | None:
        """The mark of the cursor `since`, None where it is time to read everything."""
        if since is None:
            return None
        mark = Mark.read(since)
        return mark if now.date() - mark.whole_on < whole_every else None
