"""A round of asking payment providers: who can be asked, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tallystick.cash.collecting.channels import Channel
from tallystick.cash.collecting.sending import Outcome
from tallystick.store.database import Database


@dataclass(frozen=True, slots=True)
class Round:
    """`channels` can be asked, by connection; what they say is noted in `database`, and told in
    `outcome`."""

    database: Database
    channels: Mapping[str, Channel]
    now: Callable[[], datetime]
    outcome: Outcome = field(default_factory=Outcome)
