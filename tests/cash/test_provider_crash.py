"""The process may end before or after any commit and any call to a provider: charged once, given
back once, one page, and the same end."""

from __future__ import annotations

import shutil
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from tests.crash import Bomb, Crash, Fragile

from tallystick.cash.collecting.asking import ask_again
from tallystick.cash.collecting.channels import Channel
from tallystick.cash.listening import pages
from tallystick.cash.listening.events import store_events
from tallystick.cash.listening.page_life import refresh_page
from tallystick.cash.repaying import refunds
from tallystick.connector import Event
from tallystick.errors import Stop
from tallystick.store.cash.provider_schema import page, refund
from tallystick.store.database import open_database

from .provider import CARDS, Fault, Pay, moved
from .rounds import process_events, refresh_refunds
from .test_pages import ACME
from .world import NOON, World, laid

CHARGED, BY_HAND = "INV-0001-1", "INV-0002-1"
RF = "RF-INV-0001-1-1"


def invoices(world: World) -> None:
    world.invoice("INV-0001", "100.00")
    world.invoice("INV-0002", "50.00", client="1002")
    world.card()


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return laid(tmp_path_factory.mktemp("template"), invoices)


class Ticking(Pay):
    """The provider, with the caller's process ending before it is reached or after it acted."""

    bomb: Bomb

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if name not in ("collect", "find_attempt", "refund", "find_refund", "open_page"):
            return found

        def around(*given: Any) -> Any:
            self.bomb.tick()
            answer = found(*given)
            self.bomb.tick()
            return answer

        return around


class Run:
    """A charge, its refund, a page paid by hand, and the events of all that."""

    def __init__(
        self, template: Path, folder: Path, bomb: Bomb, faults: list[Fault | None]
    ) -> None:
        folder.mkdir()
        shutil.copy(template, folder)
        self.whole = open_database("sqlite:///cash.db", folder)
        self.world = World(Fragile(self.whole, bomb))
        self.pay = Ticking(self.world.now, faults=list(faults))
        self.pay.bomb = bomb
        self.channels = {"pay": Channel(self.pay, CARDS, keeps_mandates=True)}

    def line(self) -> None:
        world, asking = self.world, self.world.round(self.channels)
        world.collect_through(self.channels)
        world.bank(moved("t1", "100.00", "2026-10-02", end_to_end_id=CHARGED), connection="pay")
        world.settle()
        self.refund()
        refresh_refunds(asking)
        self.open_page()
        if BY_HAND in self.pay.pages and self.pay.pages[BY_HAND].state == "open":
            self.pay.pays(BY_HAND)
        event = Event("e1", "paid", NOON, BY_HAND)
        store_events(world.database, "pay", [event], b"{}", world.now())
        process_events(asking)
        ask_again(asking)

    def refund(self) -> None:
        database, now = self.world.database, self.world.now
        given = (database, "INV-0001", Decimal(40), "goodwill", "anna", {"pay"}, now)
        with database.read() as connection:
            known = connection.execute(select(refund)).first()
        try:
            if known is None:
                refunds.ask(*given)
            if known is None or known.state == "requested":
                refunds.approve(database, RF, "ben", now)
        except Stop:
            return

    def open_page(self) -> None:
        database, now = self.world.database, self.world.now
        given = (database, "pay", CARDS, "INV-0002", ACME, None, "anna", now)
        with database.read() as connection:
            done = connection.execute(select(page).where(page.c.state == "done")).first()
        if done is None:
            refresh_page(self.world.round(self.channels), pages.intend_payment(*given))

    def finish(self) -> tuple[Any, ...]:
        for _ in range(3):
            self.world.clock += timedelta(hours=3)
            self.line()
        with self.whole.read() as connection:
            kept = [tuple(row) for row in connection.execute(select(refund.c.key, refund.c.state))]
            shown = [tuple(row) for row in connection.execute(select(page.c.key, page.c.state))]
        effects = (sorted(self.pay.charges), self.pay.repaid, list(self.pay.pages))
        return self.world.attempts(), self.world.states(), kept, shown, effects


@pytest.mark.parametrize("faults", [[], ["after"], [None, None, None, "after", None, "after"]])
def test_a_crash_at_any_moment_charges_and_gives_back_once(
    template: Path, tmp_path: Path, faults: list[Fault | None]
) -> None:
    undisturbed = Run(template, tmp_path / "undisturbed", Bomb(fuse=0), faults)
    undisturbed.line()
    moments = undisturbed.pay.bomb.moments
    assert moments > 30
    expected = undisturbed.finish()
    assert expected[-1] == (["INV-0001", BY_HAND], [CHARGED], [BY_HAND])
    assert (expected[2], expected[3]) == ([(RF, "pending")], [(BY_HAND, "done")])
    for fuse in range(1, moments + 1, 1 if not faults else 6):
        run = Run(template, tmp_path / f"run-{fuse}", Bomb(fuse), faults)
        with pytest.raises(Crash):
            run.line()
        assert run.finish() == expected, f"crashed at moment {fuse}"
        run.whole.close()
