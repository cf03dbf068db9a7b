"""The words behind Autotask's numbers: labels of its lists to pick from, names of what it refers
to.

A row gets them beside its numbers, as `labels`, and what goes out may say them in their place.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tallystick.connector import Pulled, Raw
from tallystick.errors import SkipRecord
from tallystick_autotask.wire import Api

REFERENCES: Final = {
    ("Companies", "countryID"): ("Countries", "countryCode"),
    ("TimeEntries", "billingCodeID"): ("BillingCodes", "name"),
    ("ContractServices", "serviceID"): ("Services", "name"),
    ("ContractServiceBundles", "serviceBundleID"): ("ServiceBundles", "name"),
}
"""Which field of what refers to which entity, and by which name that is known."""

Words = Mapping[str, str]
"""A label by its number, as text."""


class Labels:
    """Read once for as long as a session lasts."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._known: dict[str, dict[str, Words]] = {}

    def beside(self, row: Pulled, entity: str) -> Pulled:
        """`row` with the labels of its numbers; a number without one stands for itself."""
        found = {
            field: words.get(str(row.raw[field]), str(row.raw[field]))
            for field, words in self._of(entity).items()
            if row.raw.get(field) is not None
        }
        return Pulled({**row.raw, "labels": found}, row.place)

    def number(self, entity: str, field: str, word: str, record: str) -> int | str:
        """What Autotask calls `word` in `field`; raises `SkipRecord` where it has no such word."""
        words = self._of(entity).get(field)
        if words is None:
            return word
        fitting = [number for number, label in words.items() if label == word]
        if len(fitting) != 1:
            many = "several of it" if fitting else "only " + ", ".join(sorted(set(words.values())))
            raise SkipRecord(
                f"Autotask has no one {field} {word!r}: {many[:200]}.",
                do="Correct the record, translate the word in the mapping with `values`, or add it"
                " to the list in Autotask.",
                connection=self._api.connection,
                record=record,
            )
        return int(fitting[0])

    def _of(self, entity: str) -> dict[str, Words]:
        if entity not in self._known:
            self._known[entity] = self._picklists(entity) | {
                field: self._names(*there)
                for (owner, field), there in REFERENCES.items()
                if owner == entity
            }
        return self._known[entity]

    def _picklists(self, entity: str) -> dict[str, Words]:
        found = self._api.get(f"/{entity}/entityInformation/fields")
        fields = found.get("fields") if isinstance(found, Mapping) else None
        return {
            str(one["name"]): _labels(one.get("picklistValues"))
            for one in (fields if isinstance(fields, list) else ())
            if isinstance(one, Mapping) and one.get("isPickList") and one.get("name")
        }

    def _names(self, entity: str, field: str) -> Words:
        rows = self._api.rows(entity, entity, fields=("id", field))
        return {
            str(row.raw["id"]): str(row.raw[field])
            for row in rows
            if isinstance(row, Pulled) and row.raw.get(field)
        }


def _labels(values: Any) -> Words:
    return {
        str(one["value"]): str(one["label"])
        for one in (values if isinstance(values, list) else ())
        if isinstance(one, Mapping) and one.get("value") is not None and one.get("label")
    }


def without_labels(raw: Raw) -> dict[str, Any]:
    """A row as Autotask takes it, its words in the places of their numbers."""
    return {**{name: one for name, one in raw.items() if name != "labels"}, **raw.get("labels", {})}
