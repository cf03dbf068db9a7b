"""The folder of written messages: each one appears whole, once, and says what it collected."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tallystick.errors import Stop
from tallystick_sepa.message import Collected, collected_by


class Outbox:
    """Messages in `folder` and the folders below it, where sent ones may be moved."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: set[str] = set()
        self._block_of: dict[str, str] = {}
        self._message_of: dict[str, str] = {}
        self._messages: dict[str, Collected] = {}
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unwritable(folder, error) from error

    def message(self, key: str) -> Collected | None:
        """The message written under the batch `key`."""
        self._look()
        return self._messages.get(key)

    def block_of(self, key: str) -> str | None:
        """The id of the payment block that has a debit with this end-to-end id."""
        self._look()
        return self._block_of.get(key)

    def message_of(self, key: str) -> str:
        """The id of the message that has a debit with this end-to-end id, empty without one."""
        self._look()
        return self._message_of.get(key, "")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """While no other process looks and writes here."""
        fd = os.open(self._folder, os.O_RDONLY)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            yield
        finally:
            os.close(fd)

    def write(self, key: str, body: bytes) -> None:
        """Writes beside, waits for the disk, then moves into place; raises `Stop` if it is full."""
        path = self._folder / f"pain.008-{key}.xml"
        beside = path.with_suffix(".part")
        try:
            with beside.open("wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
            _sync(self._folder)
        except OSError as error:
            raise _unwritable(path, error) from error

    def _look(self) -> None:
        """Reads the messages that came since the last look; one moved away stays known."""
        for path in sorted(self._folder.rglob("pain.008-*.xml")):
            if path.name in self._read:
                continue
            try:
                collected = collected_by(path.read_bytes())
            except ValueError as error:
                raise Stop(
                    f"{path} is not a pain.008 message: {error}.",
                    do="Restore it from what was sent to the bank: "
                    "without it nobody knows which debits went out.",
                ) from error
            self._read.add(path.name)
            self._messages[collected.message_id] = collected
            self._block_of |= collected.blocks
            self._message_of |= dict.fromkeys(collected.blocks, collected.message_id)


def _sync(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _unwritable(path: Path, error: OSError) -> Stop:
    return Stop(
        f"{path} cannot be written: {error.strerror}.",
        do="Correct `folder` of the connection, or who may write there, or free disk space; "
        "then run the same command again.",
    )
