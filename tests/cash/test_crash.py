"""The process may end at any moment: run again, it ends where an undisturbed run does."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.crash import Bomb, Crash, Fragile

from tallystick.cash.telling.post_payments import post_payments
from tallystick.connector import Attempt, CollectionRequest
from tallystick.store.database import open_database
from tallystick.store.migrate import upgrade

from .outside import Accounting, Vendor, fragile
from .world import World, movement


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with five open invoices, three of them under a mandate."""
    root = tmp_path_factory.mktemp("template")
    database = open_database("sqlite:///cash.db", root)
    upgrade(database)
    world = World(database)
    for ref in ("1001", "1002"):
        world.mandate(f"M-{ref}", client=ref)
    for number, client in (("INV-1", "1001"), ("INV-2", "1001"), ("INV-3", "1002")):
        world.invoice(number, "119.00", client=client)
    world.invoice("INV-0004", "50.00", client="1003")
    world.invoice("INV-0005", "60.00", client="1003")
    database.close()
    return root / "cash.db"


class Run:
    """The same collecting, settling and posting, over a fresh copy of the template."""

    def __init__(self, template: Path, folder: Path, bomb: Bomb, vendor: Vendor) -> None:
        folder.mkdir()
        shutil.copy(template, folder)
        self.database = open_database("sqlite:///cash.db", folder)
        self.world = World(self.database)
        self.vendor = vendor
        self.accounting = Accounting()
        self.bomb = bomb

    def line(self) -> None:
        """Everything there is to do, to its end."""
        world, database = self.world, Fragile(self.database, self.bomb)
        collector = fragile(self.vendor, self.bomb)
        world.collect(collector, database)
        back = {"end_to_end_id": "INV-2-1", "returned": True, "return_reason": "AM04"}
        world.bank(
            movement("t1", "119.00", end_to_end_id="INV-1-1"),
            movement("t2", "119.00", end_to_end_id="INV-2-1"),
            movement("t3", "-122.00", 22, **back),
            movement("t4", "100.00", 23, remittance="INV-0004 INV-0005"),
            movement("t5", "-4.90", 23),
        )
        world.settle(database)
        world.bank(movement("t6", "10.00", 24, remittance="INV-0004"))
        world.settle(database)
        world.collect(collector, database)
        post_payments(database, self.accounting, "books", world.now, lambda _: None)

    def finish(self) -> None:
        for _ in range(2):
            self.line()

    def outcome(self) -> tuple[Any, ...]:
        """All that is left behind, but for what the vendor said before the bank did."""
        self.world.must_hold()
        told = {key: dict(raw) for key, raw in self.accounting.told.items()}
        return self.world.everything(), self.vendor.batches, told


CASES: dict[str, dict[str, Any]] = {
    "plain": {},
    "silent once": {"silences": 1},
    "silent twice": {"silences": 2},
    "refusing": {"refused": {"INV-3-1": "No."}},
}


@pytest.mark.parametrize("case", CASES)
def test_a_crash_at_any_moment_changes_nothing_in_the_end(
    template: Path, tmp_path: Path, case: str
) -> None:
    undisturbed = Run(template, tmp_path / "undisturbed", Bomb(fuse=0), Vendor(**CASES[case]))
    undisturbed.line()
    moments = undisturbed.bomb.moments
    assert moments > 30
    undisturbed.finish()
    expected = undisturbed.outcome()
    undisturbed.finish()
    assert undisturbed.outcome() == expected, "a run with nothing left to do changes nothing"
    step = 1 if case == "plain" else 2
    for fuse in range(1, moments + 1, step):
        run = Run(template, tmp_path / str(fuse), Bomb(fuse), Vendor(**CASES[case]))
        with pytest.raises(Crash):
            run.line()
        run.finish()
        assert run.outcome() == expected, f"crashed at moment {fuse}"
        assert len(run.vendor.debits()) == len(set(run.vendor.debits()))
        assert len(run.accounting.pushes) == len(set(run.accounting.pushes))
        run.database.close()


class Forgetful(Vendor):
    """A vendor that does not know a batch key again: sending twice debits twice."""

    def collect(self, requests: Sequence[CollectionRequest], key: str) -> Sequence[Attempt]:
        return super().collect(requests, f"{key}#{len(self.batches)}")


def test_asking_first_saves_even_a_vendor_that_forgets(template: Path, tmp_path: Path) -> None:
    run = Run(template, tmp_path / "run", Bomb(fuse=0), Forgetful(silences=1))
    run.finish()
    assert len(run.vendor.debits()) == len(set(run.vendor.debits())) == 4


def test_sending_without_asking_would_be_noticed(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Forgetful, "find_attempt", lambda self, key, trail=None: None)
    run = Run(template, tmp_path / "run", Bomb(fuse=0), Forgetful(silences=1))
    run.finish()
    assert len(run.vendor.debits()) > len(set(run.vendor.debits()))
