"""Recount: agreed quantities held against devices, asked to be changed, let through by another.

    count ─▶ differences (pure) ─▶ asked for, from a day on ─▶ approved ─▶ billed from that day

What is asked for, let through and refused stands in the chained log. Days before stay billed as
they were, unless the change is asked for from an earlier day. The same count asks nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from sqlalchemy import Connection, select

from tallystick.billing.devices.following import (
    Change,
    Compared,
    Difference,
    Following,
    compare,
    quantity_on,
)
from tallystick.cycle.terms import BillingTerms
from tallystick.errors import Stop
from tallystick.four_eyes import must_be_another
from tallystick.records import ContractLine
from tallystick.store.billing import recounts
from tallystick.store.billing.recounts import Recount
from tallystick.store.books import control
from tallystick.store.database import Database
from tallystick.store.facts.by_client import client_facts
from tallystick.store.facts.records import record_of
from tallystick.store.facts.schema import FACTS
from tallystick.store.turn import take_turn

AGAIN: Final = "It was counted again, and is as agreed."


@dataclass(slots=True)
class RecountReport:
    """`differences` are those there are now; `asked` was asked for by this run, `withdrawn` are
    earlier askings that the count no longer bears out."""

    differences: list[Difference] = field(default_factory=list)
    asked: list[Recount] = field(default_factory=list)
    withdrawn: list[Recount] = field(default_factory=list)


def count(
    database: Database,
    terms: BillingTerms,
    follow: Sequence[Following],
    today: date,
    progress: Callable[[int], None],
    only: str | None = None,
) -> Compared:
    """What lines are for and what there is, of every client or `only` one."""
    lines, found = 0, list[Difference]()
    with database.read() as connection:
        told = client_facts(connection, terms.homes, today, terms.zone, only, worked=False)
        for facts in told:
            own = compare(facts, follow, terms.models, terms.book, today)
            lines += own.lines
            found += own.differences
            progress(1)
    return Compared(lines, found)


def ask(
    database: Database,
    found: Sequence[Difference],
    since: date,
    by: str,
    now: Callable[[], datetime],
    *,
    whole: bool = True,
) -> RecountReport:
    """Ask for what differs to be what is counted, from `since` on. With `whole`, `found` is all
    there is: what was asked for before and is not in it is withdrawn."""
    report = RecountReport(list(found))
    with database.write() as connection:
        take_turn(connection, control.TURN)
        last = recounts.latest(connection)
        for one in found:
            before = last.pop(one.line, None)
            begins = max(since, one.starts_on)
            if one.why or _is_known(before, one, begins):
                continue
            asked = _asked(connection, one, begins, by, now())
            recounts.note(connection, asked)
            report.asked.append(asked)
        for gone in last.values() if whole else ():
            if gone.waits:
                over = gone._replace(state="quantity_refused", by=by, at=now(), reason=AGAIN)
                recounts.note(connection, over)
                report.withdrawn.append(over)
    return report


def _is_known(before: Recount | None, one: Difference, since: date) -> bool:
    """Whether the same was asked for already, and waits, was refused, or is so from a later day."""
    if before is None or before.reason == AGAIN:
        return False
    if before.state == "quantity_approved":
        return before.change.since > since and before.change.quantity == one.counted
    return (before.agreed, before.change.quantity) == (one.agreed, one.counted)


def _asked(connection: Connection, one: Difference, since: date, by: str, at: datetime) -> Recount:
    own = quantity_on(_line(connection, one.line), since)
    names = ", ".join(one.devices) or "none"
    change = Change(one.line, since, one.counted, own)
    reason = f"{one.counted} counted: {names}"
    given = (one.client, one.description, one.agreed)
    return Recount(change, *given, "quantity", by, at, reason)


def _line(connection: Connection, ref: str) -> ContractLine:
    """The line as its home has it now."""
    source, _, line_id = ref.partition(":")
    table = FACTS["contract_line"]
    mine = select(table).where(table.c.connection == source, table.c.id == line_id)
    row = connection.execute(mine).first()
    if row is None:
        raise Stop(f"There is no line {ref} any more.", do="Count again.")
    return record_of(row, ContractLine)


def approve(
    database: Database,
    line: str,
    by: str,
    now: Callable[[], datetime],
    *,
    sole_operator: bool = False,
) -> Recount:
    """Let through what is asked for of a line, by its ref.

    Raises `Stop` for one's own asking (which a `sole_operator` may approve a day later), and when
    the line's quantity was changed at its home meanwhile.
    """
    with database.write() as connection:
        take_turn(connection, control.TURN)
        one = _waiting(connection, line)
        must_be_another(by, one.by, one.at, now, "change", sole_operator=sole_operator)
        own = quantity_on(_line(connection, line), one.change.since)
        if own != one.change.own:
            raise Stop(
                f"{one.description} was for {one.change.own} when it was asked to be for"
                f" {one.change.quantity}; its home says {own} now.",
                do="Count again: `tallystick reconcile counts --propose`.",
            )
        done = one._replace(state="quantity_approved", by=by, at=now())
        recounts.note(connection, done)
    return done


def refuse(database: Database, line: str, by: str, now: Callable[[], datetime]) -> Recount:
    """Leave the line as it is; the same count does not ask again."""
    with database.write() as connection:
        take_turn(connection, control.TURN)
        one = _waiting(connection, line)
        done = one._replace(state="quantity_refused", by=by, at=now())
        recounts.note(connection, done)
    return done


def waiting(database: Database) -> list[Recount]:
    with database.read() as connection:
        return [one for one in recounts.latest(connection).values() if one.waits]


def _waiting(connection: Connection, line: str) -> Recount:
    one = recounts.latest(connection).get(line)
    if one is None or not one.waits:
        raise Stop(
            f"No change of line {line} waits.",
            do="`tallystick reconcile counts` lists those that do.",
        )
    return one
