"""What a connector is: a frozen descriptor, and the roles its session can play.

A connector is the only thing that touches the outside. It declares what it reads and
writes, and opens a `Session` that plays one or more roles: `Source` (records come in),
`Sink` (records go out), `Collector` (money is asked for). The shelf it lies on (psa, rmm,
accounting, payments) is a label; the roles are the contract. A payment provider adds
`Refunder`, `PageHost` and `Listener` as far as it can; what it did with the money it tells
like a bank, as the movements of an account (docs/decisions/0015).
"""

from __future__ import annotations

from tallystick.connector.descriptor import Connector, Context, Shelf, Tier, session_at
from tallystick.connector.exchange import (
    Broken,
    Cursor,
    OpenItem,
    Pulled,
    Raw,
    Ref,
    Whole,
    row_of,
)
from tallystick.connector.mark import Mark
from tallystick.connector.network import STATE_FOLDER, Http, Limits, Quota, no_network
from tallystick.connector.payments import (
    Attempt,
    AttemptState,
    CollectionRequest,
    Collects,
    Event,
    Page,
    PageRequest,
    PageState,
    Refund,
    RefundRequest,
    RefundState,
    Trail,
)
from tallystick.connector.roles import (
    Collector,
    Ledger,
    Listener,
    PageHost,
    Refunder,
    Session,
    Sink,
    Source,
)

__all__ = [
    "STATE_FOLDER",
    "Attempt",
    "AttemptState",
    "Broken",
    "CollectionRequest",
    "Collector",
    "Collects",
    "Connector",
    "Context",
    "Cursor",
    "Event",
    "Http",
    "Ledger",
    "Limits",
    "Listener",
    "Mark",
    "OpenItem",
    "Page",
    "PageHost",
    "PageRequest",
    "PageState",
    "Pulled",
    "Quota",
    "Raw",
    "Ref",
    "Refund",
    "RefundRequest",
    "RefundState",
    "Refunder",
    "Session",
    "Shelf",
    "Sink",
    "Source",
    "Tier",
    "Trail",
    "Whole",
    "no_network",
    "row_of",
    "session_at",
]
