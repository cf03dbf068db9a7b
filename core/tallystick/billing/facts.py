"""What pricing looks at: plain values about one contract, every reference already joined.

References here are entity refs, `connection:external id` of the record's home connection.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tallystick.period import Period
from tallystick.records import Asset, Billable, Contract, ContractLine


@dataclass(frozen=True, slots=True)
class Work:
    """A booking ready to be priced: its local date and true seconds are settled."""

    ref: str
    work_date: date
    seconds: int
    work_type: str | None = None
    technician: str | None = None
    role: str | None = None
    client: str | None = None
    contract: str | None = None
    ticket: str | None = None
    billable: Billable = "billable"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Incident:
    """A ticket that counts: it counts on the local date it was closed."""

    ref: str
    closed_on: date
    contract: str | None = None
    type: str | None = None
    priority: str | None = None
    sla_met: bool | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything known about one contract. The order within each tuple does not matter."""

    contract: Contract
    lines: tuple[ContractLine, ...]
    works: tuple[Work, ...] = ()
    incidents: tuple[Incident, ...] = ()
    assets: tuple[Asset, ...] = ()


def in_force(line: ContractLine, contract: Contract, until: date) -> Period | None:
    """The days before `until` on which both the line and its contract are in force."""
    start = max(contract.starts_on, line.starts_on or date.min)
    end = min(contract.ends_on or date.max, line.ends_on or date.max, until)
    return Period(start, end) if start < end else None


def ends(line: ContractLine, contract: Contract) -> date:
    """The first day on which the line is no longer in force, `date.max` if open-ended."""
    return min(contract.ends_on or date.max, line.ends_on or date.max)
