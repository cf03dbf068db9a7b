"""What goes between a connector and the shell: rows in, marks in a stream, what was pushed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from msgspec import Struct

from tallystick.money import Money

Raw = Mapping[str, Any]
"""One record in the vendor's own words: JSON-like values, decimals as `Decimal`, never float."""


class Pulled(Struct, frozen=True, gc=False):
    """One row as the vendor gave it, and where it was found (`row 17 of bookings.csv`)."""

    raw: Raw
    place: str


class Broken(NamedTuple):
    """A row that could not even be read: it is quarantined, the rest goes on."""

    place: str
    what: str
    do: str
    raw: Raw


def row_of(row: Any, kind: str, key: str = "id") -> Pulled | Broken:
    """What a vendor's list has in one place: a row named by its `key`, or, where it is none or has
    none, what is set aside alone."""
    if isinstance(row, Mapping) and row.get(key) is not None:
        return Pulled(row, f"{kind} {row[key]}")
    raw = row if isinstance(row, Mapping) else {"item": row}
    return Broken(f"{kind} without {key}", f"It has no {key}.", "Tell the vendor of it.", raw)


class Cursor(NamedTuple):
    """Everything yielded before this mark is covered: pulling `since` this token skips it.

    The shell stores the token only in the transaction that stored the rows before it.
    """

    token: str


class Whole(NamedTuple):
    """Everything there is has been yielded before this mark: all of the kind, or with a `field` the
    records whose `field` is from `start` to before `end`. What is stored of these and was not
    yielded is gone at the vendor."""

    field: str | None = None
    start: date | datetime | None = None
    end: date | datetime | None = None


class Ref(NamedTuple):
    """The vendor's id of a pushed record, and the record as the vendor now has it."""

    id: str
    readback: Raw


class OpenItem(NamedTuple):
    """What an accounting system has open of one of our documents, by our number; negative for a
    credit note, and for an invoice that more was paid of."""

    number: str
    amount: Money
