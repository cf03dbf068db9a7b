"""How far invoices are paid: a ticket of each on a board of their own, changed as it is paid."""

from __future__ import annotations

from typing import Any, Final

from tallystick.connector import Raw, Ref
from tallystick.connector.invoice_status import RECORD, client_of, keys, sentence
from tallystick.errors import Stop
from tallystick_connectwise.settings import ConnectWiseSettings
from tallystick_connectwise.wire import Api

TICKETS: Final = "/service/tickets"
SUMMARY_LENGTH_MAX: Final = 100


class Statuses:
    """The ticket bears the key it was last told under, in `externalXRef`."""

    def __init__(self, api: Api, settings: ConnectWiseSettings) -> None:
        self._api, self._settings = api, settings

    def push(self, raw: Raw, key: str) -> Ref:
        board = self._board()
        there = self._with_key(keys(key))
        summary = sentence(raw)[:SUMMARY_LENGTH_MAX]
        if there is not None:
            told = {"summary": summary, "externalXRef": key}
            patch = [
                {"op": "replace", "path": name, "value": value} for name, value in told.items()
            ]
            return _ref(self._api.write("PATCH", f"{TICKETS}/{there.id}", patch, RECORD, key))
        company = client_of(raw, "ConnectWise has no company", self._api.connection)
        new: dict[str, Any] = {
            "summary": summary,
            "company": {"id": int(company)},
            "board": {"name": board},
            "externalXRef": key,
        }
        return _ref(self._api.write("POST", TICKETS, new, RECORD, key))

    def find(self, key: str) -> Ref | None:
        return self._with_key([key])

    def _with_key(self, borne: list[str]) -> Ref | None:
        conditions = " or ".join(f'externalXRef="{one}"' for one in borne)
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


def _ref(found: Raw) -> Ref:
    return Ref(str(found["id"]), found)
