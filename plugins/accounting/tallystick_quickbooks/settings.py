"""Which QuickBooks company, who asks there, and what it calls our taxes and services."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from tallystick.connector import Limits, Quota

LIVE: Final = "https://quickbooks.api.intuit.com"
SANDBOX: Final = "https://sandbox-quickbooks.api.intuit.com"
TOKENS: Final = "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer"
LIMITS: Final = Limits((Quota(500, 60), Quota(10, 1)), concurrency=4)
"""Source: developer.intuit.com, "API call limits and throttles": per company 500 a minute, 10 a
second."""
LOGIN_LIMITS: Final = Limits((Quota(60, 60),), concurrency=1)


class QuickBooksSettings(BaseModel):
    """`refresh_token` is the first of the chain; `company` is the realm id, a number.

    `tax_codes` has the name of QuickBooks' tax code for each of our tax categories, or for one
    rate of it: `{ standard = "20.0% S", "standard 5" = "5.0% R" }`; `TAX` and `NON` where it
    reckons sales tax itself, as in the United States. `items` has the name of a service for an
    account of ours; left out, the one service that earns on that account.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    client_id: str
    client_secret: SecretStr
    refresh_token: SecretStr
    company: str
    tax_codes: Mapping[str, str]
    items: Mapping[str, str] = Field(default_factory=dict)
    sandbox: bool = False

    @field_validator("company")
    @classmethod
    def _company(cls, company: str) -> str:
        if not re.fullmatch(r"\d{4,30}", company):
            raise ValueError("It is no company id as 4620816365037572030. Correct it.")
        return company

    @property
    def url(self) -> str:
        return SANDBOX if self.sandbox else LIVE
