"""The books of one folder: look up, append once, and keep the hledger rendering level.

Every public method takes the file's lock, first reads what other processes appended
since, and cuts off what a crashed one left unfinished.
"""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Final

from tallystick.errors import SkipRecord, Stop
from tallystick_journal.beancount_text import declarations, entry_from, text_of
from tallystick_journal.blocks import Mark, append, blocks_after
from tallystick_journal.bookkeeping import accounts_of
from tallystick_journal.entries import Entry
from tallystick_journal.index import Index
from tallystick_journal.rendering import render_all, render_more, rendered_to

log = logging.getLogger(__name__)

PREAMBLE: Final = (
    "; Tallystick writes this file, and only adds to it. To add entries of your own, write\n"
    '; them into another file that says `include "books.beancount"`.\n'
)


class Books:
    """`books.beancount`, the truth, and `books.journal`, rendered from it."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "books.beancount"
        self._journal = folder / "books.journal"
        self._mark = Mark()
        self._index = Index()
        with self._opened() as fd:
            try:
                self._render(fd, self._mark)
            except OSError as error:
                raise _unusable(self._journal, "written", error) from error

    @property
    def transactions(self) -> int:
        """How many there are, customers not counted."""
        with self._opened():
            return self._index.transactions

    def find(self, record: str, key: str) -> Entry | None:
        """What was booked under `key`, read from the file."""
        with self._opened() as fd:
            return self._read(fd, record, key)

    def open_items(self) -> Iterator[tuple[str, str, Decimal]]:
        """Number, currency and amount of every invoice that its payments leave open."""
        found: dict[tuple[str, str], Decimal] = {}
        with self._opened() as fd:
            for record, key in self._index.places:
                entry = self._read(fd, record, key)
                if entry is None or record not in ("invoice", "payment"):
                    continue
                number = entry.meta.get("number" if record == "invoice" else "invoice")
                leg = entry.postings[0 if record == "invoice" else 1]
                at = (str(number or entry.meta.get("id")), leg.currency)
                found[at] = found.get(at, Decimal(0)) + leg.amount
        for (name, currency), amount in sorted(found.items()):
            if amount:
                yield name, currency, amount

    def book(self, record: str, key: str, name: str, entry: Entry) -> Entry:
        """Appends `entry` unless `key` is booked already; what is booked, read from the file.

        Raises `SkipRecord` when the record `name` (an invoice number, a payment id) is booked
        under another key, `Stop` when the disk does not take the entry.
        """
        with self._opened() as fd:
            booked = self._read(fd, record, key)
            if booked is not None:
                return booked
            other = self._index.key_of.get((record, name))
            if other is not None:
                raise SkipRecord(
                    f"It is in the books already, pushed under the key {other}.",
                    do="Find out which of the two is meant; a correction is a new document.",
                )
            before = self._mark
            self._append(fd, self._declarations(entry) + text_of(entry))
            try:
                self._render(fd, before)
            except OSError as error:
                log.warning("%s is behind: %s. It is made level later.", self._journal, error)
            booked = self._read(fd, record, key)
        if booked is None:
            raise AssertionError("what was appended is in the index")
        return booked

    @contextmanager
    def _opened(self) -> Iterator[int]:
        """The locked file's descriptor, with the index level with it."""
        fd = self._open()
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            self._catch_up(fd)
            yield fd
        finally:
            os.close(fd)

    def _open(self) -> int:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            return os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise _unusable(self._path, "opened", error) from error

    def _catch_up(self, fd: int) -> None:
        size = os.fstat(fd).st_size
        if size < self._mark.offset:
            self._mark, self._index = Mark(), Index()
        before = self._mark
        for block in blocks_after(fd, self._mark, self._path):
            self._index.add(block)
            self._mark = block.end
        if self._mark != before:
            # Their writer may have died before it waited for the disk, and we vouch for them.
            os.fsync(fd)
        if size > self._mark.offset:
            log.warning("%s ended in an unfinished entry, which was cut off.", self._path)
            os.ftruncate(fd, self._mark.offset)
        if self._mark.offset == 0:
            self._append(fd, PREAMBLE)
            # A file whose name never reached the disk is lost with everything in it.
            _sync_folder(self._path.parent)

    def _append(self, fd: int, text: str) -> None:
        block = append(fd, self._mark, text, self._path)
        self._index.add(block)
        self._mark = block.end

    def _render(self, fd: int, before: Mark) -> None:
        """Makes the journal level; `before` is where it stands if nothing went wrong."""
        reached = rendered_to(self._journal)
        if reached == self._mark:
            return
        if reached == before:
            render_more(self._journal, before, blocks_after(fd, before, self._path))
        else:
            render_all(self._journal, blocks_after(fd, Mark(), self._path))

    def _read(self, fd: int, record: str, key: str) -> Entry | None:
        place = self._index.places.get((record, key))
        if place is None:
            return None
        return entry_from(os.pread(fd, place.size, place.offset).decode())

    def _declarations(self, entry: Entry) -> str:
        currencies = dict.fromkeys(posting.currency for posting in entry.postings)
        return declarations(
            (name for name in accounts_of(entry) if name not in self._index.declared),
            (name for name in currencies if name not in self._index.declared),
        )


def _unusable(path: Path, verb: str, error: OSError) -> Stop:
    return Stop(
        f"{path} cannot be {verb}: {error.strerror}.",
        do="Correct `folder` of the connection, or who may write there, or free disk space.",
    )


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
