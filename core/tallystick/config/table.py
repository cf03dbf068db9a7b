"""What every table of `tallystick.toml` is."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Table(BaseModel):
    """A table of the file: a key it does not know is a mistake, and nothing changes it later."""

    model_config = ConfigDict(extra="forbid", frozen=True)
