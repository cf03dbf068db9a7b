"""Published indices, `[[index]]` in the config."""

from __future__ import annotations

from pydantic import Field

from tallystick.config.table import Table
from tallystick.config.values import AboveZero, Month, Text


class Index(Table):
    """Published values, such as those of consumer prices, that uplifts go by."""

    name: Text = Field(description="What the `uplift` of contract lines calls it.")
    values: dict[Month, AboveZero] = Field(min_length=1, description="As published, by month.")
