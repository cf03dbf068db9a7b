"""Which Autotask, who asks there, and what a new record there cannot do without."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from tallystick.connector import Limits, Quota

LIMITS: Final = Limits((Quota(10_000, 3600),), concurrency=3)
"""Half of what a database bears in an hour, and as many at once as one endpoint takes of one
integration."""
SHUT_AT: Final = Decimal("0.75")
"""Once all integrations together have used this much of the hour, we wait: at all of it Autotask
shuts out every one of them."""
LOOK_EVERY: Final = 100
"""After so many requests of ours it is asked again how much of the hour is used."""
LOOKBACK: Final = timedelta(minutes=5)
WHOLE_EVERY: Final = timedelta(days=7)
"""Autotask tells no deletes: what is read by change is read whole again after so long."""

Value = str | int | bool


class AutotaskSettings(BaseModel):
    """`user`, `secret` and `integration_code` (the "tracking identifier") are those of an API-only
    user. `currency` is the internal one of Autotask.

    `new_ticket`, `new_asset` and `new_booking` are fields of Autotask's own that it wants on
    everything new and our records do not have, such as `queueID` and `productID`; of a list to pick
    from, the label will do. How far invoices are paid stands in tickets of `invoice_queue`, by its
    label, which are none to Tallystick. Time and charges of the last `window_days` are read whole
    each time, as deleted ones just are not there any more. `url` is where one asks for the zone.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    user: str
    secret: SecretStr
    integration_code: SecretStr
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    new_ticket: Mapping[str, Value] = {"status": "New", "priority": "Medium"}
    new_asset: Mapping[str, Value] = {}
    new_booking: Mapping[str, Value] = {}
    invoice_queue: str | None = None
    window_days: Annotated[int, Field(ge=1, le=3660)] = 35
    url: str = "https://webservices.autotask.net"
