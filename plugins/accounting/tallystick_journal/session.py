"""The `journal` connector's session: records in, plain-text double entry out."""

from __future__ import annotations

from collections.abc import Iterator

from tallystick.connector import Context, OpenItem, Raw, Ref
from tallystick.errors import about
from tallystick.money import Money
from tallystick_journal.bookkeeping import booked, document_from
from tallystick_journal.books import Books
from tallystick_journal.entries import Entry
from tallystick_journal.reading_back import readback
from tallystick_journal.settings import JournalSettings


class JournalSession:
    """A Sink of customers, invoices, payments and journal entries; the Ledger of what is open."""

    def __init__(self, settings: JournalSettings, context: Context) -> None:
        self._context = context
        self._folder = context.root / settings.folder
        self._books = Books(self._folder)

    def whoami(self) -> str:
        return f"plain-text books in {self._folder}, {self._books.transactions} transactions"

    def push(self, record: str, raw: Raw, key: str) -> Ref:
        """Books `raw` unless `key` is booked already; the readback is parsed from the file.

        Raises `Stop` for an entry that does not balance, an account that cannot be spelled or
        a disk that is full, `SkipRecord` for a record that lacks a field or whose number is
        booked under another key.
        """
        done = self.find(record, key)
        if done is not None:
            return done
        name = str(raw.get("number" if record == "invoice" else "id"))
        with about(self._context.connection, record, name):
            entry = booked(document_from(record, raw), key, self._context.now().date())
            return _ref(self._books.book(record, key, name, entry))

    def open_items(self) -> Iterator[OpenItem]:
        for number, currency, amount in self._books.open_items():
            yield OpenItem(number, Money.exact(amount, currency))

    def find(self, record: str, key: str) -> Ref | None:
        entry = self._books.find(record, key)
        return None if entry is None else _ref(entry)


def _ref(entry: Entry) -> Ref:
    raw = readback(entry)
    return Ref(str(raw.get("number", raw.get("id"))), raw)
