"""`[[schedule]]` and `[serve]`: what happens by itself, when, and where events are received."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from tallystick.config.table import Table
from tallystick.config.values import Text, Whole
from tallystick.mapping.twoway import Misfit, shown

Task = Literal["run", "sync", "settle", "bill run", "send", "collect", "dunning"]


def _cron(expression: str) -> str:
    """Five fields; looked at here where the library is there, else by `serve` and `worker`."""
    try:
        from cronsim import CronSim, CronSimError
    except ImportError:
        return expression
    example = 'Write minute, hour, day, month and weekday, like "15 2 * * *".'
    if len(expression.split()) != 5:
        raise Misfit(f"{shown(expression)} is not a cron expression.", example)
    try:
        next(CronSim(expression, datetime(2026, 1, 1, tzinfo=UTC)))
    except (CronSimError, StopIteration) as error:
        said = str(error) or "It never comes"
        raise Misfit(f"{shown(expression)} is not a cron expression: {said}.", example) from None
    return expression


class Schedule(Table):
    task: Task = Field(
        description="The command: run, sync, settle, bill run, send, collect or dunning."
    )
    cron: Annotated[Text, AfterValidator(_cron)] = Field(
        description="When, in your time zone: minute, hour, day, month, weekday."
    )
    month: Literal["last", "this"] = Field(
        default="last", description="Which month run and bill run bill, seen from that day."
    )

    @property
    def name(self) -> str:
        """What the store knows it by: another task or time is another schedule."""
        return f"{self.task} @ {self.cron}"

    @property
    def bills(self) -> bool:
        return self.task in ("run", "bill run")


class Serve(Table):
    host: Text = Field(default="127.0.0.1", description="The address `serve` receives events on.")
    port: Annotated[Whole, Field(ge=1, le=65535)] = Field(default=8474, description="Its port.")


def twice(schedules: tuple[Schedule, ...]) -> list[int]:
    """The positions of schedules that stand above already."""
    names = [one.name for one in schedules]
    return [i for i, name in enumerate(names) if name in names[:i]]
