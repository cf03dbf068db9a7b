"""The payers known so far, read for the movements at hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from tallystick.cash.payers import Payers, bare_name
from tallystick.records import BankTransaction
from tallystick.store import known_payers
from tallystick.store.known_payers import Pair


@dataclass(frozen=True, slots=True)
class PayerBook:
    """What clients and their mandates say, read once; what was settled is asked of each time."""

    accounts: Sequence[Pair]
    names: Sequence[Pair]
    customer_numbers: dict[str, str]

    @classmethod
    def read(cls, connection: Connection) -> PayerBook:
        names, numbers = known_payers.of_clients(connection)
        accounts, holders = known_payers.of_mandates(connection)
        return cls(accounts, [*names, *holders], dict(numbers))

    def of(self, connection: Connection, movements: Iterable[BankTransaction]) -> Payers:
        """Those who may have paid one of `movements`."""
        told = list(movements)
        accounts = {one.counterparty_iban for one in told if one.counterparty_iban}
        names = {one.counterparty for one in told if one.counterparty}
        paid_from, paid_as = known_payers.of_payments(connection, accounts, names)
        return Payers(
            _gathered([*self.accounts, *paid_from]),
            _gathered((bare_name(name), client) for name, client in [*self.names, *paid_as]),
            self.customer_numbers,
        )


def _gathered(pairs: Iterable[Pair]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for key, client in pairs:
        if key:
            found.setdefault(key, set()).add(client)
    return {key: frozenset(clients) for key, clients in found.items()}
