"""The standing policy: what may go out without a person, and why the rest may not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from tallystick.cycle.approve import ApproveReport, let_go
from tallystick.cycle.terms import BillingTerms, Policy
from tallystick.money import Money
from tallystick.period import Period
from tallystick.store.billing import proposals as stored
from tallystick.store.billing.proposals import Summary, summary_of
from tallystick.store.database import Database
from tallystick.store.turn import take_turn

STANDING = "standing policy"
NO_POLICY = "[approval] names no standing_limit, so every proposal needs a person."


def approve_standing(
    database: Database, period: Period, terms: BillingTerms, now: Callable[[], datetime]
) -> ApproveReport:
    """Approve without a person what the policy allows, and tell why the rest waits.

    Where all it allows together is above the run limit of a currency, nothing in that currency
    goes out: a run that large is for a person to look at, not to cut in two.
    """
    report = ApproveReport()
    with database.write() as connection:
        take_turn(connection, stored.TURN)
        allowed = []
        for row in stored.in_period(connection, period, ["proposed"]):
            one = summary_of(row)
            if why := refusal(one, terms.policy):
                report.left.append((one, why))
            else:
                allowed.append(one)
        before = stored.approved_by(connection, period, STANDING)
        too_much = _above_run_limit(allowed, before, terms.policy.run_limit)
        for one in allowed:
            if one.currency in too_much:
                report.left.append((one, too_much[one.currency]))
            else:
                report.approved.append(one)
        let_go(connection, [one.id for one in report.approved], STANDING, now(), None)
    return report


def refusal(one: Summary, policy: Policy) -> str:
    """Why the policy leaves this proposal to a person; empty when it may go out."""
    codes = {objection.code: objection for objection in one.objections}
    if policy.standing_limit is None:
        return NO_POLICY
    if one.holds:
        return one.holds[0].what
    if "write_down" in codes:
        return codes["write_down"].what
    if policy.first_run_hold and "first_invoice" in codes:
        return f"{codes['first_invoice'].what} {codes['first_invoice'].do}"
    if abs(one.gross.amount) > policy.standing_limit:
        return f"{one.gross} is above the standing limit of {policy.standing_limit}."
    if one.kind == "credit_note" and not policy.credit_notes:
        return f"It is a credit note of {-one.gross}, and those need a person."
    return ""


def _above_run_limit(
    allowed: list[Summary], before: dict[str, int], limit: Decimal | None
) -> dict[str, str]:
    """The currencies in which the policy would let too much go out, with the sentence."""
    if limit is None:
        return {}
    sums = dict(before)
    for one in allowed:
        sums[one.currency] = sums.get(one.currency, 0) + abs(one.gross.minor)
    found = {}
    for currency, minor in sums.items():
        gross = Money(minor, currency)
        if gross.amount > limit:
            found[currency] = f"The run comes to {gross}, above the run limit of {limit}."
    return found
