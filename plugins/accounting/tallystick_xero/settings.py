"""Which Xero organisation, who asks there, and what it calls our taxes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from pydantic import BaseModel, ConfigDict, SecretStr, field_validator

from tallystick.connector import Limits, Quota

API: Final = "https://api.xero.com"
TOKENS: Final = "https://identity.xero.com/connect/token"
LIMITS: Final = Limits((Quota(60, 60), Quota(5000, 86_400)), concurrency=5)
"""Source: developer.xero.com, "OAuth 2.0 API limits": per organisation and app 60 calls a minute,
5,000 a day, 5 at once."""
LOGIN_LIMITS: Final = Limits((Quota(60, 60),), concurrency=1)


class XeroSettings(BaseModel):
    """`refresh_token` is the first of the chain, of an app that was given `offline_access`;
    `tenant` is the organisation's id, as https://api.xero.com/connections tells it.

    `tax_types` has Xero's tax type for each of our tax categories, or for one rate of it:
    `{ standard = "OUTPUT2", "standard 5" = "RROUTPUT" }`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    client_id: str
    client_secret: SecretStr
    refresh_token: SecretStr
    tenant: str
    tax_types: Mapping[str, str]

    @field_validator("tenant")
    @classmethod
    def _tenant(cls, tenant: str) -> str:
        if not re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", tenant):
            raise ValueError("It is no id as 45e4708e-d862-4111-ab3a-dd8cd03913e1. Correct it.")
        return tenant
