"""Paid is not final: whatever comes back within 400 days reopens its receivable once."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Final

import pytest
from sqlalchemy import select

from tallystick.cash.repaying import refunds
from tallystick.errors import Stop
from tallystick.store.books.schema import entry

from .provider import Pay, moved
from .world import NOON, TODAY, World, copy_of, laid

STEP: Final = 10
DAYS: Final = range(0, 401, STEP)
FATES: Final = ("returned", "revoked", "lost", "won")
"""What comes of a payment: it comes back; so, and its mandate is revoked; it is disputed."""


def number_of(day: int) -> str:
    return f"INV-{day:04}"


def fate_of(day: int) -> str:
    return FATES[day // STEP % len(FATES)]


class Years:
    """An invoice for each day on which something may come back, all collected on day 0; told
    every ten days what happened, twice over."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.pay = Pay(world.now)
        for day in DAYS:
            client = str(2000 + day)
            world.invoice(number_of(day), "100.00", client=client)
            world.card(f"pm_{day}", client=client)
        world.collect_through(self.pay.channel())
        for day in DAYS:
            key = f"{number_of(day)}-1"
            self.tell(f"paid-{day}", "100.00", 0, key)
        world.settle()
        self.reopened: dict[str, int] = {}
        self.charged = list(self.pay.charges)

    def tell(self, ref: str, amount: str, day: int, key: str, **more: object) -> None:
        booked = (TODAY + timedelta(days=day)).isoformat()
        self.world.bank(moved(ref, amount, booked, end_to_end_id=key, **more), connection="pay")

    def pass_day(self, day: int) -> None:
        world, number, fate = self.world, number_of(day), fate_of(day)
        key = f"{number}-1"
        world.clock, world.today = NOON + timedelta(days=day), TODAY + timedelta(days=day)
        before = world.states()
        back = {"returned": True, "return_reason": "MD06"}
        for _ in range(2):
            if fate == "revoked":
                world.card(f"pm_{day}", client=str(2000 + day), revoked_on=world.today)
            if fate in ("lost", "won"):
                world.dispute(f"dp-{day}", key, "100.00", "open")
            self.tell(f"back-{day}", "-100.00", day, key, **back)
            world.settle()
            if fate in ("lost", "won"):
                self.no_refund_during_a_dispute(number)
            world.collect_through(self.pay.channel())
        for one, (state, _) in world.states().items():
            if state == "reopened" and before[one][0] != "reopened":
                self.reopened[one] = self.reopened.get(one, 0) + 1
        if fate in ("lost", "won"):
            world.dispute(f"dp-{day}", key, "100.00", fate)
            if fate == "won":
                self.tell(f"won-{day}", "100.00", day + 1, key, returned=True)
            world.settle()

    def no_refund_during_a_dispute(self, number: str) -> None:
        given = (self.world.database, number, Decimal(1), "goodwill", "anna", {"pay"})
        with pytest.raises(Stop, match="dispute"):
            refunds.ask(*given, self.world.now)

    def reversals(self, number: str) -> int:
        """Entries by which money of an invoice went back."""
        with self.world.database.read() as connection:
            told = select(entry.c.narration).where(entry.c.narration.contains(number))
            found = connection.execute(told).scalars().all()
        return sum(one.startswith("Return") for one in found)


def test_four_hundred_days_of_returns_and_disputes(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with copy_of(laid(tmp_path_factory.mktemp("empty"), lambda _: None)) as world:
        years = Years(world)
        for day in DAYS:
            years.pass_day(day)
        world.must_hold()
        assert years.reopened == {number_of(day): 1 for day in DAYS}
        assert years.pay.charges == years.charged, "nothing is charged again by itself"
        for day in DAYS:
            number, won = number_of(day), fate_of(day) == "won"
            assert years.reversals(number) == 1
            assert world.states()[number][0] == ("paid" if won else "reopened")
            assert world.attempts()[f"{number}-1"] == ("succeeded" if won else "failed_late")
        assert world.suspense() == 0


def test_the_days_are_four_hundred() -> None:
    assert (DAYS[0], DAYS[-1]) == (0, 400)
    assert TODAY + timedelta(days=400) == date(2027, 11, 5)
