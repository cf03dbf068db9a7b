"""Verify: whether the journal and the log of its periods are what was recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tallystick.books.chain import Fault, Head
from tallystick.store.books.sealed import CHAINS, broken, head_of
from tallystick.store.database import Database


@dataclass(frozen=True, slots=True)
class Verified:
    """Where each chain ends, and every fault of it, by the name of the chain."""

    heads: dict[str, Head]
    faults: dict[str, list[Fault]]

    @property
    def holds(self) -> bool:
        return not any(self.faults.values())


def verify(
    database: Database,
    anchor: Mapping[str, Head] | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Verified:
    """Read every row and compare it with its hash, and with the heads in `anchor`."""
    known = anchor or {}
    with database.read() as connection:
        return Verified(
            {name: head_of(connection, name) for name in CHAINS},
            {
                name: broken(connection, name, [known[name]] if name in known else (), progress)
                for name in CHAINS
            },
        )


def heads(database: Database) -> dict[str, Head]:
    """The anchor to keep elsewhere."""
    with database.read() as connection:
        return {name: head_of(connection, name) for name in CHAINS}
