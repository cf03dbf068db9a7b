"""What every table of `tallystick.toml` is."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Table(BaseModel):
    """A table of the file: a key it does not know is a mistake, and nothing changes it later. What
    reads it is made where it is read alone, as most are only read as part of the whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)
