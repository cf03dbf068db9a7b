"""Which time Autotask has invoiced itself: its billing items say so, time entries do not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from tallystick.connector import Broken, Pulled
from tallystick_autotask.wire import VALUES_MAX, Api, Filter


def with_invoices(api: Api, rows: Iterable[Pulled | Broken]) -> Iterator[Pulled | Broken]:
    """Time entries, each with the `invoice` it stands on beside it, where there is one that is not
    void."""
    coming = iter(rows)
    while some := list(islice(coming, VALUES_MAX)):
        known = _invoices(api, [row.raw["id"] for row in some if isinstance(row, Pulled)])
        for row in some:
            number = known.get(row.raw["id"]) if isinstance(row, Pulled) else None
            yield Pulled({**row.raw, "invoice": number}, row.place) if number else row


def _invoices(api: Api, entries: Sequence[Any]) -> Mapping[Any, str]:
    """The number of the invoice by time entry."""
    if not entries:
        return {}
    posted: Filter = [
        {"op": "in", "field": "timeEntryID", "value": list(entries)},
        {"op": "exist", "field": "invoiceID"},
    ]
    items = api.rows("BillingItems", "billing item", posted, ("id", "timeEntryID", "invoiceID"))
    found = [(one.raw["timeEntryID"], one.raw["invoiceID"]) for one in items if _is_told(one)]
    if not found:
        return {}
    which = [{"op": "in", "field": "id", "value": sorted({ref for _, ref in found})}]
    asked = api.rows("Invoices", "invoice", which, ("id", "invoiceNumber", "isVoided"))
    numbers = {
        one.raw["id"]: str(one.raw.get("invoiceNumber") or one.raw["id"])
        for one in asked
        if isinstance(one, Pulled) and not one.raw.get("isVoided")
    }
    return {entry: numbers[ref] for entry, ref in found if ref in numbers}


def _is_told(item: Pulled | Broken) -> bool:
    return item.raw.get("timeEntryID") is not None and item.raw.get("invoiceID") is not None
