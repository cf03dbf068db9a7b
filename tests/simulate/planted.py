"""Bugs planted into the line while a test looks on: each is one that somebody once shipped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from itertools import count
from types import SimpleNamespace
from typing import Any, get_args
from unittest.mock import patch

from sqlalchemy import Connection

from tallystick import delivery
from tallystick.books.entries import Entry
from tallystick.cash.collecting import answers, sending
from tallystick.cash.collecting import collect as collecting
from tallystick.cash.collecting.round import Round
from tallystick.cash.repaying import refunds, repaying
from tallystick.cash.settling import booking, standing
from tallystick.connector import Attempt, AttemptState, CollectionRequest, Trail
from tallystick.engine import asked, cash, receiving
from tallystick.store.books import journal
from tallystick.store.cash import events
from tallystick.store.database import Database
from tallystick.store.facts.cursors import move_cursor
from tallystick.sync import pull
from tallystick.testing.simulate.moments import Crash

from .planting import Plant, in_every_world, planting

PLANTED: dict[str, Plant] = {}
planted = planting(PLANTED)


@planted
@contextmanager
def new_key_per_retry() -> Iterator[None]:
    """Every sending has a key of its own, so the collector cannot know it for the same."""
    send, sendings = sending.Batch.send, count(1)

    def send_anew(batch: sending.Batch) -> None:
        session = _Renaming(batch.channel.session, f"-r{next(sendings)}")
        send(replace(batch, channel=replace(batch.channel, session=session)))

    with patch.object(sending.Batch, "send", send_anew):
        yield


class _Renaming:
    """A collector that is told of other keys than ours."""

    def __init__(self, session: Any, suffix: str) -> None:
        self._session, self._suffix = session, suffix

    def collect(self, requests: Sequence[CollectionRequest], key: str) -> list[Attempt]:
        renamed = [replace(one, key=one.key + self._suffix) for one in requests]
        answers = self._session.collect(renamed, key + self._suffix)
        return [replace(one, key=one.key.removesuffix(self._suffix)) for one in answers]

    def find_attempt(self, key: str, trail: Trail | None = None) -> Attempt | None:
        found: Attempt | None = self._session.find_attempt(key, trail)
        return found


@planted
@contextmanager
def timeout_treated_as_failure() -> Iterator[None]:
    """No answer is taken for a no."""
    leave = sending.Batch._leave

    def give_up(batch: sending.Batch, rows: Sequence[Any], state: str, reason: str) -> None:
        leave(batch, rows, "declined" if state == "unknown" else state, "AM04")

    with patch.object(sending.Batch, "_leave", give_up):
        yield


@planted
@contextmanager
def cursor_moved_before_rows() -> Iterator[None]:
    """The mark is committed first, and the rows after it."""
    store = pull._store

    def mark_first(
        feed: pull.Feed, database: Database, now: Any, batch: pull.Batch, *more: Any
    ) -> None:
        if batch.token is not None:
            with database.write() as connection:
                move_cursor(connection, feed.connection, feed.kind, batch.token, feed.mapping_hash)
        store(feed, database, now, replace(batch, token=None), *more)

    with patch.object(pull, "_store", mark_first):
        yield


@planted
@contextmanager
def post_without_find_after_silence() -> Iterator[None]:
    """What got no answer is sent again without asking."""
    never_ask = {"confirmed": "nothing"}
    with patch.object(delivery, "next_action", lambda state: never_ask.get(state, "send")):
        yield


@planted
@contextmanager
def journal_after_the_settlement() -> Iterator[None]:
    """Settlements are committed, and their entries in a transaction of their own afterwards."""
    late: list[tuple[list[Entry], Any]] = []
    settle = cash.settling.settle

    def record(_: Connection, entries: Any, now: Any) -> int:
        late.append((list(entries), now))
        return 0

    def settle_in_two(database: Database, *given: Any) -> Any:
        late.clear()
        report = settle(database, *given)
        with database.write() as connection:
            for entries, now in late:
                journal.record(connection, entries, now)
        return report

    with (
        patch.object(booking, "journal", SimpleNamespace(record=record)),
        patch.object(cash.settling, "settle", settle_in_two),
    ):
        yield


@planted
def nobody_waits_for_who_is_sending() -> AbstractContextManager[object]:
    """Two workers look, find nothing, and both create it."""
    return patch.object(delivery, "_alone_at", lambda *_: nullcontext(True))


@planted
@contextmanager
def unique_index_dropped() -> Iterator[None]:
    """An invoice does not show that its payment is under way, and the database says yes to all."""
    with without_index(), patch.object(collecting, "refresh_invoices", lambda *_: None):
        yield


def without_index() -> AbstractContextManager[None]:
    """Every schedule begins without the index that allows one open attempt of an invoice."""

    def drop(world: Any) -> None:
        with world.database.write() as connection:
            connection.exec_driver_sql("DROP INDEX IF EXISTS attempt_one_open")

    return in_every_world(drop)


@planted
@contextmanager
def second_attempt_while_first_unknown() -> Iterator[None]:
    """A payment nobody knows the fate of is not counted as one that is under way."""
    certain = standing.OPEN - {"unknown"}
    with without_index(), patch.object(standing, "OPEN", certain):
        yield


@planted
@contextmanager
def ack_before_store() -> Iterator[None]:
    """The provider hears that its event was stored before it is."""
    store = receiving.store_events

    def acknowledged_already(*given: Any) -> int:
        try:
            return store(*given)
        except Crash:
            return 1

    with patch.object(receiving, "store_events", acknowledged_already):
        yield


@planted
@contextmanager
def event_metadata_trusted() -> Iterator[None]:
    """What an event says happened is taken for what happened, to whatever key it names."""

    def believe(asking: Round, source: str, ref: str) -> None:
        with asking.database.write() as connection:
            row = events.find(connection, source, ref)
            assert row is not None
            state: Any = row.kind.removeprefix("payment_intent.")
            if row.key and state in get_args(AttemptState):
                told = Attempt(row.key, state, row.vendor_ref, "insufficient_funds")
                answers.note(connection, told, asking.now(), asks=False)
            events.change(connection, source, ref, state="processed", reason="It was believed.")

    with patch.object(asked, "process_event", believe):
        yield


@planted
@contextmanager
def refund_race() -> Iterator[None]:
    """Whether there is still something to give back is not looked at again."""
    with (
        patch.object(refunds, "unsound", lambda *_: ""),
        patch.object(repaying, "unsound", lambda *_: ""),
    ):
        yield


@planted
@contextmanager
def unknown_retried_past_key_lifetime() -> Iterator[None]:
    """A key is believed to stand for ever."""

    def always(*_: Any, unpaid: bool) -> str:
        return "send" if unpaid else "withdraw"

    with (
        patch.object(sending, "when_absent", always),
        patch.object(repaying, "when_absent", always),
    ):
        yield
