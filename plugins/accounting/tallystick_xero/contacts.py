"""Clients as contacts of Xero: our ref is the contact number, which people cannot change there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from tallystick.connector import Broken, Cursor, Pulled, Raw, Ref
from tallystick.errors import Retry, SkipRecord
from tallystick_xero.wire import Api, equals

NUMBER_LENGTH_MAX: Final = 50
ACTIVE: Final = "ACTIVE"
CUSTOMERS: Final = "IsCustomer==true"


class Contacts:
    def __init__(self, api: Api) -> None:
        self._api = api
        self._ids: dict[str, str] = {}

    def pull(self, since: str | None) -> Iterator[Pulled | Broken | Cursor]:
        """Contacts in an order that no change disturbs, archived ones left out only here: so none
        slips from one page to the page before while they are read. The mark is when reading began,
        by Xero's own clock."""
        heard: list[datetime | None] = []
        asked = {"where": CUSTOMERS, "order": "ContactID", "includeArchived": "true"}
        for row in self._api.rows("Contacts", asked, since, heard.append):
            if not isinstance(row, dict) or not row.get("ContactID"):
                yield Broken("a contact", "It has no ContactID.", "Ask Xero.", {"row": row})
            elif row.get("ContactStatus", ACTIVE) == ACTIVE:
                yield Pulled(row, f"contact {row['ContactID']}")
        if heard[0] is not None:
            yield Cursor(f"{heard[0]:%Y-%m-%dT%H:%M:%S}")

    def id_of(self, client: str) -> str:
        """Xero's id of a client of ours; raises `SkipRecord` where it has none."""
        if client not in self._ids:
            found = self.find(client)
            if found is None:
                raise SkipRecord(
                    f"Xero has no contact with the contact number {client}.",
                    do="Its customer is posted before its documents: run this again.",
                )
            self._ids[client] = found.id
        return self._ids[client]

    def find(self, client: str) -> Ref | None:
        rows = self._api.some("Contacts", {"where": equals("ContactNumber", client)})
        active = [row for row in rows if row.get("ContactStatus", ACTIVE) == ACTIVE]
        return ref_of(active[0]) if active else None

    def push(self, raw: Raw, client: str) -> Ref:
        """The contact of a client: the one that has its number, one of the same name that has
        none yet, or a new one."""
        if len(client) > NUMBER_LENGTH_MAX:
            raise SkipRecord(
                f"Xero takes contact numbers of {NUMBER_LENGTH_MAX} characters at most.",
                do="Give the client a shorter id where it comes from.",
            )
        if (known := self.find(client)) is not None:
            return known
        if (namesake := self._namesake(raw["name"])) is None:
            return ref_of(self._api.put("Contacts", _contact(raw, client), client))
        if taken := namesake.get("ContactNumber"):
            raise SkipRecord(
                f"Xero has another contact named {raw['name']}, whose contact number is {taken}.",
                do="Names are unique there: rename one of the two.",
            )
        adopted = {"ContactID": namesake["ContactID"], "ContactNumber": client}
        return ref_of(self._api.change("Contacts", adopted, client))

    def _namesake(self, name: str) -> Raw | None:
        rows = self._api.some("Contacts", {"where": equals("Name", name)})
        return rows[0] if rows else None


def ref_of(contact: Raw) -> Ref:
    if not contact.get("ContactID"):
        raise Retry("Xero tells a contact without its id.", do="Run this again, or ask Xero.")
    return Ref(str(contact["ContactID"]), contact)


def _contact(raw: Raw, client: str) -> dict[str, Any]:
    given = {
        "Name": raw["name"],
        "ContactNumber": client,
        "TaxNumber": raw.get("vat_id"),
        "DefaultCurrency": raw.get("currency"),
    }
    country = raw.get("country")
    addresses = [{"AddressType": "STREET", "Country": country}] if country else []
    return {name: value for name, value in given.items() if value} | {"Addresses": addresses}
