"""Release: a second person lets an invoice be collected beyond a cap, or lets raised caps hold.

Caps that were lowered hold at once. Those that were raised or taken away in the configuration hold
only when a person releases them; until then the lower of both does. A release of an invoice is
bound to what is open of it and lives 24 hours.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection, Row, select

from tallystick.cash.policy.caps import Caps, stricter
from tallystick.cash.settling.booking import TURN
from tallystick.errors import Problem, Stop
from tallystick.four_eyes import ALONE_AFTER
from tallystick.money import Money
from tallystick.store.billing.schema import invoice, proposal
from tallystick.store.books import control
from tallystick.store.database import Database
from tallystick.store.turn import take_turn

LIVES: Final = timedelta(hours=24)
CAPS: Final = "caps"
CONFIG: Final = "tallystick.toml"
ALONE: Final = "released alone, a day after it was prepared, as there is no second person"


def release(
    database: Database,
    subject: str,
    by: str,
    why: str,
    now: Callable[[], datetime],
    caps: Caps,
    *,
    sole_operator: bool,
) -> str:
    """Release the invoice `subject`, or `caps` as they are configured; the sentence that says so.

    Raises `Stop` for what is not open, and for whoever prepared the invoice: only a
    `sole_operator` releases own work, a day after it was prepared, which is recorded.
    """
    with database.write() as connection:
        take_turn(connection, TURN)
        if subject == CAPS:
            control.add(connection, "caps", CAPS, by, now(), why, _written(caps))
            return f"The caps of the configuration hold, released by {by}."
        row = _open_invoice(connection, subject)
        alone = row.prepared_by == by
        waited = now() - row.prepared_at >= ALONE_AFTER
        if alone and not (sole_operator and waited):
            raise Stop(
                f"{by} prepared {subject}; a second person releases it.", do="Use --as NAME."
            )
        still_open = Money(row.gross_minor - row.settled_minor, row.currency)
        reason = f"{why}; {ALONE}" if alone else why
        detail = {"minor": still_open.minor, "currency": still_open.currency}
        control.add(connection, "release", subject, by, now(), reason, detail)
    return f"{still_open} of {subject} may be collected beyond the caps in the next 24 hours."


def released(connection: Connection, now: datetime) -> dict[str, Money]:
    """What was released of which invoice, and still is."""
    return {
        number: Money(row.detail["minor"], row.detail["currency"])
        for number, row in control.latest(connection, "release").items()
        if timedelta(0) <= now - row.at <= LIVES
    }


def caps_in_force(
    connection: Connection, configured: Caps, now: datetime
) -> tuple[Caps, Problem | None]:
    """The caps to collect by. A change is logged when it is first seen; what was raised waits
    for a person, and the sentence says so."""
    row = control.latest(connection, "caps").get(CAPS)
    known = Caps() if row is None else _read(row.detail)
    if known == configured:
        return configured, None
    both = stricter(known, configured)
    if both != known:
        control.add(connection, "caps", CAPS, CONFIG, now, "lowered", _written(both))
    if both == configured:
        return configured, None
    return both, Problem(
        "[collection]",
        "Its caps were raised, and the lower ones hold until a person releases that.",
        "Look at them, then `tallystick cash release --why TEXT caps`.",
    )


def _open_invoice(connection: Connection, number: str) -> Row[Any]:
    statement = (
        select(invoice, proposal.c.prepared_by, proposal.c.prepared_at)
        .join(proposal, proposal.c.id == invoice.c.proposal)
        .where(invoice.c.number == number)
    )
    row = connection.execute(statement).first()
    if row is None or row.gross_minor <= row.settled_minor:
        raise Stop(
            f"Nothing is to be collected of {number!r}.",
            do="Name an open invoice by its number, or `caps`.",
        )
    return row


def _written(caps: Caps) -> dict[str, dict[str, str]]:
    kinds = (("invoice", caps.invoice), ("run", caps.run), ("day", caps.day))
    return {name: {key: str(cap) for key, cap in sorted(one.items())} for name, one in kinds}


def _read(written: Mapping[str, Mapping[str, str]]) -> Caps:
    kinds = ({key: Decimal(cap) for key, cap in one.items()} for one in written.values())
    return Caps(*kinds)
