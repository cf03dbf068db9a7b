"""`sepa`: direct debits as pain.008 files for the bank."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from tallystick.connector import Collects, Connector, Context
from tallystick.hookspecs import hookimpl
from tallystick_sepa.settings import SepaSettings

if TYPE_CHECKING:
    from tallystick_sepa.session import SepaSession


def _open(settings: SepaSettings, context: Context) -> SepaSession:
    """Loaded only here: most commands talk to no vendor."""
    from tallystick_sepa.session import SepaSession

    return SepaSession(settings, context)


@hookimpl
def tallystick_connectors() -> Iterable[Connector[Any]]:
    yield Connector(
        name="sepa",
        shelf="payments",
        settings=SepaSettings,
        open=_open,
        reads=frozenset(),
        writes=frozenset({"collection"}),
        mappings=None,
        tier="silver",
        collects=Collects(
            frozenset({"sepa_debit"}), frozenset({"EUR"}), batched=True, reports=True
        ),
    )
