"""Bank statements as records: camt.053 and camt.054, MT940 and declared CSV exports."""

from __future__ import annotations

from collections.abc import Iterable

from tallystick.connector import Connector, session_at
from tallystick.hookspecs import hookimpl
from tallystick_bank.settings import BankSettings

BANK = Connector(
    name="bank",
    shelf="payments",
    settings=BankSettings,
    open=session_at("tallystick_bank.session:BankSession"),
    reads=frozenset({"bank_transaction"}),
    writes=frozenset(),
    mappings=None,
    tier="bronze",
)


@hookimpl
def tallystick_connectors() -> Iterable[Connector[BankSettings]]:
    return [BANK]
