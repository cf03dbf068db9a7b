"""What is asked of a payment provider beside attempts: events it told, refunds, hosted pages; and
the pull of a connection that has something new.

An event is about one of the others, or about nothing of ours (docs/decisions/0016): to process it
is to ask. Its id here is `connection:id`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row

from tallystick.cash.collecting.round import Round
from tallystick.cash.listening.events import process_event
from tallystick.cash.listening.page_life import close_page, refresh_page
from tallystick.cash.repaying.repaying import refresh_refund
from tallystick.engine import cash
from tallystick.engine.inbound import sync
from tallystick.engine.installation import Installation
from tallystick.engine.progress import Quiet
from tallystick.engine.work import DONE, Kind, Left, Work, left_of
from tallystick.errors import Stop
from tallystick.store.cash import events, pages, refunds

AHEAD = timedelta(hours=1)
"""What is asked later than this is found by a later look."""
Refresh = Callable[[Round, str], bool]


def _events(installation: Installation, connection: Connection) -> Iterator[Work]:
    for row in events.to_process(connection, installation.now() + AHEAD):
        ref = f"{row.connection}:{row.id}"
        yield Work("event", ref, row.due_at, f"about {row.key or row.vendor_ref or ref}")


def _process(installation: Installation, ref: str) -> Left:
    source, _, event_id = ref.partition(":")
    asking = _round(installation, source)
    process_event(asking, source, event_id)
    with installation.database.read() as connection:
        row = events.find(connection, source, event_id)
    waits = row is not None and row.state == "stored"
    return _left(installation, asking, row.due_at if row is not None and waits else None)


def _refunds(installation: Installation, connection: Connection) -> Iterator[Work]:
    for row in refunds.to_ask(connection, installation.now() + AHEAD):
        yield Work("refund", row.key, row.ask_at, f"refund of {row.settles}")


def _refund(installation: Installation, key: str) -> Left:
    return _ask(installation, key, refunds.by_key, refresh_refund)


def _pages(installation: Installation, connection: Connection) -> Iterator[Work]:
    """Pages to ask about, and those on which nobody should pay any more."""
    now = installation.now()
    settled = {row.key for row in pages.settled(connection)}
    for key in sorted(settled):
        yield Work("page", key, now, f"page {key}")
    for row in pages.to_ask(connection, now + AHEAD):
        if row.key not in settled:
            yield Work("page", row.key, row.ask_at, f"page {row.key}")


def _page(installation: Installation, key: str) -> Left:
    with installation.database.read() as connection:
        settled = {row.key for row in pages.settled(connection)}
    return _ask(installation, key, pages.by_key, close_page if key in settled else refresh_page)


def _ask(
    installation: Installation,
    key: str,
    by_key: Callable[[Connection, str], Row[Any] | None],
    refresh: Refresh,
) -> Left:
    with installation.database.read() as connection:
        row = by_key(connection, key)
    if row is None:
        return DONE
    asking = _round(installation, row.connection)
    refresh(asking, key)
    with installation.database.read() as connection:
        row = by_key(connection, key)
    return _left(installation, asking, row.ask_at if row is not None else None)


def _pulls(_: Installation, connection: Connection) -> Iterator[Work]:
    for source, wanted_at in events.pulls_wanted(connection).items():
        yield Work("pull", source, wanted_at, f"pull {source}")


def _pull(installation: Installation, source: str) -> Left:
    """Read the connection, and settle what its account shows."""
    with installation.database.read() as connection:
        wanted_at = events.pulls_wanted(connection).get(source)
    if wanted_at is None:
        return DONE
    if source in installation.config.connection:
        report = sync(installation, Quiet(), source)
        if report.failed:
            return Left(reason=str(report.failed[0]))
        cash.settle(installation, Quiet())
    with installation.database.write() as connection:
        events.pulled(connection, source, wanted_at)
    return DONE


def _round(installation: Installation, source: str) -> Round:
    if source not in installation.config.connection:
        raise Stop(
            f"Something is to be asked of connection {source}, which is not there any more.",
            do="Put it back into tallystick.toml.",
        )
    channels = {source: cash.kept_channel(installation, source)}
    return Round(installation.database, channels, installation.now)


def _left(installation: Installation, asking: Round, due_at: Any) -> Left:
    outcome = asking.outcome
    cash.tell_failed(installation, outcome.declined)
    problems = [*outcome.unanswered, *outcome.parked, *outcome.lost]
    return left_of(due_at, installation.now(), problems)


EVENT = Kind("event", _events, _process)
REFUND = Kind("refund", _refunds, _refund)
PAGE = Kind("page", _pages, _page)
PULL = Kind("pull", _pulls, _pull)
