"""Whether a reminder was sound: not of what is paid, held, disputed, under way or on a plan.

Told from the rows of the transaction that notes it, not by the policy.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, func, select

from tallystick.cash.collecting.attempts import OPEN
from tallystick.config.model import Config
from tallystick.period import local_date
from tallystick.store.billing.schema import invoice, outbound
from tallystick.store.books import control
from tallystick.store.cash.collection_schema import attempt, settlement
from tallystick.store.cash.provider_schema import refund
from tallystick.store.database import Database
from tallystick.testing.simulate.moments import Moments
from tallystick.testing.simulate.wrapped import Wrapped

GIVEN_BACK = ("approved", "unknown", "pending", "succeeded", "lost")
REMINDERS = (outbound.c.connection == "e-mail", outbound.c.kind == "dunning")


class Looking(Wrapped):
    """The database of whoever sends reminders: each is looked at in the transaction that notes it,
    in which all is seen that was known by then."""

    def __init__(self, whole: Database, moments: Moments, config: Config) -> None:
        super().__init__(whole)
        self._moments = moments
        self._config = config

    @contextmanager
    def write(self) -> Iterator[Connection]:
        with self._whole.write() as connection:
            yield connection
            at = self._moments.at
            noted = select(outbound.c.key).where(
                *REMINDERS, outbound.c.state == "intended", outbound.c.changed_at == at
            )
            for key in connection.execute(noted).scalars().all():
                number = key.rpartition(":")[0]
                for why in unsound(connection, number, at, self._config):
                    self._moments.breach(f"{number} was reminded of while {why}")


def unsound(connection: Connection, number: str, at: datetime, config: Config) -> Iterator[str]:
    """Why nobody should be reminded of this invoice."""
    row = connection.execute(select(invoice).where(invoice.c.number == number)).one()
    settled = _settled(connection, number)
    if settled >= row.gross_minor:
        yield "it was paid"
    if control.holds(connection).keys() & {control.PAYMENTS, number, row.client}:
        yield "it was held"
    tried = select(attempt.c.state).where(attempt.c.invoice == number)
    states = set(connection.execute(tried).scalars())
    if "disputed" in states:
        yield "its payment was disputed"
    if states & OPEN:
        yield "it was being collected"
    if kept(connection, number, settled, at, config):
        yield "its instalments were paid as agreed"
    given = select(refund.c.key).where(refund.c.settles == number, refund.c.state.in_(GIVEN_BACK))
    if connection.execute(given).first() is not None:
        yield "its money was given back"


def kept(
    connection: Connection, number: str, settled_minor: int, at: datetime, config: Config
) -> bool:
    """Whether the plan that stands for an invoice is kept: every instalment whose day is more than
    the days of grace past is paid."""
    row = control.latest(connection, "plan", "plan_over").get(number)
    if row is None or row.kind != "plan":
        return False
    last = local_date(at, config.msp.zone) - timedelta(config.collection.plan_grace_days + 1)
    due = sum(minor for day, minor in row.detail["parts"] if date.fromisoformat(day) <= last)
    return settled_minor - int(row.detail["before"]) >= int(due)


def _settled(connection: Connection, number: str) -> int:
    """What is settled of an invoice, in minor units."""
    booked = select(func.coalesce(func.sum(settlement.c.amount_minor), 0))
    return int(connection.execute(booked.where(settlement.c.invoice == number)).scalar_one())
