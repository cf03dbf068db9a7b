"""History: a contract's whole months, and how many of them can be built on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from msgspec import Struct, field

from tallystick.money import Money, total


class Cause(NamedTuple):
    """What work is told apart by: `kind` is `ticket type` or `work type`."""

    kind: str
    name: str


class Month(Struct, frozen=True, gc=False):
    """One whole month of one contract, in the contract's currency.

    `fees` is recognised revenue that does not follow the work, `variable` what does.
    `missing` says what `cost` lacks, such as hours without a cost rate. Devices and users are
    those of the client at the month's end, `device_days` the average age of those devices.
    """

    first: date
    cost: Money
    seconds: int
    fees: Money
    variable: Money
    missing: tuple[str, ...] = ()
    devices: int = 0
    users: int = 0
    device_days: int = 0
    causes: Mapping[Cause, Money] = field(default_factory=dict)


class History(Struct, frozen=True):
    """A contract in force and its months, the oldest first and without a gap. `scope_from` is the
    day since which it sells what it sells now. `notes` say what no month holds, such as work of
    the client that falls under no contract."""

    contract: str
    client: str
    name: str
    currency: str
    months: tuple[Month, ...]
    scope_from: date
    ends_on: date | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Usable:
    """The months that can be built on, with `why_not` when they are too few or say too little."""

    months: tuple[Month, ...]
    why_not: str = ""


def usable(history: History, minimum_months: int) -> Usable:
    """The latest months under today's scope whose cost is known."""
    months, because = history.months, []
    if months and months[0].first < history.scope_from:
        months = tuple(month for month in months if month.first >= history.scope_from)
        because.append(f"what it covers changed on {history.scope_from}")
    incomplete = [at for at, month in enumerate(months) if month.missing]
    if incomplete:
        last = months[incomplete[-1]]
        months = months[incomplete[-1] + 1 :]
        because.append(f"{last.first:%Y-%m} has {', '.join(last.missing)}")
    return Usable(months, _why_not(months, minimum_months, because))


def _why_not(months: tuple[Month, ...], minimum: int, because: list[str]) -> str:
    if len(months) < minimum:
        counted = "1 month" if len(months) == 1 else f"{len(months)} months"
        since = f" ({'; '.join(because)})" if because else ""
        return f"{counted} to build on{since}, {minimum} are needed"
    worked = sum(1 for month in months if month.cost.minor > 0)
    if total((month.cost for month in months), months[0].cost.currency).minor <= 0:
        return f"no work in {len(months)} months"
    if 2 * worked < len(months):
        return f"work in only {worked} of {len(months)} months: too few to tell how they vary"
    return ""


def revenue_now(months: tuple[Month, ...], currency: str) -> Money:
    """What a month brings as it is sold today: the latest fees, and the average of the rest.

    The fees are those of the latest month that has any, because the last may not be billed yet.
    Rounded half away from zero to the minor unit.
    """
    fees = next((month.fees for month in reversed(months) if month.fees), Money.zero(currency))
    variable = total((month.variable for month in months), currency)
    return fees + Money.rounded(variable.amount / len(months), currency)
