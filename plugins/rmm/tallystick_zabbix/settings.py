"""Which Zabbix, and which of its host groups are clients."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel, ConfigDict, SecretStr

from tallystick.connector import Limits, Quota

LIMITS: Final = Limits((Quota(600, 60),), concurrency=2)
"""Zabbix limits nobody: these are for the sake of its own pages."""


class ZabbixSettings(BaseModel):
    """`url` is where its pages are, `token` an API token of a user who may read the hosts. The host
    groups whose names begin with `client_groups` are clients, named by the rest."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str
    token: SecretStr
    client_groups: str = "Clients/"
