"""How far invoices are paid: a ticket of each, of a type of their own, changed as it is paid."""

from __future__ import annotations

from typing import Final

from tallystick.connector import Raw, Ref
from tallystick.connector.invoice_status import client_of, keys, sentence
from tallystick.errors import Stop
from tallystick_halopsa.outgoing import KEYS, Outgoing, held
from tallystick_halopsa.settings import HaloSettings

SUMMARY_LENGTH_MAX: Final = 255


class Statuses:
    """The ticket bears the key it was last told under, where those of ours bear theirs."""

    def __init__(self, outgoing: Outgoing, settings: HaloSettings, connection: str) -> None:
        self._outgoing, self._connection = outgoing, connection
        self._type = settings.invoice_ticket_type

    def push(self, raw: Raw, key: str) -> Ref:
        if self._type is None:
            raise Stop(
                "HaloPSA has no place for how far invoices are paid.",
                do="Make a ticket type of their own and set `invoice_ticket_type` to its number,"
                " or take `invoice_status` from the connection.",
                connection=self._connection,
            )
        told: Raw = {"summary": sentence(raw)[:SUMMARY_LENGTH_MAX], KEYS["ticket"]: held(key)}
        found = (self.find(one) for one in keys(key))
        there = next((one for one in found if one is not None), None)
        if there is not None:
            return self._outgoing.push("ticket", {"id": there.id, **told}, key)
        client = client_of(raw, "HaloPSA has no client", self._connection)
        new = {**told, "client_id": client, "tickettype_id": self._type}
        return self._outgoing.push("ticket", new, key)

    def find(self, key: str) -> Ref | None:
        return self._outgoing.find("ticket", key)
