"""Payment plans: agreed with a client for one invoice, and ended.

A plan is an event of the control log, so who agreed to it stays known. While it stands only its
instalments are collected, and the invoice is not dunned.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from sqlalchemy import Connection, select

from tallystick.cash.collecting.attempts import OPEN
from tallystick.cash.policy.decision import Agreed
from tallystick.cash.policy.instalments import Every, Instalment, instalments
from tallystick.cash.settling.booking import TURN
from tallystick.errors import Stop
from tallystick.money import Money
from tallystick.store.billing.schema import invoice
from tallystick.store.books import control
from tallystick.store.cash.collection_schema import attempt
from tallystick.store.database import Database
from tallystick.store.turn import take_turn


def agree(
    database: Database,
    number: str,
    parts: int,
    every: Every,
    first: date,
    by: str,
    now: Callable[[], datetime],
) -> list[Instalment]:
    """Let what is open of the invoice be paid in parts from `first` on; a plan there was ends.

    Raises `Stop` when nothing is open, a collection is under way, or the parts cannot be meant.
    """
    with database.write() as connection:
        take_turn(connection, TURN)
        row = connection.execute(select(invoice).where(invoice.c.number == number)).first()
        if row is None or row.gross_minor <= row.settled_minor:
            raise Stop(f"Nothing is open of {number!r}.", do="Name an open invoice by its number.")
        under_way = select(attempt.c.key).where(
            attempt.c.invoice == number, attempt.c.state.in_(OPEN)
        )
        if connection.execute(under_way).first() is not None:
            raise Stop(
                f"A collection of {number} is under way.",
                do="Agree on a plan once it has succeeded or failed.",
            )
        still_open = Money(row.gross_minor - row.settled_minor, row.currency)
        try:
            agreed_on = instalments(still_open, parts, every, first)
        except ValueError as error:
            raise Stop(f"{number}: {error}.", do="Choose other --parts.") from None
        detail = {
            "currency": row.currency,
            "before": row.settled_minor,
            "parts": [(one.due_on.isoformat(), one.amount.minor) for one in agreed_on],
        }
        control.add(connection, "plan", number, by, now(), f"{parts} parts, {every}ly", detail)
    return agreed_on


def end(database: Database, number: str, by: str, why: str, now: Callable[[], datetime]) -> None:
    """End a plan: all that is open is due as if there had been none. Raises `Stop` without one."""
    with database.write() as connection:
        take_turn(connection, TURN)
        if number not in agreed(connection):
            raise Stop(f"There is no payment plan for {number!r}.", do="Check the number.")
        control.add(connection, "plan_over", number, by, now(), why)


def agreed(connection: Connection) -> dict[str, Agreed]:
    """The plans that stand, by invoice."""
    found = control.latest(connection, "plan", "plan_over")
    return {
        number: Agreed(
            [
                Instalment(date.fromisoformat(day), Money(minor, row.detail["currency"]))
                for day, minor in row.detail["parts"]
            ],
            Money(row.detail["before"], row.detail["currency"]),
        )
        for number, row in found.items()
        if row.kind == "plan"
    }
