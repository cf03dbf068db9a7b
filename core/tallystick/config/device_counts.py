"""`[[device_count]]`: lines of contracts whose agreed quantity is for devices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from pydantic import Field, model_validator

from tallystick.config.table import Table
from tallystick.config.values import Text

if TYPE_CHECKING:
    from tallystick.billing.devices.following import Following


class DeviceCount(Table):
    line: Text = Field(
        description="What the lines are called; `*` stands for any words.",
        examples=["Managed workstation*"],
    )
    asset_types: tuple[Text, ...] = Field(default=(), description="Types of devices they are for.")
    groups: tuple[Text, ...] = Field(default=(), description="Groups of devices.")
    tags: tuple[Text, ...] = Field(default=(), description="Devices with one of these tags.")
    statuses: tuple[Text, ...] = Field(default=(), description="Statuses of devices.")

    @model_validator(mode="after")
    def _says_which(self) -> Self:
        if not (self.asset_types or self.groups or self.tags or self.statuses):
            raise ValueError("It says no devices. Give asset_types, groups, tags or statuses.")
        return self

    @property
    def following(self) -> Following:
        from tallystick.billing.devices.following import Following
        from tallystick.billing.quantities.counting import Rule

        which = {"groups": self.groups, "tags": self.tags, "statuses": self.statuses}
        return Following(self.line, Rule(types=self.asset_types, **which))
