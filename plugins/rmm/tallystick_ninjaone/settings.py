"""Which NinjaOne tenant, and who asks there."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, SecretStr

from tallystick.connector import Limits, Quota
from tallystick.connector.addresses import StandIn

HOSTS: Final = {
    "us": "https://app.ninjarmm.com",
    "us2": "https://us2.ninjarmm.com",
    "eu": "https://eu.ninjarmm.com",
    "ca": "https://ca.ninjarmm.com",
    "oc": "https://oc.ninjarmm.com",
}
LIMITS: Final = Limits((Quota(120, 60),), concurrency=2)
"""NinjaOne publishes no number: two requests a second, half of which are ours."""


class NinjaOneSettings(BaseModel):
    """`client_id` and `client_secret` are those of an API client of the kind "Machine-to-machine",
    allowed the scope `monitoring`. `base_url` is a stand-in on this machine."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    region: Literal["us", "us2", "eu", "ca", "oc"]
    client_id: str
    client_secret: SecretStr
    base_url: StandIn | None = None

    @property
    def url(self) -> str:
        return self.base_url or HOSTS[self.region]
