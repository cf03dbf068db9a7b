"""Clients as customers of QuickBooks: our ref is a line of the notes, for want of another place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from tallystick.connector import Broken, Cursor, Pulled, Raw, Ref
from tallystick.errors import SkipRecord
from tallystick_quickbooks.wire import DUPLICATE_NAME, STALE, Api, Refusal, quoted

_NOTE: Final = re.compile(r"^Tallystick client (.+)$", re.MULTILINE)
EVERY: Final = "where Active in (true, false)"
"""Else one made inactive while pages are read moves the next one out of sight."""
READ_AGAIN_MAX: Final = 3


class Customers:
    def __init__(self, api: Api) -> None:
        self._api = api
        self._known: dict[str, Ref] | None = None

    def pull(self, since: str | None) -> Iterator[Pulled | Broken | Cursor]:
        """Active customers that changed since. The mark is when reading began, by QuickBooks'
        own clock."""
        heard: list[datetime | None] = []
        changed = f" and MetaData.LastUpdatedTime > {quoted(since)}" if since else ""
        for row in self._api.rows("Customer", EVERY + changed, heard.append):
            if not isinstance(row, Mapping) or not row.get("Id"):
                yield Broken("a customer", "It has no Id.", "Ask Intuit.", {"row": row})
            elif row.get("Active") is not False:
                yield Pulled(row, f"customer {row['Id']}")
        if heard[0] is not None:
            yield Cursor(heard[0].isoformat(timespec="seconds"))

    def id_of(self, client: str) -> str:
        """QuickBooks' id of a client of ours; raises `SkipRecord` where it has none."""
        if (found := self.find(client)) is None:
            raise SkipRecord(
                f"No customer of QuickBooks has the line `{note(client)}` in its notes.",
                do="Its customer is posted before its documents: run this again.",
            )
        return found.id

    def find(self, client: str) -> Ref | None:
        """All customers are read for the first one, once: QuickBooks searches no notes."""
        if self._known is None:
            refs: dict[str, Ref] = {}
            for row in self._api.rows("Customer"):
                if not isinstance(row, Mapping) or not row.get("Id"):
                    continue
                for ref in _NOTE.findall(str(row.get("Notes") or "")):
                    refs[ref] = Ref(str(row["Id"]), row)
            self._known = refs
        return self._known.get(client)

    def push(self, raw: Raw, client: str) -> Ref:
        """The customer of a client: the one that has its ref, one of the same name that has none
        yet, or a new one. Names are unique there, over customers, vendors and employees."""
        self._known = None
        if (known := self.find(client)) is not None:
            return known
        self._known = None
        try:
            made = self._api.create("Customer", _customer(raw, client), client)
        except Refusal as error:
            if error.code != DUPLICATE_NAME:
                raise
            made = self._adopt(raw["name"], client)
        return Ref(str(made["Id"]), made)

    def _adopt(self, name: str, client: str) -> Raw:
        """Another change in between makes our copy stale: it is read again."""
        for _ in range(READ_AGAIN_MAX):
            found = self._api.some("Customer", f"DisplayName = {quoted(name)}")
            if not found or _NOTE.search(str(found[0].get("Notes") or "")):
                raise SkipRecord(
                    f"QuickBooks has another customer, vendor or employee named {name}.",
                    do="Names are unique there: rename one of the two.",
                )
            changed = {
                "Id": found[0]["Id"],
                "SyncToken": found[0].get("SyncToken"),
                "sparse": True,
                "Notes": "\n".join(filter(None, (found[0].get("Notes"), note(client)))),
            }
            try:
                return self._api.send("Customer", changed, client)
            except Refusal as error:
                if error.code != STALE:
                    raise
        raise SkipRecord(
            f"Somebody changes {name} in QuickBooks all the time.", do="Run this again."
        )


def note(client: str) -> str:
    return f"Tallystick client {client}"


def _customer(raw: Raw, client: str) -> dict[str, Any]:
    given = {"DisplayName": raw["name"], "Notes": note(client)}
    if country := raw.get("country"):
        given["BillAddr"] = {"Country": country}
    if vat_id := raw.get("vat_id"):
        given["PrimaryTaxIdentifier"] = vat_id
    if currency := raw.get("currency"):
        given["CurrencyRef"] = {"value": currency}
    return given
