"""Which Datto RMM account, and who asks there."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, SecretStr

from tallystick.connector import Limits, Quota
from tallystick.connector.addresses import StandIn

LIMITS: Final = Limits((Quota(600, 60),), concurrency=2)
"""Datto counts 600 requests in any 60 seconds over all who ask for the account, and slows its
answers down from 90 % of that (rmm.datto.com/help, "Datto RMM API"): half of it is ours."""


class DattoSettings(BaseModel):
    """`platform` is the first word of the account's address. `api_key` and `api_secret` are those
    that Datto makes for a user ("Generate API Keys"). `base_url` is a stand-in on this machine."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    platform: Literal["pinotage", "merlot", "concord", "vidal", "zinfandel", "syrah"]
    api_key: str
    api_secret: SecretStr
    base_url: StandIn | None = None

    @property
    def url(self) -> str:
        return self.base_url or f"https://{self.platform}-api.centrastage.net"
