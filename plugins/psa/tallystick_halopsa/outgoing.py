"""Tickets and assets made and changed in HaloPSA."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from tallystick.connector import Pulled, Raw, Ref
from tallystick.errors import SkipRecord
from tallystick_halopsa.settings import HaloSettings
from tallystick_halopsa.wire import Api

PATHS: Final = {"ticket": "/Tickets", "asset": "/Asset"}
KEYS: Final = {"ticket": "supplier_reference", "asset": "inventory_number"}
"""Where our key stands."""
KEY_LENGTH_MAX: Final = 50
OURS: Final = {"id", "names", "name"}


class Outgoing:
    """`raw` is a record as HaloPSA tells it. It knows no idempotency key: what bears ours is looked
    for before anything is made. A list in a search only has what resembles it, so what is found is
    held against the key."""

    def __init__(self, api: Api, settings: HaloSettings) -> None:
        self._api = api
        self._new = {"ticket": settings.new_ticket, "asset": settings.new_asset}

    def push(self, record: str, raw: Raw, key: str) -> Ref:
        wanted = {name: _number(name, one) for name, one in raw.items() if name not in OURS}
        if ref := raw.get("id"):
            return self._change(record, str(ref), wanted)
        there = self.find(record, key)
        if there is not None:
            return there
        made = {**self._new[record], **wanted, KEYS[record]: held(key)}
        if record == "asset":
            made = self._placed(made)
        return _ref(self._api.write(PATHS[record], made, record, key))

    def find(self, record: str, key: str) -> Ref | None:
        borne = held(key)
        asked = {"search_supplier_reference": borne}
        if record == "asset":
            asked = {"search": borne, "search_inventory_number_only": "true"}
            asked["includeinactive"] = "true"
        for row in self._api.rows(PATHS[record], record, asked):
            if isinstance(row, Pulled) and row.raw.get(KEYS[record]) == borne:
                return _ref(row.raw)
        return None

    def _change(self, record: str, ref: str, wanted: Mapping[str, Any]) -> Ref:
        """Only what differs."""
        now = self._api.item(PATHS[record], ref, record)
        changed = {name: one for name, one in wanted.items() if now.get(name) != one}
        if not changed:
            return _ref(now)
        return _ref(self._api.write(PATHS[record], {"id": now["id"], **changed}, record, ref))

    def _placed(self, made: dict[str, Any]) -> dict[str, Any]:
        """An asset stands at a site: the main one of its client, unless another is given."""
        if "site_id" in made or made.get("client_id") is None:
            return made
        client = self._api.item("/Client", str(made["client_id"]), "client")
        site = client.get("main_site_id")
        if site is None:
            raise SkipRecord(
                f"Client {made['client_id']} has no main site, at which the asset would stand.",
                do="Give the client a main site in HaloPSA, or set `site_id` in `new_asset`.",
                connection=self._api.connection,
                record="asset",
            )
        return {**made, "site_id": site}


def _ref(found: Raw) -> Ref:
    return Ref(str(found["id"]), found)


def _number(field: str, value: Any) -> Any:
    """References by number, which a record of ours has as text."""
    is_number = isinstance(value, str) and value.isdecimal() and field.endswith("_id")
    return int(value) if is_number else value


def held(key: str) -> str:
    """A key as long as HaloPSA's fields are."""
    return key if len(key) <= KEY_LENGTH_MAX else sha256(key.encode()).hexdigest()[:KEY_LENGTH_MAX]
