"""Rate rules: one price, multiplier or call-out fee, and the work it is for."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from msgspec import Struct

from tallystick.billing.facts import Work, spelled
from tallystick.billing.windows import Window

Kind = Literal["hourly", "multiplier", "call_out"]
KINDS: tuple[Kind, ...] = ("hourly", "multiplier", "call_out")
CONDITIONS = (
    "contract",
    "client",
    "hours",
    "technician",
    "work_type",
    "role",
    "ticket_type",
    "priority",
    "asset_type",
    "location",
)
"""What a rule can name, the strongest first: the agreement, when, by whom, what, on what, where."""
REFERENCES = frozenset({"contract", "client", "technician"})
NAMED = tuple(name for name in CONDITIONS if name != "hours")
"""The conditions that are values of the booking; `hours` is a question to its clock."""

Names = str | tuple[str, ...] | None
Rank = tuple[int, tuple[bool, ...]]


class Rate(Struct, frozen=True, forbid_unknown_fields=True):
    """An `hourly` price, a `multiplier` of it, or a `call_out` fee per booking, in major units.

    A condition that is not given matches anything; one with several values matches any of them.
    Clients, contracts and technicians are named by reference or by the id in their own tool.
    The rule is in force from `valid_from` to before `valid_until`. Raises `ValueError` for a rule
    that is none of the three, or more than one of them, or never in force.
    """

    hourly: Decimal | None = None
    multiplier: Decimal | None = None
    call_out: Decimal | None = None
    contract: Names = None
    client: Names = None
    hours: Window | tuple[Window, ...] | None = None
    technician: Names = None
    work_type: Names = None
    role: Names = None
    ticket_type: Names = None
    priority: Names = None
    asset_type: Names = None
    location: Names = None
    valid_from: date = date.min
    valid_until: date = date.max

    def __post_init__(self) -> None:
        if sum(getattr(self, kind) is not None for kind in KINDS) != 1:
            raise ValueError("a rate is one of hourly, multiplier and call_out")
        if self.valid_until <= self.valid_from:
            raise ValueError(f"a rate from {self.valid_from} until {self.valid_until} has no day")

    @property
    def kind(self) -> Kind:
        """What the rule gives; rules compete only with those of their own kind."""
        return next(kind for kind in KINDS if getattr(self, kind) is not None)

    def values(self, condition: str) -> tuple[str, ...]:
        """The values of one of the `NAMED` conditions, none when it is not given."""
        given: Names = getattr(self, condition)
        return (given,) if isinstance(given, str) else given or ()

    @property
    def windows(self) -> tuple[Window, ...]:
        """The hours it is for, in any of which it applies; none when it applies at all hours."""
        return (self.hours,) if isinstance(self.hours, Window) else self.hours or ()

    @property
    def rank(self) -> Rank:
        """More conditions before fewer, then the one that names the stronger condition."""
        given = tuple(getattr(self, name) not in (None, ()) for name in CONDITIONS)
        return sum(given), given

    def in_force(self, day: date) -> bool:
        return self.valid_from <= day < self.valid_until

    def differs(self, work: Work) -> str:
        """Why the rule is not for this work, whatever its hours; empty when it is."""
        for name in NAMED:
            wanted = self.values(name)
            if wanted and not any(one in wanted for one in spellings(name, getattr(work, name))):
                value = getattr(work, name) or "not known"
                return f"{name.replace('_', ' ')} is {value}"
        return "" if self.in_force(work.work_date) else f"not in force on {work.work_date}"

    def __str__(self) -> str:
        price = {
            "hourly": f"{self.hourly}/h",
            "multiplier": f"x {self.multiplier}",
            "call_out": f"call-out {self.call_out}",
        }[self.kind]
        said = [
            f"{name.replace('_', ' ')} {' or '.join(self.values(name))}"
            for name in ("work_type", "role", *NAMED)
            if self.values(name)
        ]
        if self.windows:
            said.append(f"hours {' or '.join(map(str, self.windows))}")
        since = "" if self.valid_from == date.min else f" from {self.valid_from}"
        until = "" if self.valid_until == date.max else f" until before {self.valid_until}"
        return f"{price} for {' and '.join(dict.fromkeys(said)) or 'any work'}{since}{until}"


def spellings(condition: str, value: str | None) -> tuple[str | None, ...]:
    """How a rule may name a value: a reference also by the id behind its connection."""
    if value is None or condition not in REFERENCES:
        return (value,)
    return spelled(value)
