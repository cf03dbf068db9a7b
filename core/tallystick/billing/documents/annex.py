"""What the annex of a document says: what is behind each line, and the work that fees include."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from tallystick.billing.documents.speech import Speech, clean
from tallystick.billing.invoice.document import Annexed, IncludedWork, InvoiceDocument


@dataclass(frozen=True, slots=True)
class Annex:
    """What is behind one line of the document, or included in a fee; each row is day, record,
    what, quantity, amount."""

    title: str
    rows: tuple[tuple[str, str, str, str, str], ...]


def annex(document: InvoiceDocument, say: Speech, sign: int) -> Iterator[Annex]:
    """The rows of the annex, each below the line it is behind; then the work that is included."""
    for position, rows in groupby(document.annex, key=lambda one: one.line):
        title = say.text(document.lines[position - 1].text)
        yield Annex(f"{position} {title}", tuple(_annexed(one, say, sign) for one in rows))
    for work in document.included:
        yield Annex(_included(work, say), tuple(_annexed(one, say, sign) for one in work.rows))


def _included(work: IncludedWork, say: Speech) -> str:
    """`Included in Care plan: 12 tickets, 9.5 hours`."""
    hours = sum((one.quantity for one in work.rows), Decimal(0))
    counts = ((Decimal(work.tickets), "ticket"), (hours, "hour"))
    said = ", ".join(say.quantity(count, unit) for count, unit in counts if count)
    return say.words.included.format(line=say.text(work.text), work=said)


def _annexed(one: Annexed, say: Speech, sign: int) -> tuple[str, str, str, str, str]:
    day = say.short_day(one.on) if one.on else say.service(one.days) if one.days else ""
    return (
        day,
        clean(one.ref),
        clean(one.what),
        say.quantity(one.quantity, one.unit),
        say.amount(one.amount * sign) if one.amount is not None else "",
    )
