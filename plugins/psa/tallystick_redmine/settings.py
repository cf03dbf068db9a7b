"""Which Redmine, who asks there, and where it keeps devices."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from tallystick.connector import Limits, Quota

LIMITS: Final = Limits((Quota(1200, 60),), concurrency=4)
"""Redmine limits nobody: these are for the sake of the people who use it meanwhile."""
LOOKBACK: Final = timedelta(minutes=5)


class RedmineSettings(BaseModel):
    """`key` is a user's API access key. Time entries of the last `window_days` are read whole each
    time, as Redmine does not tell which changed or were deleted. Devices are issues of the tracker
    `asset_tracker`; how far invoices are paid stands in issues of `invoice_tracker`. What
    Tallystick makes bears our key in the issue custom field `key_field`, by which it is found
    again; without it nothing is written."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str
    key: SecretStr
    window_days: Annotated[int, Field(ge=1, le=3660)] = 92
    asset_tracker: int | None = None
    ticket_tracker: int | None = None
    invoice_tracker: int | None = None
    key_field: int | None = None
