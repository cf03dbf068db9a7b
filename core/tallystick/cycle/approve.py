"""Approve: a second person lets a proposal go out (the policy: `cycle/standing.py`).

An approval is bound to the content hash it saw and dies after 24 hours.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from tallystick.billing.invoice.proposal import Proposal
from tallystick.four_eyes import ALONE_AFTER
from tallystick.period import Period
from tallystick.store.billing import proposals as stored
from tallystick.store.billing.proposals import Summary, summary_of
from tallystick.store.billing.schema import proposal
from tallystick.store.database import Database
from tallystick.store.turn import take_turn

APPROVAL_LIVES = timedelta(hours=24)
ALONE = "approved alone, a day after it was prepared, as there is no second person"


@dataclass(slots=True)
class ApproveReport:
    """Proposals approved now, and those left with the reason why; `alone` are the ids of those
    approved by whoever prepared them."""

    approved: list[Summary] = field(default_factory=list)
    left: list[tuple[Summary, str]] = field(default_factory=list)
    alone: set[int] = field(default_factory=set)


def approve(
    database: Database,
    period: Period,
    approver: str,
    accept_why: str | None,
    only_clients: frozenset[str],
    now: Callable[[], datetime],
    sole_operator: bool = False,
) -> ApproveReport:
    """Approve the period's proposals (of `only_clients`, or all when empty) as `approver`.

    Left alone: the approver's own work, and holds unless `accept_why` says why they may pass.
    A `sole_operator` may approve own work 24 hours after it was prepared, which is recorded.
    """
    report = ApproveReport()
    with database.write() as connection:
        take_turn(connection, stored.TURN)
        for row in stored.in_period(connection, period, ["proposed"]):
            one = summary_of(row)
            if only_clients and one.client not in only_clients:
                continue
            own = one.prepared_by == approver
            waited = now() - one.prepared_at >= ALONE_AFTER
            if refused := _refusal(one, approver, accept_why, sole_operator, waited):
                report.left.append((one, refused))
                continue
            reasons = [accept_why if one.holds else None, ALONE if own else None]
            why = "; ".join(filter(None, reasons)) or None
            let_go(connection, [one.id], approver, now(), why)
            report.approved.append(one)
            if own:
                report.alone.add(one.id)
    return report


def _refusal(
    one: Summary, approver: str, accept_why: str | None, sole_operator: bool, waited: bool
) -> str:
    if one.prepared_by == approver and not sole_operator:
        return f"{approver} prepared it; a second person must approve it (--as NAME)."
    if one.prepared_by == approver and not waited:
        return f"{approver} prepared it less than 24 hours ago, and approves it alone after that."
    if one.holds and not accept_why:
        return f"{one.holds[0].what} {one.holds[0].do} Or approve with --accept 'reason'."
    return ""


def let_go(
    connection: Connection, proposal_ids: list[int], approver: str, now: datetime, why: str | None
) -> None:
    """Approve these proposals for exactly what they say now."""
    stored.set_state(
        connection,
        proposal_ids,
        "approved",
        approved_by=approver,
        approved_at=now,
        approved_hash=proposal.c.content_hash,
        accepted_why=why,
    )


def still_approved(row: Row[Any], body: Proposal, now: datetime) -> bool:
    """Whether the approval saw exactly this content, no more than 24 hours ago."""
    fresh = now - row.approved_at <= APPROVAL_LIVES if row.approved_at else False
    return bool(row.state == "approved" and row.approved_hash == body.content_hash and fresh)
