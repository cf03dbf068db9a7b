"""The life of one payment attempt, and what it makes of its invoice. Pure.

    intended            noted with everything that will be sent; it may have been sent or not
    unknown             sent, and no clear answer came
    processing          taken by the collector; only the bank says whether money comes
    requires_customer   taken, and waiting for the payer to act on a page of the collector's
    succeeded           the bank shows the money
    failed_late         the bank shows that the money went back
    disputed            the money went back, and who is to have it is being decided
    declined            the collector says no money will come
    cancelled           taken back before any money came: by us, by the collector, or expired
    lost                unknown for longer than the collector keeps its key; two people decide
    parked              the collector would not send it as it is; nothing went out

    intended -> unknown -> lost
        |          |         |          (asked; two people)
        +----------+---------+--> processing <-> requires_customer -> declined | cancelled
                                      |
                                      +--> succeeded -> failed_late | disputed

At most one attempt of an invoice is open: intended, unknown, lost, processing or waiting for its
payer. An unresolved one is asked about and sent again under its own key, never replaced by another;
once the collector may have forgotten its key it is not even that.
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime, timedelta
from typing import Final, Literal

from tallystick import connector

State = Literal[
    "intended",
    "unknown",
    "processing",
    "requires_customer",
    "succeeded",
    "failed_late",
    "disputed",
    "declined",
    "cancelled",
    "lost",
    "parked",
]
Action = Literal["ask", "wait", "nothing"]
WhenAbsent = Literal["send", "withdraw", "lose"]
InvoiceState = Literal[
    "issued", "posted", "collecting", "part_paid", "paid", "reopened", "written_off"
]

UNRESOLVED: Final = frozenset({"intended", "unknown"})
OPEN: Final = UNRESOLVED | {"processing", "requires_customer", "lost"}
SHOWN: Final = frozenset({"succeeded", "failed_late", "disputed"})
"""States the bank's movements decide; no answer of a collector changes them."""
NEVER_SENT: Final = frozenset({"parked", "cancelled"})
KEY_LENGTH_MAX: Final = 35
COLLECTIONS_MAX: Final = 3
"""How often one invoice is collected under one mandate before a person must look."""
CLOCK_SLACK: Final = timedelta(minutes=5)
"""By how much an intent may lie ahead of now before the clock is not believed any more."""
SENDING_TAKES: Final = timedelta(minutes=2)
"""Whoever noted an intent is sending it; until then nobody else asks."""


def next_action(state: State, ask_at: datetime | None, now: datetime) -> Action:
    """What an attempt needs now; `ask_at` is when its collector is to be asked (again)."""
    if state not in OPEN:
        return "nothing"
    return "ask" if ask_at is not None and ask_at <= now else "wait"


def when_absent(
    intended_at: datetime, key_lifetime: timedelta | None, now: datetime, *, unpaid: bool
) -> WhenAbsent:
    """What becomes of an unresolved attempt that its collector never received.

    Its key and body are sent again as they are, if the invoice is still `unpaid` and the key
    surely still stands for this attempt: the intent is older than any sending of it. Otherwise
    it is withdrawn, or two people say what became of it.
    """
    age = now - intended_at
    if key_lifetime is not None and not -CLOCK_SLACK <= age < key_lifetime:
        return "lose"
    return "send" if unpaid else "withdraw"


def ask_again_in(state: State, told: str, asks: int) -> timedelta | None:
    """How long to wait before the question number `asks` + 1, None when there is none to ask.

    A collector that said `succeeded` is not asked again: the bank says the rest.
    """
    if state not in OPEN or told == "succeeded":
        return None
    first, longest = (1, 60) if state in UNRESOLVED else (15, 24 * 60)
    return timedelta(minutes=min(first * 2 ** min(asks, 20), longest))


def state_told(state: State, answer: connector.AttemptState) -> State:
    """Where a collector's answer takes an attempt in `state`. Even its success waits for the
    bank, and what the bank has shown it does not change."""
    if state in SHOWN:
        return state
    if answer == "unknown":
        return "unknown" if state in UNRESOLVED else state
    return "processing" if answer == "succeeded" else answer


def state_shown(state: State, *, paid: bool, returned: bool, disputed: bool = False) -> State:
    """The state once the bank shows the attempt's money, its return, or neither any more.

    It is `disputed` while nobody knows who is to have the money: also before the provider takes
    it back, and after the dispute is won until it returns it.
    """
    if not paid and not returned:
        return "processing" if state in SHOWN else state
    if disputed:
        return "disputed"
    return "failed_late" if returned else "succeeded"


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
    gross_minor: int,
    settled_minor: int,
    *,
    posted: bool,
    attempt_open: bool,
    came_back: bool,
    given_up: bool = False,
) -> InvoiceState:
    """Where an invoice stands; a credit note is the same with both amounts negative.

    `came_back` says that a payment of it was returned, `given_up` that some of it is bad debt. One
    that is not posted yet stays `issued` whatever was paid, so that it is still posted.
    """
    if not posted:
        return "issued"
    if gross_minor < 0:
        gross_minor, settled_minor = -gross_minor, -settled_minor
    if settled_minor >= gross_minor:
        return "written_off" if given_up else "paid"
    if attempt_open:
        return "collecting"
    if came_back:
        return "reopened"
    return "part_paid" if settled_minor > 0 else "posted"
