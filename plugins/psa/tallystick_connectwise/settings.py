"""Which ConnectWise PSA, who asks there, and where our key is kept on a configuration."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from tallystick.connector import Limits, Quota

LIMITS: Final = Limits((Quota(600, 60),), concurrency=4)
"""ConnectWise publishes no number: ten requests a second, half of which are ours."""
LOOKBACK: Final = timedelta(minutes=5)
WHOLE_EVERY: Final = timedelta(days=7)
"""ConnectWise tells no deletes: what is read by change is read whole again after so long."""


class KeyField(BaseModel):
    """A text custom field of configurations: it is written by its number and searched for by its
    caption."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: int
    caption: str


class ConnectWiseSettings(BaseModel):
    """`url` is the address of the API, such as https://api-na.myconnectwise.net. The keys are
    those of an API member of `company`; `client_id` is the one ConnectWise gave for integrations.
    Configurations that Tallystick makes bear our key in `key_field`, by which they are found again;
    without it none is made. How far invoices are paid stands in tickets of `invoice_board`, which
    are none to Tallystick. Time of the last `window_days` is read whole each time, as deleted time
    just is not there any more."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str
    company: str
    public_key: SecretStr
    private_key: SecretStr
    client_id: str
    key_field: KeyField | None = None
    invoice_board: str | None = None
    window_days: Annotated[int, Field(ge=1, le=3660)] = 35
