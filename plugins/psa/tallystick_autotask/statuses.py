"""How far invoices are paid: a ticket of each in a queue of their own, changed as it is paid."""

from __future__ import annotations

from typing import Final

from tallystick.connector import Raw, Ref
from tallystick.connector.invoice_status import client_of, keys, sentence
from tallystick.errors import Stop
from tallystick_autotask.outgoing import KEYS, Outgoing, held
from tallystick_autotask.settings import AutotaskSettings
from tallystick_autotask.wire import VALUES_MAX

TITLE_LENGTH_MAX: Final = 255


class Statuses:
    """The ticket bears the key it was last told under, where those of ours bear theirs."""

    def __init__(self, outgoing: Outgoing, settings: AutotaskSettings, connection: str) -> None:
        self._outgoing, self._queue, self._connection = outgoing, settings.invoice_queue, connection

    def push(self, raw: Raw, key: str) -> Ref:
        if self._queue is None:
            raise Stop(
                "Autotask has no place for how far invoices are paid.",
                do="Make a queue of their own and set `invoice_queue` to its name, or take"
                " `invoice_status` from the connection.",
                connection=self._connection,
            )
        told: Raw = {"title": sentence(raw)[:TITLE_LENGTH_MAX], KEYS["ticket"]: held(key)}
        there = self._outgoing.bearing("ticket", keys(key)[:VALUES_MAX])
        if there is not None:
            return self._outgoing.push("ticket", {"id": there.id, **told}, key)
        company = client_of(raw, "Autotask has no company", self._connection)
        new = {**told, "companyID": company, "labels": {"queueID": self._queue}}
        return self._outgoing.push("ticket", new, key)

    def find(self, key: str) -> Ref | None:
        return self._outgoing.find("ticket", key)
