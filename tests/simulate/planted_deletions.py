"""Bugs planted where facts that are gone are taken away: each is one that somebody once shipped."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from unittest.mock import patch

from tallystick.connector import Whole
from tallystick.errors import Retry
from tallystick.sync import batches, pull

from .planting import Plant, planting

PLANTED: dict[str, Plant] = {}
planted = planting(PLANTED)


@planted
def deleted_bookings_stay() -> AbstractContextManager[object]:
    """What a list leaves out is counted, and kept."""
    return patch.object(pull, "_take_away", lambda *_: None)


@planted
@contextmanager
def list_believed_that_broke_off() -> Iterator[None]:
    """Where a list ends without its end, what was not on it is taken for gone."""

    def believed(feed: pull.Feed, *given: Any) -> Iterator[batches.Batch]:
        try:
            yield from batches.batches(feed, *given)
        except Retry:
            if feed.kind != "booking":
                raise
            end = batches._empty(feed)
            end.whole = Whole()
            yield end

    with patch.object(pull, "batches", believed):
        yield
