"""Tickets and configurations made and changed in ConnectWise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tallystick.connector import Raw, Ref
from tallystick.errors import Stop
from tallystick_connectwise.settings import ConnectWiseSettings, KeyField
from tallystick_connectwise.wire import Api

PATHS: Final = {"ticket": "/service/tickets", "asset": "/company/configurations"}
THEIRS: Final = {"id", "_info"}


class Outgoing:
    """`raw` is a record as ConnectWise tells it. It knows no idempotency key: what bears ours is
    looked for before anything is made."""

    def __init__(self, api: Api, settings: ConnectWiseSettings) -> None:
        self._api, self._settings = api, settings

    def push(self, record: str, raw: Raw, key: str) -> Ref:
        taken = {name: _taken(value) for name, value in raw.items() if name not in THEIRS}
        if ref := raw.get("id"):
            return self._change(record, str(ref), taken)
        there = self.find(record, key)
        if there is not None:
            return there
        made = taken | self._keyed(record, taken, key)
        return _ref(self._api.write("POST", PATHS[record], made, record, key))

    def find(self, record: str, key: str) -> Ref | None:
        if record == "ticket":
            query = {"conditions": f'externalXRef="{key}"'}
        else:
            caption = self._key_field.caption
            query = {"customFieldConditions": f'caption="{caption}" AND value="{key}"'}
        found = self._api.get(PATHS[record], query)
        return _ref(found[0]) if found else None

    def _change(self, record: str, ref: str, taken: Mapping[str, Any]) -> Ref:
        """Only what differs, as a JSON Patch."""
        path = f"{PATHS[record]}/{ref}"
        now = self._api.get(path)
        patch = [
            {"op": "replace", "path": name, "value": _laid_over(now.get(name), value)}
            for name, value in taken.items()
            if not _says(now.get(name), value)
        ]
        return _ref(self._api.write("PATCH", path, patch, record, ref) if patch else now)

    def _keyed(self, record: str, taken: Mapping[str, Any], key: str) -> dict[str, Any]:
        if record == "ticket":
            return {"externalXRef": key}
        mine = {"id": self._key_field.id, "caption": self._key_field.caption, "value": key}
        return {"customFields": [*taken.get("customFields", ()), mine]}

    @property
    def _key_field(self) -> KeyField:
        if self._settings.key_field is None:
            raise Stop(
                "A configuration made in ConnectWise could not be found again after a silence.",
                do="Make a text custom field for configurations, and set `key_field` of the"
                " connection to its number and caption.",
                connection=self._api.connection,
            )
        return self._settings.key_field


def _ref(found: Raw) -> Ref:
    return Ref(str(found["id"]), found)


def _taken(value: Any) -> Any:
    """References by number, which a record of ours has as text."""
    if isinstance(value, list | tuple):
        return [_taken(one) for one in value]
    if not isinstance(value, Mapping):
        return value
    return {
        name: int(one) if name == "id" and isinstance(one, str) and one.isdecimal() else _taken(one)
        for name, one in value.items()
    }


def _says(now: Any, wanted: Any) -> bool:
    """Whether a value already says what is wanted: a reference tells more than is asked of it."""
    if isinstance(now, Mapping) and isinstance(wanted, Mapping):
        return all(_says(now.get(name), one) for name, one in wanted.items())
    return bool(_laid_over(now, wanted) == now)


def _laid_over(now: Any, wanted: Any) -> Any:
    """Custom fields with those that are wanted in their places: the others stay as they are."""
    if not (isinstance(now, list) and isinstance(wanted, list)):
        return wanted
    laid = list(now)
    for one in wanted:
        at = next((n for n, field in enumerate(laid) if _same_field(field, one)), None)
        if at is None:
            laid.append(one)
        else:
            laid[at] = {**laid[at], **one}
    return laid


def _same_field(now: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    by = "id" if "id" in wanted else "caption"
    return by in wanted and now.get(by) == wanted[by]
