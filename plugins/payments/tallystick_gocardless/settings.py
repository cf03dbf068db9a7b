"""Which GoCardless account, and whether its money is real."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, SecretStr, field_validator, model_validator

from tallystick.connector import Limits, Quota
from tallystick.connector.addresses import StandIn, WebAddress
from tallystick.records import Scheme

API_VERSION: Final = "2015-07-06"
LIVE: Final = "https://api.gocardless.com"
SANDBOX: Final = "https://api-sandbox.gocardless.com"

KEY_LIFETIME: Final = timedelta(hours=20)
"""GoCardless does not say how long it keeps idempotency keys: taken to be as long as other
providers do."""

LIMITS: Final = Limits((Quota(1000, 60),), concurrency=4)
"""Source: developer.gocardless.com, API reference, "Rate limiting": 1,000 requests a minute."""

SCHEMES: Final[dict[str, Scheme]] = {
    "bacs": "bacs_debit",
    "sepa_core": "sepa_debit",
    "ach": "ach_debit",
    "autogiro": "other_debit",
    "becs": "other_debit",
    "becs_nz": "other_debit",
    "betalingsservice": "other_debit",
    "pad": "other_debit",
    "pay_to": "other_debit",
    "faster_payments": "other_debit",
}
"""Our words for GoCardless' schemes."""

CURRENCIES: Final = frozenset({"AUD", "CAD", "DKK", "EUR", "GBP", "NZD", "SEK", "USD"})


class GoCardlessSettings(BaseModel):
    """`access_token` is one with read and write access, `webhook_secret` that of the one endpoint
    that listens; without it no event is taken. `creditor` is the creditor collected for, where the
    account has several. `live` says that real money moves. Clients come to `return_url` from a
    hosted page."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    access_token: SecretStr
    webhook_secret: SecretStr | None = None
    creditor: str | None = None
    live: bool = False
    return_url: WebAddress | None = None
    base_url: StandIn | None = None

    @field_validator("creditor")
    @classmethod
    def _creditor(cls, creditor: str | None) -> str | None:
        if creditor is not None and not re.fullmatch(r"CR\w+", creditor):
            raise ValueError("A creditor's id starts with CR. Correct it or leave it out.")
        return creditor

    @model_validator(mode="after")
    def _money_is_real_or_not(self) -> Self:
        token = self.access_token.get_secret_value()
        if token.startswith("live_") and not self.live:
            raise ValueError(
                "The token is a live one and would move real money. Set `live = true`, or use one "
                "of the sandbox."
            )
        if token.startswith("sandbox_") and self.live:
            raise ValueError("It is a token of the sandbox. Use a live one, or leave `live` out.")
        if self.live and self.base_url:
            raise ValueError("A live token is sent to GoCardless only. Leave `base_url` out.")
        return self

    @property
    def url(self) -> str:
        return self.base_url or (LIVE if self.live else SANDBOX)
