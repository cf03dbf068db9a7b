"""Approve: a second person, or the standing policy, lets a proposal go out.

An approval is bound to the content hash it saw and dies after 24 hours.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from tallystick.billing.proposal import Proposal
from tallystick.cycle.terms import BillingTerms
from tallystick.period import Period
from tallystick.store import proposals as stored
from tallystick.store.database import Database
from tallystick.store.turn import take_turn

STANDING = "standing policy"
APPROVAL_LIVES = timedelta(hours=24)


@dataclass(slots=True)
class ApproveReport:
    """Proposals approved now, and those left with the reason why."""

    approved: list[Proposal] = field(default_factory=list)
    left: list[tuple[Proposal, str]] = field(default_factory=list)


def approve(
    database: Database,
    period: Period,
    approver: str,
    accept_why: str | None,
    only_clients: frozenset[str],
    now: Callable[[], datetime],
) -> ApproveReport:
    """Approve the period's proposals (of `only_clients`, or all when empty) as `approver`.

    Left alone: the approver's own work, and holds unless `accept_why` says why they may pass.
    """
    report = ApproveReport()
    with database.write() as connection:
        take_turn(connection, stored.TURN)
        for row in stored.in_period(connection, period, ["proposed"]):
            body = stored.body_of(row)
            if only_clients and row.client not in only_clients:
                continue
            if refused := _refusal(row, body, approver, accept_why):
                report.left.append((body, refused))
                continue
            _approve(connection, row, approver, now(), accept_why if body.holds else None)
            report.approved.append(body)
    return report


def approve_standing(
    database: Database, period: Period, terms: BillingTerms, now: Callable[[], datetime]
) -> ApproveReport:
    """Approve without a person what the policy allows: nothing held, gross within its limit."""
    report = ApproveReport()
    limit = terms.standing_limit
    if limit is None:
        return report
    with database.write() as connection:
        take_turn(connection, stored.TURN)
        for row in stored.in_period(connection, period, ["proposed"]):
            body = stored.body_of(row)
            if body.holds:
                report.left.append((body, body.holds[0].what))
            elif abs(body.gross.amount) > limit:
                report.left.append((body, f"{body.gross} is above the standing limit of {limit}."))
            else:
                _approve(connection, row, STANDING, now(), None)
                report.approved.append(body)
    return report


def _refusal(row: Row[Any], body: Proposal, approver: str, accept_why: str | None) -> str:
    if row.prepared_by == approver:
        return f"{approver} prepared it; a second person must approve it (--as NAME)."
    if body.holds and not accept_why:
        return f"{body.holds[0].what} {body.holds[0].do} Or approve with --accept 'reason'."
    return ""


def _approve(connection: Any, row: Row[Any], approver: str, now: datetime, why: str | None) -> None:
    stored.set_state(
        connection,
        row.id,
        "approved",
        approved_by=approver,
        approved_at=now,
        approved_hash=row.content_hash,
        accepted_why=why,
    )


def still_approved(row: Row[Any], body: Proposal, now: datetime) -> bool:
    """Whether the approval saw exactly this content, no more than 24 hours ago."""
    fresh = now - row.approved_at <= APPROVAL_LIVES if row.approved_at else False
    return bool(row.state == "approved" and row.approved_hash == body.content_hash and fresh)
