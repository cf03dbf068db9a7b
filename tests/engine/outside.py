"""What stands outside: an accounting system and a payment provider that count their effects.

They live in a folder, one file per key with a line per effect, so that several processes see
the same world, also after one of them was killed. Neither obeys keys: what is sent twice happens
twice, and is seen.
"""

from __future__ import annotations

import json
import os
import signal
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from time import sleep
from typing import Any

import msgspec
from pydantic import BaseModel

from tallystick.connector import (
    Attempt,
    CollectionRequest,
    Collects,
    Connector,
    Context,
    Event,
    Raw,
    Ref,
    Trail,
)
from tallystick.errors import Retry, SkipRecord, Stop
from tallystick.hookspecs import hookimpl
from tallystick.plugins import Plugins

ENCODER = msgspec.json.Encoder(decimal_format="number")


class Settings(BaseModel):
    folder: Path
    wait_s: float = 0.0
    secret: str = "whsec"


@dataclass(frozen=True, slots=True)
class Effects:
    """What happened, by key. A file `die` among them kills whoever has the next effect happen,
    right after it did; `silent` and `lost` are sides that do not answer."""

    folder: Path
    wait_s: float = 0.0

    def add(self, key: str, raw: Raw) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        if (self.folder / "silent").exists():
            raise Retry("The other side is silent.", do="Try again later.")
        sleep(self.wait_s)
        with self._path(key).open("ab") as file:
            file.write(ENCODER.encode({"key": key, "raw": raw}) + b"\n")
        with suppress(FileNotFoundError):
            (self.folder / "die").unlink()
            os.kill(os.getpid(), signal.SIGKILL)
        sleep(self.wait_s)
        if (self.folder / "lost").exists():
            raise Retry("The answer was lost.", do="Ask later.")

    def said(self, key: str) -> Raw | None:
        if not self._path(key).exists():
            return None
        lines = self._read(self._path(key))  # none, if its writer was killed on the way to it
        return lines[0]["raw"] if lines else None

    def counts(self) -> Counter[str]:
        found = [line for path in self.folder.glob("*.effects") for line in self._read(path)]
        return Counter(str(line["key"]) for line in found)

    def _path(self, key: str) -> Path:
        return self.folder / f"{sha256(key.encode()).hexdigest()[:32]}.effects"

    @staticmethod
    def _read(path: Path) -> list[dict[str, Any]]:
        return [json.loads(line, parse_float=Decimal) for line in path.read_text().splitlines()]


@dataclass(frozen=True, slots=True)
class Ledger:
    """Accounting. A record whose file `refused-KEY` lies in its folder is not taken."""

    effects: Effects

    def whoami(self) -> str:
        return "a ledger"

    def push(self, record: str, raw: Raw, key: str) -> Ref:
        if (self.effects.folder / f"refused-{key}").exists():
            raise SkipRecord(f"{key} is refused.", do="Correct it.")
        if (self.effects.folder / f"broken-{key}").exists():
            raise ZeroDivisionError(key)
        self.effects.add(f"{record} {key}", raw)
        return Ref(key, raw)

    def find(self, record: str, key: str) -> Ref | None:
        raw = self.effects.said(f"{record} {key}")
        return Ref(key, raw) if raw is not None else None


@dataclass(frozen=True, slots=True)
class Debits:
    """The provider, which also tells events: a body is an id and a key, signed by the secret in
    the header `signature`."""

    effects: Effects
    secret: str

    def whoami(self) -> str:
        return "debits"

    def collect(self, requests: Sequence[CollectionRequest], key: str) -> Sequence[Attempt]:
        for request in requests:
            self.effects.add(request.key, {"amount": request.amount.minor})
        return [Attempt(request.key, "processing", f"v-{request.key}") for request in requests]

    def find_attempt(self, key: str, trail: Trail | None = None) -> Attempt | None:
        if (self.effects.folder / "silent").exists():
            raise Retry("The other side is silent.", do="Try again later.")
        said = self.effects.said(key)
        if said is None:
            return None
        declined = (self.effects.folder / f"declined-{key}").exists()
        return Attempt(key, "declined" if declined else "processing", f"v-{key}")

    def read_events(self, headers: Mapping[str, str], body: bytes) -> Sequence[Event]:
        if not self.secret:
            raise Stop("There is no secret.", do="Set it.")
        if headers.get("signature") != self.secret:
            raise SkipRecord("It is not signed by us.", do="Look who sent it.")
        ref, _, key = body.decode().partition(" ")
        return [Event(ref, "payment.updated", datetime(2026, 10, 1, tzinfo=UTC), key or None)]


def _session(settings: Settings, context: Context) -> Effects:
    return Effects(context.root / settings.folder, settings.wait_s)


def _ledger(settings: Settings, context: Context) -> Ledger:
    return Ledger(_session(settings, context))


def _debits(settings: Settings, context: Context) -> Debits:
    return Debits(_session(settings, context), settings.secret)


LEDGER = Connector(
    name="counting_ledger",
    shelf="accounting",
    settings=Settings,
    open=_ledger,
    reads=frozenset(),
    writes=frozenset({"customer", "invoice", "entry", "payment"}),
    mappings=None,
    tier="bronze",
)
DEBITS = Connector(
    name="counting_debits",
    shelf="payments",
    settings=Settings,
    open=_debits,
    reads=frozenset(),
    writes=frozenset({"collection"}),
    mappings=None,
    tier="bronze",
    collects=Collects(frozenset({"sepa_debit"})),
)


class Outside:
    """The plugin that brings both."""

    @staticmethod
    @hookimpl
    def tallystick_connectors() -> Iterator[Connector[Settings]]:
        yield LEDGER
        yield DEBITS


def plugins() -> Plugins:
    found = Plugins([])
    found.register(Outside, "outside")
    return found
