"""How far invoices are paid: a ticket of each on a board of their own, changed as it is paid."""

from __future__ import annotations

from typing import Any, Final

from tallystick.connector import Raw, Ref
from tallystick.errors import SkipRecord, Stop
from tallystick_connectwise.settings import ConnectWiseSettings
from tallystick_connectwise.wire import Api

RECORD: Final = "invoice_status"
TICKETS: Final = "/service/tickets"
SAID: Final = {"part_paid": "part paid", "written_off": "written off"}
SUMMARY_LENGTH_MAX: Final = 100


class Statuses:
    """The ticket bears the key it was last told under, in `externalXRef`."""

    def __init__(self, api: Api, settings: ConnectWiseSettings) -> None:
        self._api, self._settings = api, settings

    def push(self, raw: Raw, key: str) -> Ref:
        board = self._board()
        there = self._with_key([key, *earlier(key)])
        summary = _summary(raw)
        if there is not None:
            told = {"summary": summary, "externalXRef": key}
            patch = [
                {"op": "replace", "path": name, "value": value} for name, value in told.items()
            ]
            return _ref(self._api.write("PATCH", f"{TICKETS}/{there.id}", patch, RECORD, key))
        if raw.get("client_id") is None:
            raise SkipRecord(
                f"ConnectWise has no company of {raw['client']}.",
                do="Join it: `tallystick links same COPY HOME`.",
                connection=self._api.connection,
            )
        new: dict[str, Any] = {
            "summary": summary,
            "company": {"id": int(raw["client_id"])},
            "board": {"name": board},
            "externalXRef": key,
        }
        return _ref(self._api.write("POST", TICKETS, new, RECORD, key))

    def find(self, key: str) -> Ref | None:
        return self._with_key([key])

    def _with_key(self, keys: list[str]) -> Ref | None:
        conditions = " or ".join(f'externalXRef="{one}"' for one in keys)
        found = self._api.get(TICKETS, {"conditions": conditions})
        return _ref(found[0]) if found else None

    def _board(self) -> str:
        if self._settings.invoice_board is None:
            raise Stop(
                "ConnectWise has no place for how far invoices are paid.",
                do="Make a board of their own and set `invoice_board` to its name, or take"
                " `invoice_status` from the connection.",
                connection=self._api.connection,
            )
        return self._settings.invoice_board


def _summary(raw: Raw) -> str:
    said = SAID.get(raw["status"], raw["status"])
    figures = f"{raw['settled']} {raw['currency']} settled, {raw['open']} open"
    return f"Invoice {raw['id']}: {said}; {figures}"[:SUMMARY_LENGTH_MAX]


def _ref(found: Raw) -> Ref:
    return Ref(str(found["id"]), found)


def earlier(key: str) -> list[str]:
    """Keys the same invoice may have been told under before: `INV-7:3` comes after `INV-7:1`."""
    number, _, version = key.rpartition(":")
    return [f"{number}:{n}" for n in range(1, int(version))] if version.isdecimal() else []
