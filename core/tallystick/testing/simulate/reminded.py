"""Whether a reminder was sound: not of what is paid, held, disputed, under way or on a plan.

Told from rows and the moments they are of, not by the policy. Only what was known before the
letter was noted counts: a payment that is read while a letter is handed over is too late for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, String, cast, func, select

from tallystick.cash.collecting.attempts import OPEN
from tallystick.config.model import Config
from tallystick.period import local_date
from tallystick.store import control
from tallystick.store.journal_schema import entry
from tallystick.store.ledger_schema import attempt, invoice, outbound, settlement
from tallystick.store.provider_schema import refund

GIVEN_BACK = ("approved", "unknown", "pending", "succeeded", "lost")
REMINDERS = (outbound.c.connection == "e-mail", outbound.c.kind == "dunning")
one = settlement.c
_SOURCE = "bank:" + one.connection + ":" + one.bank_transaction + ":" + cast(one.part, String)


def unsound(connection: Connection, number: str, config: Config) -> Iterator[str]:
    """Why no reminder of this invoice should be on its way right now."""
    noted = connection.execute(
        select(func.max(outbound.c.changed_at)).where(
            *REMINDERS, outbound.c.state == "intended", outbound.c.key.startswith(f"{number}:")
        )
    ).scalar()
    if noted is None:
        yield "nobody had noted it"
    else:
        yield from _by(connection, number, noted, config)


def _by(connection: Connection, number: str, noted: datetime, config: Config) -> Iterator[str]:
    row = connection.execute(select(invoice).where(invoice.c.number == number)).one()
    settled = _settled(connection, number, noted)
    if settled >= row.gross_minor:
        yield "it was paid"
    if any(
        subject in (control.PAYMENTS, number, row.client) and held.at < noted
        for subject, held in control.holds(connection).items()
    ):
        yield "it was held"
    tried = select(attempt.c.state).where(attempt.c.invoice == number, attempt.c.changed_at < noted)
    states = set(connection.execute(tried).scalars())
    if "disputed" in states:
        yield "its payment was disputed"
    if states & OPEN:
        yield "it was being collected"
    if kept(connection, number, settled, noted, config):
        yield "its instalments were paid as agreed"
    given = select(refund.c.key).where(
        refund.c.settles == number, refund.c.changed_at < noted, refund.c.state.in_(GIVEN_BACK)
    )
    if connection.execute(given).first() is not None:
        yield "its money was given back"


def kept(
    connection: Connection, number: str, settled_minor: int, at: datetime, config: Config
) -> bool:
    """Whether the plan that stands for an invoice is kept: every instalment whose day is more than
    the days of grace past is paid."""
    row = control.latest(connection, "plan", "plan_over").get(number)
    if row is None or row.kind != "plan" or row.at >= at:
        return False
    last = local_date(at, config.msp.zone) - timedelta(config.collection.plan_grace_days + 1)
    due = sum(minor for day, minor in row.detail["parts"] if date.fromisoformat(day) <= last)
    return settled_minor - int(row.detail["before"]) >= int(due)


def _settled(connection: Connection, number: str, before: datetime) -> int:
    """What was settled of an invoice before a moment, in minor units."""
    booked = (
        select(func.coalesce(func.sum(one.amount_minor), 0))
        .join(entry, entry.c.source == _SOURCE)
        .where(one.invoice == number, entry.c.recorded_at < before)
    )
    return int(connection.execute(booked).scalar_one())
