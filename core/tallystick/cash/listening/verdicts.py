"""Verdicts: what became of a collection or refund that nobody can be asked about any more.

Two people look it up at the provider, each by themselves, and say the same within a day; only then
it holds, and both are in the log. While they do not, the invoice is not collected again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final, Literal, NamedTuple, get_args

from sqlalchemy import Connection, Row

from tallystick.cash.collecting.attempts import UNRESOLVED
from tallystick.cash.settling.booking import TURN
from tallystick.cash.settling.standing import refresh_invoices
from tallystick.errors import Stop
from tallystick.store.books import control
from tallystick.store.cash import attempts, refunds
from tallystick.store.database import Database
from tallystick.store.turn import take_turn

Verdict = Literal["never-sent", "went-through", "failed"]
VERDICTS: Final[tuple[Verdict, ...]] = get_args(Verdict)
HOLDS_FOR: Final = timedelta(hours=24)
BY_ITSELF: Final = timedelta(hours=24)
"""An attempt without an answer is left to the questions for so long."""


class Decided(NamedTuple):
    """Whether a verdict holds now; without a second person it `waits` for one."""

    key: str
    verdict: Verdict
    waits: bool


def resolve(
    database: Database, key: str, verdict: Verdict, by: str, why: str, now: Callable[[], datetime]
) -> Decided:
    """Say as `by` what became of the attempt or refund `key`: it never arrived, it went through
    (then its money is waited for), or it failed.

    Raises `Stop` for what is not `lost`, nor without an answer for a day.
    """
    with database.write() as connection:
        take_turn(connection, TURN)
        of = _lost(connection, key, now())
        before = control.latest(connection, "verdict").get(key)
        control.add(connection, "verdict", key, by, now(), why, verdict)
        if before is None or not _agrees(before, verdict, by, now()):
            return Decided(key, verdict, waits=True)
        said = f"{verdict}, say {before.by} and {by}: {why}"
        if of == "attempt":
            _settle_attempt(connection, key, verdict, said, now())
        else:
            state = {"never-sent": "cancelled", "went-through": "pending", "failed": "failed"}
            values = {"state": state[verdict], "reason": said, "ask_at": None}
            refunds.change(connection, key, {"lost", "unknown"}, now(), **values)
    return Decided(key, verdict, waits=False)


def _agrees(before: Row[Any], verdict: Verdict, by: str, now: datetime) -> bool:
    """Whether what was said before, of the same thing by somebody else, holds up this verdict."""
    fresh = now - before.at <= HOLDS_FOR
    return bool(before.by != by and before.detail == verdict and fresh)


def _lost(connection: Connection, key: str, now: datetime) -> Literal["attempt", "refund"]:
    attempt = attempts.by_key(connection, key, to_change=True)
    if attempt is not None:
        waited = now - attempt.intended_at >= BY_ITSELF
        if attempt.state == "lost" or (attempt.state in UNRESOLVED and waited):
            return "attempt"
        raise Stop(
            f"{key} is {attempt.state}; its collector says more by itself.",
            do="Wait for its answer; what has none for a day is decided by two people.",
        )
    refund = refunds.by_key(connection, key, to_change=True)
    if refund is not None and refund.state in ("lost", "unknown"):
        return "refund"
    raise Stop(
        f"Nothing called {key!r} is lost.", do="`tallystick cash` and `cash refund` list what is."
    )


def _settle_attempt(
    connection: Connection, key: str, verdict: Verdict, said: str, now: datetime
) -> None:
    state = {"never-sent": "cancelled", "went-through": "processing", "failed": "declined"}
    told = "succeeded" if verdict == "went-through" else ""
    values = {"state": state[verdict], "told": told, "reason": said, "ask_at": None}
    attempts.change(connection, key, UNRESOLVED | {"lost"}, now, **values)
    row = attempts.by_key(connection, key)
    if row is not None:
        refresh_invoices(connection, {row.invoice})
