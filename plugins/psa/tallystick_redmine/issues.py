"""Issues made and changed: devices and tickets that come from other tools."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tallystick.connector import Raw, Ref
from tallystick.errors import Stop
from tallystick_redmine.settings import RedmineSettings
from tallystick_redmine.wire import Api


class Issues:
    """`raw` is an issue as Redmine tells it; what Redmine takes is spelled otherwise."""

    def __init__(self, api: Api, settings: RedmineSettings) -> None:
        self._api, self._settings = api, settings

    def push(self, record: str, raw: Raw, key: str) -> Ref:
        issue = self._taken(record, raw)
        if ref := raw.get("id"):
            self._api.write("PUT", f"/issues/{ref}.json", {"issue": issue}, record, str(ref))
            return self._read(str(ref))
        mine = {"id": self._key_field, "value": key}
        issue["custom_fields"] = [*issue.get("custom_fields", []), mine]
        issue.setdefault("tracker_id", self._tracker(record))
        made = self._api.write("POST", "/issues.json", {"issue": issue}, record, key)["issue"]
        return Ref(str(made["id"]), made)

    def find(self, key: str) -> Ref | None:
        query = {f"cf_{self._key_field}": key, "status_id": "*"}
        found = self._api.get("/issues.json", query)["issues"]
        return Ref(str(found[0]["id"]), found[0]) if found else None

    def _read(self, ref: str) -> Ref:
        return Ref(ref, self._api.get(f"/issues/{ref}.json")["issue"])

    def _taken(self, record: str, raw: Raw) -> dict[str, Any]:
        """`{"project": {"id": 3}}` as `{"project_id": 3}`, without its own number."""
        return {
            f"{name}_id" if isinstance(value, Mapping) else name: (
                value["id"] if isinstance(value, Mapping) else value
            )
            for name, value in raw.items()
            if name != "id"
        }

    def _tracker(self, record: str) -> int:
        settings = self._settings
        tracker = settings.asset_tracker if record == "asset" else settings.ticket_tracker
        if tracker is None:
            raise Stop(
                f"Redmine has no tracker for the {record} to be made.",
                do=f"Set `{record}_tracker` of the connection to the number of one.",
                connection=self._api.connection,
            )
        return tracker

    @property
    def _key_field(self) -> int:
        if self._settings.key_field is None:
            raise Stop(
                "What is made in Redmine could not be found again after a silence.",
                do="Make a text custom field for issues, usable as a filter, "
                "and set `key_field` to its number.",
                connection=self._api.connection,
            )
        return self._settings.key_field
