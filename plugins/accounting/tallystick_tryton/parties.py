"""Clients as parties of Tryton: our ref is an identifier of theirs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from tallystick.connector import Context, Cursor, Pulled, Raw, Ref
from tallystick.errors import SkipRecord
from tallystick_tryton.wire import Api

MODEL: Final = "party.party"
MARK: Final = "Tallystick "
FIELDS: Final = ("name", "code", "identifiers.code", "identifiers.type", "addresses.id")
TOLD: Final = (
    *("name", "code", "identifiers.type", "identifiers.code"),
    *("contact_mechanisms.type", "contact_mechanisms.value"),
    *("addresses.street", "addresses.postal_code", "addresses.city", "addresses.country.code"),
)
OF: Final = ("", "addresses.", "identifiers.", "contact_mechanisms.")
"""A party has changed when one of these has."""
LOOKBACK: Final = timedelta(minutes=5)


class Parties:
    def __init__(self, api: Api, context: Context) -> None:
        self._api, self._context = api, context
        self._known: dict[str, Raw] = {}

    def pull(self, since: str | None) -> Iterator[Pulled | Cursor]:
        """All parties but the company's own; what is archived there is not told."""
        own = self._api.company["party"]["id"]
        began, self._api.told_at = self._context.now(), None
        domain: list[Any] = [["id", "!=", own]]
        if since:
            after = datetime.fromisoformat(since)
            when = [f"{of}{field}" for of in OF for field in ("create_date", "write_date")]
            domain.append(["OR", *([field, ">=", after] for field in when)])
        for raw in self._api.rows(MODEL, domain, TOLD):
            yield Pulled(raw, f"party {raw.get('id')}")
        covered = (self._api.told_at or began) - LOOKBACK
        yield Cursor(covered.isoformat(timespec="seconds"))

    def of(self, client: str) -> Raw:
        """The party of a client of ours; raises `SkipRecord` where there is none."""
        if client not in self._known:
            found = self._marked(client)
            if found is None:
                raise SkipRecord(
                    f"Tryton has no party with the identifier {MARK}{client}.",
                    do="Its customer is posted before its documents: run this again.",
                )
            self._known[client] = found
        return self._known[client]

    def find(self, client: str) -> Ref | None:
        found = self._marked(client)
        return None if found is None else _ref(found)

    def push(self, raw: Raw, client: str) -> Ref:
        """The party of a client: the one that bears its ref, the one of the same name that bears
        none, or a new one. Raises `SkipRecord` where several have its name."""
        if (known := self._marked(client)) is not None:
            return _ref(known)
        mine = {"code": f"{MARK}{client}"}
        namesakes = self._api.some(MODEL, [["name", "=", raw["name"]]], FIELDS)
        free = [one for one in namesakes if not _marks(one)]
        if len(free) > 1:
            raise SkipRecord(
                f"Tryton has {len(free)} parties named {raw['name']}.",
                do=f"Give the one that is meant the identifier {MARK}{client}.",
            )
        if free:
            change = {"identifiers": [["create", [mine]]], **self._address(free[0], raw)}
            return _ref(self._api.change(MODEL, free[0]["id"], change, FIELDS))
        identifiers = [mine]
        if raw.get("vat_id"):
            identifiers.append({"type": "eu_vat", "code": raw["vat_id"]})
        party = {"name": raw["name"], "identifiers": [["create", identifiers]]}
        return _ref(self._api.create(MODEL, party | self._address({}, raw), FIELDS))

    def _address(self, party: Raw, raw: Raw) -> dict[str, Any]:
        """The address no invoice there can do without, for a party that has none."""
        if party.get("addresses"):
            return {}
        code = raw.get("country")
        found = self._api.some("country.country", [["code", "=", code]], ("code",)) if code else []
        return {"addresses": [["create", [{"country": found[0]["id"]} if found else {}]]]}

    def _marked(self, client: str) -> Raw | None:
        found = self._api.some(MODEL, [["identifiers.code", "=", f"{MARK}{client}"]], FIELDS)
        return found[0] if found else None


def _marks(party: Raw) -> list[str]:
    codes = [str(one.get("code")) for one in party.get("identifiers") or ()]
    return [code for code in codes if code.startswith(MARK)]


def _ref(party: Raw) -> Ref:
    return Ref(str(party["id"]), party)
