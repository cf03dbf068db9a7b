"""Which HaloPSA, who asks there, and what a new record there cannot do without."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from tallystick.connector import Limits, Quota

LIMITS: Final = Limits((Quota(300, 300),), concurrency=2)
"""What a hosted HaloPSA bears, of which half is ours."""
LOOKBACK: Final = timedelta(minutes=5)
WHOLE_EVERY: Final = timedelta(days=7)
"""HaloPSA tells no deletes: what is read by change is read whole again after so long."""

Value = str | int | bool


class HaloSettings(BaseModel):
    """`url` is the address people sign in at, such as https://mymsp.halopsa.com; `tenant` is wanted
    where Halo hosts it. `client_id` and `client_secret` are those of an application that signs in
    by client credentials. `currency` is the one contracts are in.

    Time since `time_from` is read, that of the last `window_days` each time. `new_ticket` and
    `new_asset` are fields of Halo's own that it wants on everything new and our records do not
    have, such as `tickettype_id` and `assettype_id`. How far invoices are paid stands in tickets of
    the type with the number `invoice_ticket_type`, which are none to Tallystick.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str
    tenant: str | None = None
    client_id: str
    client_secret: SecretStr
    scope: str = "all"
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    time_from: date
    window_days: Annotated[int, Field(ge=1, le=3660)] = 35
    new_ticket: Mapping[str, Value] = {}
    new_asset: Mapping[str, Value] = {}
    invoice_ticket_type: int | None = None
