"""The process may end at any moment: run again, it ends where an undisturbed run does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tallystick.cash.post_payments import post_payments
from tallystick.store.database import open_database
from tallystick.store.migrate import upgrade

from .world import Accounting, Bomb, Crash, Fragile, Vendor, World, fragile, movement


class Run:
    """The same collecting, settling and posting, over a fresh database each time."""

    def __init__(self, folder: Path, bomb: Bomb, **vendor: Any) -> None:
        folder.mkdir()
        self.database = open_database("sqlite:///cash.db", folder)
        upgrade(self.database)
        self.world = World(self.database)
        self.vendor = Vendor(**vendor)
        self.accounting = Accounting()
        self.bomb = bomb
        for ref in ("1001", "1002"):
            self.world.mandate(f"M-{ref}", client=ref)
        for number, client in (("INV-1", "1001"), ("INV-2", "1001"), ("INV-3", "1002")):
            self.world.invoice(number, "119.00", client=client)
        self.world.invoice("INV-0004", "50.00", client="1003")
        self.world.invoice("INV-0005", "60.00", client="1003")

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

    def outcome(self) -> tuple[Any, ...]:
        self.world.must_hold()
        told = {key: dict(raw) for key, raw in self.accounting.told.items()}
        return self.world.everything(), self.vendor.batches, told

    def close(self) -> None:
        self.database.close()


@pytest.mark.parametrize(
    "vendor",
    [{}, {"silences": 1}, {"refused": {"INV-3-1": "No."}}, {"silences": 2}],
    ids=["plain", "silent once", "refusing", "silent twice"],
)
def test_a_crash_at_any_moment_changes_nothing_in_the_end(
    tmp_path: Path, vendor: dict[str, Any]
) -> None:
    undisturbed = _finished(tmp_path / "undisturbed", Bomb(fuse=0), vendor)
    moments = undisturbed.bomb.moments
    expected = undisturbed.outcome()
    assert moments > 30
    for fuse in range(1, moments + 1):
        run = Run(tmp_path / str(fuse), Bomb(fuse), **vendor)
        with pytest.raises(Crash):
            _until_settled(run)
        _until_settled(run)
        assert run.outcome() == expected, f"crashed at moment {fuse}"
        assert len(run.vendor.debits()) == len(set(run.vendor.debits()))
        assert len(run.accounting.pushes) == len(set(run.accounting.pushes))
        run.close()


def _finished(folder: Path, bomb: Bomb, vendor: dict[str, Any]) -> Run:
    run = Run(folder, bomb, **vendor)
    _until_settled(run)
    return run


def _until_settled(run: Run, rounds: int = 4) -> None:
    for _ in range(rounds):
        run.line()


def test_nothing_left_to_do_writes_nothing(tmp_path: Path) -> None:
    run = _finished(tmp_path / "run", Bomb(fuse=0), {})
    before = run.outcome()
    run.line()
    assert run.outcome() == before


Breaks = Callable[[pytest.MonkeyPatch], None]


def _sends_without_asking(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Vendor, "find_attempt", lambda self, key: None)
    patch.setattr(
        Vendor,
        "collect",
        lambda self, requests, key: (
            self.batches.setdefault(f"{key}#{len(self.batches)}", list(requests)),
            self.lose(),
            [self._attempt(request.key) for request in requests],
        )[-1],
    )


def test_a_vendor_that_forgets_would_be_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _sends_without_asking(monkeypatch)
    run = Run(tmp_path / "run", Bomb(fuse=0), silences=1)
    run.line()
    run.line()
    assert len(run.vendor.debits()) > len(set(run.vendor.debits()))
