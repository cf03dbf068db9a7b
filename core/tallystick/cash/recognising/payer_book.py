"""The payers known so far, read for the movements at hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from tallystick.cash.recognising.payers import Payers, bare_name
from tallystick.store.cash import known_payers
from tallystick.store.cash.known_payers import Pair

Told = tuple[str | None, str | None]
"""Account and name of a payer, as far as the bank tells them."""


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

    def of(self, connection: Connection, told: Iterable[Told]) -> Payers:
        """Those who may have paid movements whose payers are `told`."""
        payers = set(told)
        accounts = {account for account, _ in payers if account}
        names = {name for _, name in payers if name}
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
