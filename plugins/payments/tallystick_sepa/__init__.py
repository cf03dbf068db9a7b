"""`sepa`: direct debits as pain.008 files for the bank."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tallystick.connector import Collects, Connector, session_at
from tallystick.hookspecs import hookimpl
from tallystick_sepa.settings import SepaSettings


@hookimpl
def tallystick_connectors() -> Iterable[Connector[Any]]:
    yield Connector(
        name="sepa",
        shelf="payments",
        settings=SepaSettings,
        open=session_at("tallystick_sepa.session:SepaSession"),
        reads=frozenset(),
        writes=frozenset({"collection"}),
        mappings=None,
        tier="silver",
        collects=Collects(
            frozenset({"sepa_debit"}), frozenset({"EUR"}), batched=True, reports=True
        ),
    )
