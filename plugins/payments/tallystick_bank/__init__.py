"""Bank statements as records: camt.053 and camt.054, MT940 and declared CSV exports."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from tallystick.connector import Connector, Context
from tallystick.hookspecs import hookimpl
from tallystick_bank.settings import BankSettings

if TYPE_CHECKING:
    from tallystick_bank.session import BankSession


def _open(settings: BankSettings, context: Context) -> BankSession:
    """Loaded only here: most commands talk to no vendor."""
    from tallystick_bank.session import BankSession

    return BankSession(settings, context)


BANK = Connector(
    name="bank",
    shelf="payments",
    settings=BankSettings,
    open=_open,
    reads=frozenset({"bank_transaction"}),
    writes=frozenset(),
    mappings=None,
    tier="bronze",
)


@hookimpl
def tallystick_connectors() -> Iterable[Connector[BankSettings]]:
    return [BANK]
