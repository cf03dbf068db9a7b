"""Which Stripe account, and whether its money is real."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, SecretStr, field_validator, model_validator

from tallystick.connector.addresses import StandIn, WebAddress
from tallystick.records import Scheme

API_VERSION: Final = "2026-10-28.endive"
"""What every request asks for, whatever the account's own default is."""

KEY_LIFETIME: Final = timedelta(hours=20)
"""Stripe may forget an idempotency key once it is 24 hours old
(docs.stripe.com/api/idempotent_requests); four hours are left for clocks and long requests."""

Kind = Literal["card", "sepa_debit", "bacs_debit", "us_bank_account"]
SCHEMES: Final[dict[Scheme, Kind]] = {
    "card": "card",
    "sepa_debit": "sepa_debit",
    "bacs_debit": "bacs_debit",
    "ach_debit": "us_bank_account",
}
"""Our schemes by what Stripe calls the type of a payment method."""


class StripeSettings(BaseModel):
    """`key` is a secret or restricted key, `webhook_secret` that of the one endpoint that listens;
    without it no event is taken. `account` is the account the key must belong to. `live` says
    that real money moves. Clients come to `return_url` from a hosted page. What the balance did
    before `start_on` (UTC) is not read: it is in somebody's books already."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    key: SecretStr
    webhook_secret: SecretStr | None = None
    account: str | None = None
    live: bool = False
    return_url: WebAddress | None = None
    start_on: date | None = None
    base_url: StandIn | None = None

    @field_validator("key")
    @classmethod
    def _secret_key(cls, key: SecretStr) -> SecretStr:
        if not re.fullmatch(r"(sk|rk)_(live|test)_\w+", key.get_secret_value()):
            raise ValueError(
                "It is no secret key of Stripe: those start with sk_ or rk_, then live_ or test_. "
                "Copy it from the API keys page of the dashboard."
            )
        return key

    @field_validator("account")
    @classmethod
    def _account(cls, account: str | None) -> str | None:
        if account is not None and not re.fullmatch(r"acct_\w+", account):
            raise ValueError("An account's id starts with acct_. Correct it or leave it out.")
        return account

    @model_validator(mode="after")
    def _money_is_real_or_not(self) -> Self:
        if self.key_is_live and not self.live:
            raise ValueError(
                "The key is a live one and would move real money. Set `live = true`, or use the "
                "test key."
            )
        if self.live and not self.key_is_live:
            raise ValueError("The key is a test key. Use the live one, or leave `live` out.")
        if self.live and self.base_url:
            raise ValueError("A live key is sent to Stripe only. Leave `base_url` out.")
        return self

    @property
    def key_is_live(self) -> bool:
        return self.key.get_secret_value().split("_")[1] == "live"
