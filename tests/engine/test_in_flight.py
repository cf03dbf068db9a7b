"""Several payments are under way at a time: each was intended before, no payer has two, and what
is stopped stops."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from time import sleep

import pytest

from tallystick.cash.collecting.holds import hold
from tallystick.connector import Attempt, CollectionRequest
from tallystick.engine import cash
from tallystick.engine.installation import IN_FLIGHT, Installation
from tallystick.engine.progress import Quiet
from tallystick.engine.serve import Health, Signals, look
from tallystick.store.cash import attempts

from .office import Office, issue
from .outside import Debits

PAYERS = 5
EACH = 4


@dataclass
class Watched:
    """What was under way at the provider, and how many of one mandate and in all at a time;
    `happens` once it was asked three times."""

    installation: Installation
    happens: Callable[[], object] = lambda: None
    lock: Lock = field(default_factory=Lock)
    under_way: list[str] = field(default_factory=list)
    asked: int = 0
    most: int = 0
    most_of_one: int = 0

    def begin(self, request: CollectionRequest) -> None:
        with self.installation.database.read() as connection:
            row = attempts.by_key(connection, request.key)
        assert row is not None and row.state == "intended", "committed before it goes out"
        with self.lock:
            self.asked += 1
            self.under_way.append(request.mandate)
            self.most = max(self.most, len(self.under_way))
            self.most_of_one = max(self.most_of_one, self.under_way.count(request.mandate))
            if self.asked == 3:
                self.happens()
        sleep(0.02)

    def end(self, request: CollectionRequest) -> None:
        with self.lock:
            self.under_way.remove(request.mandate)


@pytest.fixture
def watched(small: Office, monkeypatch: pytest.MonkeyPatch) -> Watched:
    """The provider of an office with posted invoices, watched."""
    installation = small.installation
    issue(installation.database, [f"INV-{i}" for i in range(PAYERS * EACH)], PAYERS, "posted")
    found = Watched(installation)
    real = Debits.collect

    def collect(self: Debits, requests: Sequence[CollectionRequest], key: str) -> Sequence[Attempt]:
        [request] = requests
        found.begin(request)
        answers = real(self, requests, key)
        found.end(request)
        return answers

    monkeypatch.setattr(Debits, "collect", collect)
    return found


def serve(installation: Installation) -> None:
    cash.intend(installation)
    look(installation, Signals(), Health(installation.now()))


def command(installation: Installation) -> None:
    cash.collect(installation, Quiet())


@pytest.mark.parametrize("way", [serve, command])
def test_payers_are_asked_side_by_side(
    small: Office, watched: Watched, way: Callable[[Installation], None]
) -> None:
    way(small.installation)
    assert set(small.states().values()) == {"collecting"}
    assert set(small.debits.counts().values()) == {1}
    assert watched.asked == PAYERS * EACH
    assert (watched.most > 1, watched.most_of_one) == (True, 1)


@pytest.mark.parametrize("way", [serve, command])
def test_what_is_stopped_goes_no_further(
    small: Office, watched: Watched, way: Callable[[Installation], None]
) -> None:
    """What is with the provider at that moment ends; nothing more is begun."""
    begun: list[int] = []

    def stop() -> None:
        hold(small.installation.database, "payments", "anna", "wrong file", small.clock)
        begun.append(watched.asked)

    watched.happens = stop
    way(small.installation)
    assert watched.asked <= begun[0] + min(PAYERS, IN_FLIGHT)
    assert watched.asked < PAYERS * EACH
    assert sum(small.debits.counts().values()) == watched.asked
