"""Options and arguments that several commands take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter, Token

if TYPE_CHECKING:
    from tallystick.cli.screen import Screen
    from tallystick.engine.installation import Installation

PeriodText = Annotated[
    str,
    Parameter(
        help="A month (2026-09), a quarter (2026-Q3), a year (2026) or months (2026-07..2026-09)."
    ),
]


def day(_: Any, tokens: Sequence[Token]) -> date:
    try:
        return date.fromisoformat(tokens[0].value)
    except ValueError:
        raise ValueError(f"{tokens[0].value!r} is not a day. Write it like 2026-09-30.") from None


InvoiceDate = Annotated[
    date | None,
    Parameter(name="--on", converter=day, help="The invoice date.", show_default=lambda _: "today"),
]


@Parameter(name="*")
@dataclass(frozen=True)
class Output:
    """How every command shows its result."""

    json: Annotated[bool, Parameter(negative=(), show_default=False)] = False
    "Print one JSON document instead of tables."

    @property
    def screen(self) -> Screen:
        from tallystick.cli.screen import Screen

        return Screen(self.json)


@Parameter(name="*")
@dataclass(frozen=True)
class Common(Output):
    """For commands that work on an installation."""

    config: Annotated[Path | None, Parameter(name="--config", metavar="FILE")] = None
    "The config file. [default: $TALLYSTICK_CONFIG, else ./tallystick.toml]"

    trace: Annotated[Path | None, Parameter(name="--trace", metavar="FILE")] = None
    "Note every request to a vendor in this file, without secrets. [default: nowhere]"

    @property
    def path(self) -> Path:
        """The config file to use; raises `Stop` when there is none."""
        import os

        from tallystick.config.sources import find_config

        return find_config(self.config, os.environ, Path.cwd())

    @contextmanager
    def installation(self) -> Iterator[Installation]:
        """The installation the config describes, open while the command runs."""
        from tallystick.engine.installation import open_installation

        with open_installation(self.path, trace=self.trace) as opened:
            yield opened


@Parameter(name="*")
@dataclass(frozen=True)
class Acting(Common):
    """For commands whose doer is recorded."""

    user: Annotated[str | None, Parameter(name="--as", metavar="NAME")] = None
    "Who does it. [default: $TALLYSTICK_USER, else the login name]"

    @property
    def who(self) -> str:
        import getpass
        import os

        return self.user or os.environ.get("TALLYSTICK_USER") or getpass.getuser()


OUTPUT = Output()
COMMON = Common()
ACTING = Acting()
