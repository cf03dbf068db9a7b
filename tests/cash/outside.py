"""The world outside: a collector and an accounting system that fail."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.crash import Bomb

from tallystick.connector import Attempt, CollectionRequest, Collector, Context, Raw, Ref, Trail
from tallystick.errors import Retry, SkipRecord
from tallystick.plugins import Plugins

from .world import IBAN, NOON


def sepa(root: Path) -> Collector:
    """The real connector for SEPA files, with its folder under `root`."""
    connector = Plugins().connector("sepa")
    settings = connector.settings.model_validate(
        {
            "folder": "out",
            "creditor_name": "Nordlicht IT",
            "creditor_iban": IBAN,
            "creditor_id": "DE98ZZZ09999999999",
        }
    )
    session = connector.open(settings, Context("debits", root, lambda: NOON))
    assert isinstance(session, Collector)
    return session


@dataclass
class Vendor:
    """A collector with a memory of its own. `refused` are the keys it does not take, `answers`
    what it says of a key instead of `processing`; `silences` counts answers it will lose;
    `blocks` are the parts of its batch in which keys go."""

    refused: dict[str, str] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    silences: int = 0
    blocks: dict[str, str] = field(default_factory=dict)
    batches: dict[str, list[CollectionRequest]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def whoami(self) -> str:
        return "vendor"

    def collect(self, requests: Sequence[CollectionRequest], key: str) -> Sequence[Attempt]:
        for request in requests:
            if request.key in self.refused:
                what = self.refused[request.key]
                raise SkipRecord(what, do="Correct the mandate.", ref=request.key)
        if key not in self.batches:
            self.batches[key] = list(requests)
        self.lose()
        return [self._attempt(request.key) for request in self.batches[key]]

    def find_attempt(self, key: str, trail: Trail | None = None) -> Attempt | None:
        self.asked.append(key)
        self.lose()
        return self._attempt(key) if key in self.debits() else None

    def debits(self) -> list[str]:
        """Every debit that really happened, once for each time it did."""
        return [request.key for batch in self.batches.values() for request in batch]

    def lose(self) -> None:
        if self.silences:
            self.silences -= 1
            raise Retry("The vendor did not answer.", do="Try again later.")

    def _attempt(self, key: str) -> Attempt:
        state, reason = self.answers.get(key, ("processing", ""))
        batch = next(
            name for name, sent in self.batches.items() if key in [one.key for one in sent]
        )
        return Attempt(key, state, f"{batch}{self.blocks.get(key, '')}/{key}", reason)


@dataclass
class Accounting:
    """A sink that says back what it was told, or what `says` makes of it."""

    says: Callable[[Raw], Raw] = dict
    told: dict[str, Raw] = field(default_factory=dict)
    pushes: list[str] = field(default_factory=list)
    fails: list[Exception] = field(default_factory=list)

    def whoami(self) -> str:
        return "accounting"

    def push(self, record: str, raw: Raw, key: str) -> Ref:
        self.pushes.append(key)
        if self.fails and isinstance(self.fails[0], SkipRecord):
            raise self.fails.pop(0)
        self.told[key] = raw
        if self.fails:
            raise self.fails.pop(0)
        return Ref(key, self.says(raw))

    def find(self, record: str, key: str) -> Ref | None:
        return Ref(key, self.says(self.told[key])) if key in self.told else None


def fragile(collector: Vendor, bomb: Bomb) -> Collector:
    """The same vendor, with the caller's process ending before or after any call."""

    class Around:
        def whoami(self) -> str:
            return collector.whoami()

        def collect(self, requests: Sequence[CollectionRequest], key: str) -> Sequence[Attempt]:
            bomb.tick()
            answers = collector.collect(requests, key)
            bomb.tick()
            return answers

        def find_attempt(self, key: str, trail: Trail | None = None) -> Attempt | None:
            bomb.tick()
            return collector.find_attempt(key, trail)

    return Around()
