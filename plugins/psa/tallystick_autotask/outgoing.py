"""Tickets, configuration items and time made and changed in Autotask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, Final

from tallystick.connector import Pulled, Raw, Ref
from tallystick.errors import SkipRecord
from tallystick_autotask.labels import Labels, without_labels
from tallystick_autotask.settings import AutotaskSettings
from tallystick_autotask.wire import Api

ENTITIES: Final = {"ticket": "Tickets", "asset": "ConfigurationItems", "booking": "TimeEntries"}
KEYS: Final = {"ticket": "externalID", "asset": "referenceNumber", "booking": "internalNotes"}
"""Where our key stands; a note may hold more than that."""
KEY_LENGTH_MAX: Final = 50
OURS: Final = {"id", "changedAt"}


class Outgoing:
    """`raw` is a record as Autotask tells it, words and all. It knows no idempotency key: what
    bears ours is looked for before anything is made."""

    def __init__(self, api: Api, labels: Labels, settings: AutotaskSettings) -> None:
        self._api, self._labels = api, labels
        self._new = {
            "ticket": settings.new_ticket,
            "asset": settings.new_asset,
            "booking": settings.new_booking,
        }

    def push(self, record: str, raw: Raw, key: str) -> Ref:
        entity = ENTITIES[record]
        if ref := raw.get("id"):
            return self._change(record, str(ref), self._numbered(record, raw))
        there = self.find(record, key)
        if there is not None:
            return there
        made = self._numbered(record, {**self._new[record], **without_labels(raw)})
        if record == "booking":
            made = self._with_role(made)
        made = {**made, KEYS[record]: held(key)}
        return self._now(record, self._api.write("POST", entity, {"id": 0, **made}, record, key))

    def find(self, record: str, key: str) -> Ref | None:
        how = "contains" if record == "booking" else "eq"
        wanted = {"op": how, "field": KEYS[record], "value": held(key)}
        found = self._api.first(ENTITIES[record], [wanted])
        return None if found is None else self._ref(record, found)

    def bearing(self, record: str, keys: Sequence[str]) -> Ref | None:
        """What bears any of `keys`."""
        wanted = {"op": "in", "field": KEYS[record], "value": [held(key) for key in keys]}
        found = self._api.first(ENTITIES[record], [wanted])
        return None if found is None else self._ref(record, found)

    def _change(self, record: str, ref: str, wanted: Mapping[str, Any]) -> Ref:
        """Only what differs."""
        now = self._api.item(ENTITIES[record], ref, record)
        changed = {name: one for name, one in wanted.items() if now.get(name) != one}
        if not changed:
            return self._ref(record, now)
        body = {"id": now["id"], **changed}
        self._api.write("PATCH", ENTITIES[record], body, record, ref)
        return self._now(record, ref)

    def _now(self, record: str, ref: str) -> Ref:
        return self._ref(record, self._api.item(ENTITIES[record], ref, record))

    def _ref(self, record: str, found: Raw) -> Ref:
        return Ref(
            str(found["id"]), self._labels.beside(Pulled(found, record), ENTITIES[record]).raw
        )

    def _numbered(self, record: str, raw: Raw) -> dict[str, Any]:
        """Words as Autotask's numbers, and references by number, which ours are as text."""
        return {
            name: self._number(record, name, one) if isinstance(one, str) else one
            for name, one in without_labels(raw).items()
            if name not in OURS
        }

    def _number(self, record: str, field: str, value: str) -> Any:
        if value.isdecimal() and field.endswith("ID") and field != KEYS[record]:
            return int(value)
        return self._labels.number(ENTITIES[record], field, value, record)

    def _with_role(self, made: dict[str, Any]) -> dict[str, Any]:
        """Time on a ticket is of the role the ticket is assigned in, unless another is given."""
        if "roleID" in made or made.get("ticketID") is None:
            return made
        role = self._api.item("Tickets", str(made["ticketID"]), "ticket").get(
            "assignedResourceRoleID"
        )
        if role is None:
            raise SkipRecord(
                f"Ticket {made['ticketID']} is assigned to nobody, so the time on it has no role.",
                do="Assign the ticket in Autotask, or set `roleID` in `new_booking` of the"
                " connection.",
                connection=self._api.connection,
                record="booking",
            )
        return {**made, "roleID": role}


def held(key: str) -> str:
    """A key as long as Autotask's fields are."""
    return key if len(key) <= KEY_LENGTH_MAX else sha256(key.encode()).hexdigest()[:KEY_LENGTH_MAX]
