"""What changed at Stripe since the last reading, as its events name it.

Stripe's lists filter by creation only, so what changed later shows in none of them. Its events
tell, for 30 days (docs.stripe.com/api/events); after a longer pause everything is read again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct
from stripe import StripeClient

from tallystick.connector import Cursor
from tallystick_stripe.paging import pages
from tallystick_stripe.recovery import About
from tallystick_stripe.wire import read

TOLD_FOR: Final = timedelta(days=29)
Clock = Callable[[], datetime]
LOOKBACK_SECONDS: Final = 300
"""An event shows in the list a little after what it tells of."""


class Subject(Struct):
    id: str


class Before(Struct):
    customer: str | None = None


class Data(Struct):
    object: Subject
    previous_attributes: Before | None = None


class Change(Struct):
    id: str
    created: int
    data: Data


def covered(begun: Clock) -> Cursor:
    """Everything was read up to when it was begun."""
    return Cursor(json.dumps({"until": int(begun().timestamp())}))


def start(since: str | None, begun: Clock) -> int | None:
    """The second from which events are to be read, None where everything is."""
    until = int(json.loads(since)["until"]) if since else 0
    too_long = begun().timestamp() - until > TOLD_FOR.total_seconds()
    return None if too_long else until - LOOKBACK_SECONDS


def changes(
    client: StripeClient, connection: str, kinds: Sequence[str], since: int
) -> Iterator[Change]:
    """The newest event of each object of which one of `kinds` tells."""
    done: set[str] = set()
    about = About(connection, "event")
    created = {"gte": since}
    for raw in pages(client.v1.events.list, about, types=list(kinds), created=created):
        change = read(raw, Change)
        if change.data.object.id not in done:
            done.add(change.data.object.id)
            yield change
