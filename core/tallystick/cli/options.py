"""Options every command takes."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from tallystick.cli.screen import Screen

if TYPE_CHECKING:
    from tallystick.engine.installation import Installation


@Parameter(name="*")
@dataclass(frozen=True)
class Common:
    """What every command takes."""

    config: Annotated[Path | None, Parameter(name="--config")] = None
    "The config file. [default: $TALLYSTICK_CONFIG, else ./tallystick.toml]"

    json: Annotated[bool, Parameter(negative=())] = False
    "Print one JSON document instead of tables."

    @property
    def screen(self) -> Screen:
        return Screen(self.json)

    @contextmanager
    def installation(self) -> Iterator[Installation]:
        """The installation the config describes, open while the command runs."""
        from tallystick.config.sources import find_config
        from tallystick.engine.installation import open_installation

        with open_installation(find_config(self.config, os.environ, Path.cwd())) as opened:
            yield opened


@Parameter(name="*")
@dataclass(frozen=True)
class Acting(Common):
    """For commands whose doer is recorded."""

    user: Annotated[str | None, Parameter(name="--as")] = None
    "Who does it. [default: $TALLYSTICK_USER, else the login name]"

    @property
    def who(self) -> str:
        return self.user or os.environ.get("TALLYSTICK_USER") or getpass.getuser()


COMMON = Common()
ACTING = Acting()
