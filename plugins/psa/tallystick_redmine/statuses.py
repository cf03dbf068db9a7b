"""How far invoices are paid: an issue of each, in its client's project, changed as it is paid."""

from __future__ import annotations

from typing import Any

from tallystick.connector import Raw, Ref
from tallystick.connector.invoice_status import RECORD, client_of, heading, keys
from tallystick.errors import Stop
from tallystick_redmine.settings import RedmineSettings
from tallystick_redmine.wire import Api


class Statuses:
    """The issue bears the key it was last told under, so that what it says, its note and the key
    change in one request or not at all."""

    def __init__(self, api: Api, settings: RedmineSettings) -> None:
        self._api, self._settings = api, settings

    def push(self, raw: Raw, key: str) -> Ref:
        tracker, key_field = self._places()
        there = self._with_key(keys(key))
        if there is not None and _bears(there.readback, key_field, key):
            return there
        text = f"{raw['settled']} {raw['currency']} settled, {raw['open']} {raw['currency']} open."
        told: dict[str, Any] = {
            "subject": heading(raw),
            "custom_fields": [{"id": key_field, "value": key}],
        }
        if there is not None:
            body = {"issue": {**told, "notes": text}}
            self._api.write("PUT", f"/issues/{there.id}.json", body, RECORD, key)
            return Ref(there.id, self._api.get(f"/issues/{there.id}.json")["issue"])
        project = client_of(raw, "Redmine has no project", self._api.connection)
        new = {"project_id": project, "tracker_id": tracker, "description": text}
        made = self._api.write("POST", "/issues.json", {"issue": {**told, **new}}, RECORD, key)
        return Ref(str(made["issue"]["id"]), made["issue"])

    def find(self, key: str) -> Ref | None:
        return self._with_key([key])

    def _with_key(self, borne: list[str]) -> Ref | None:
        _, key_field = self._places()
        query = {f"cf_{key_field}": "|".join(borne), "status_id": "*"}
        found = self._api.get("/issues.json", query)["issues"]
        return Ref(str(found[0]["id"]), found[0]) if found else None

    def _places(self) -> tuple[int, int]:
        tracker, key_field = self._settings.invoice_tracker, self._settings.key_field
        if tracker is None or key_field is None:
            raise Stop(
                "Redmine has no place for how far invoices are paid.",
                do="Set `invoice_tracker` and `key_field` of the connection, or take"
                " `invoice_status` from it.",
                connection=self._api.connection,
            )
        return tracker, key_field


def _bears(issue: Raw, key_field: int, key: str) -> bool:
    fields = issue.get("custom_fields") or ()
    return any(one.get("id") == key_field and one.get("value") == key for one in fields)
