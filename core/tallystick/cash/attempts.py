"""The life of one payment attempt, and what it makes of its invoice. Pure.

    intended     noted with everything that will be sent; it may have been sent or not
    unknown      sent, and no clear answer came
    processing   taken by the collector; only the bank says whether money comes
    succeeded    the bank shows the money
    failed_late  the bank shows that the money went back
    declined     the collector says no money will come
    parked       the collector would not send it as it is; nothing went out

At most one attempt of an invoice is intended, unknown or processing. An unresolved one is
asked about and sent again under its own key, never replaced by another.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final, Literal, NamedTuple

from tallystick import connector

State = Literal[
    "intended", "unknown", "processing", "succeeded", "failed_late", "declined", "parked"
]
Action = Literal["ask", "record", "send", "wait", "nothing"]
InvoiceState = Literal["issued", "posted", "collecting", "part_paid", "paid", "reopened"]

UNRESOLVED: Final = frozenset({"intended", "unknown"})
OPEN: Final = UNRESOLVED | {"processing"}
KEY_LENGTH_MAX: Final = 35
COLLECTIONS_MAX: Final = 3
"""How often one invoice is collected under one mandate before a person must look."""


class ReturnReason(NamedTuple):
    meaning: str
    may_retry: bool


RETURN_REASONS: Final = {
    "AC01": ReturnReason("the account number is wrong", may_retry=False),
    "AC04": ReturnReason("the account is closed", may_retry=False),
    "AC06": ReturnReason("the account is blocked", may_retry=False),
    "AM04": ReturnReason("the account had too little money", may_retry=True),
    "MD01": ReturnReason("there is no valid mandate", may_retry=False),
    "MD06": ReturnReason("the payer asked for the money back", may_retry=False),
    "MD07": ReturnReason("the payer has died", may_retry=False),
    "MS02": ReturnReason("the payer refused", may_retry=False),
    "MS03": ReturnReason("the bank gives no reason", may_retry=False),
    "SL01": ReturnReason("the payer blocks this creditor", may_retry=False),
}
"""Source: ISO 20022 external code set ExternalReturnReason1Code, the codes of SEPA debits."""


def next_action(state: State, found: bool | None = None) -> Action:
    """What an attempt needs; `found` is the collector's answer once it was asked."""
    if state not in UNRESOLVED:
        return "wait" if state == "processing" else "nothing"
    if found is None:
        return "ask"
    return "record" if found else "send"


def state_told(answer: connector.AttemptState) -> State:
    """Our state for a collector's answer. Even its success waits for the bank; a payer who must
    act may still do so, which leaves the attempt open."""
    if answer == "declined":
        return "declined"
    return "processing" if answer in ("processing", "succeeded") else "unknown"


def state_shown(state: State, *, paid: bool, returned: bool) -> State:
    """The state once the bank shows the attempt's money, its return, or neither any more."""
    if returned:
        return "failed_late"
    if paid:
        return "succeeded"
    return "processing" if state in ("succeeded", "failed_late") else state


def may_retry(reason: str) -> bool:
    """Whether a collection that came back for `reason` may be tried again under its mandate
    without a person; a reason that is not listed may not."""
    return reason in RETURN_REASONS and RETURN_REASONS[reason].may_retry


def meaning(reason: str) -> str:
    """`MD01` as `MD01, there is no valid mandate`."""
    known = RETURN_REASONS.get(reason)
    return f"{reason}, {known.meaning}" if known else reason or "no reason given"


def attempt_key(invoice: str, ordinal: int) -> str:
    """At most 35 characters of `A-Z a-z 0-9 -`, such as `INV-2026-0007-1`.

    A number with other characters, or too long, is cut and told apart by a hash of the whole.
    """
    suffix = f"-{ordinal}"
    plain = re.sub(r"[^A-Za-z0-9]+", "-", invoice).strip("-")
    if plain != invoice or len(plain + suffix) > KEY_LENGTH_MAX:
        suffix = f"-{hashlib.sha256(invoice.encode()).hexdigest()[:8]}{suffix}"
    return (plain[: KEY_LENGTH_MAX - len(suffix)] + suffix).lstrip("-")


def invoice_state(
    gross_minor: int, settled_minor: int, *, posted: bool, attempt_open: bool, came_back: bool
) -> InvoiceState:
    """Where an invoice stands; a credit note is the same with both amounts negative.

    `came_back` says that a payment of it was returned. One that is not posted yet stays
    `issued` whatever was paid, so that it is still posted.
    """
    if not posted:
        return "issued"
    if gross_minor < 0:
        gross_minor, settled_minor = -gross_minor, -settled_minor
    if settled_minor >= gross_minor:
        return "paid"
    if attempt_open:
        return "collecting"
    if came_back:
        return "reopened"
    return "part_paid" if settled_minor > 0 else "posted"
