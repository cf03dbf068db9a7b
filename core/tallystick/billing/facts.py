"""What pricing looks at: plain values about one contract, every reference already joined.

References here are entity refs, `connection:external id` of the record's home connection.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from msgspec import Struct, field

from tallystick.period import Period
from tallystick.records import Asset, Billable, Contact, Contract, ContractLine, Licence, Usage


def spelled(ref: str) -> tuple[str, str]:
    """How people write a reference: whole, or by the id behind its connection."""
    return ref, ref.partition(":")[2] or ref


class Work(Struct, frozen=True, gc=False):
    """A booking ready to be priced: its local date and true seconds are settled.

    `ticket_type`, `priority` and `asset` are those of its ticket, `asset_type` and `location`
    of that asset (a location of the booking itself comes first), `role` its technician's.
    `contract` is the one the booking names, and once it is routed, the one it is priced under.
    """

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
    started_at: datetime | None = None
    ticket_type: str | None = None
    priority: str | None = None
    asset: str | None = None
    asset_type: str | None = None
    location: str | None = None
    approved: bool | None = None
    invoice: str | None = None


class Piece(Struct, frozen=True, gc=False):
    """`seconds` of a booking, beginning `first_s` after its start, with the trail that led here.

    A booking is one piece until something tells its parts apart: a window of the day, an
    allowance that runs out, a prepaid balance that is used up.
    """

    work: Work
    first_s: int
    seconds: int
    trail: tuple[str, ...]

    @property
    def started_at(self) -> datetime | None:
        """The instant this piece begins, None where the booking's start is not known."""
        begun = self.work.started_at
        return None if begun is None else begun + timedelta(seconds=self.first_s)

    def part(self, first_s: int, seconds: int, *because: str) -> Piece:
        """`seconds` of this piece, from `first_s` after the piece's own beginning."""
        return Piece(self.work, self.first_s + first_s, seconds, (*self.trail, *because))


class Incident(Struct, frozen=True):
    """A ticket that counts: it counts on the local date it was closed."""

    ref: str
    closed_on: date
    contract: str | None = None
    type: str | None = None
    priority: str | None = None
    sla_met: bool | None = None
    title: str = ""


class Facts(Struct, frozen=True):
    """Everything known about one contract. The order within each tuple does not matter.

    `completed` is the local date on which each closed ticket of the client was closed.
    """

    contract: Contract
    lines: tuple[ContractLine, ...]
    works: tuple[Work, ...] = ()
    incidents: tuple[Incident, ...] = ()
    assets: tuple[Asset, ...] = ()
    users: tuple[Contact, ...] = ()
    licences: tuple[Licence, ...] = ()
    usages: tuple[Usage, ...] = ()
    completed: Mapping[str, date] = field(default_factory=dict)


def in_force(line: ContractLine, contract: Contract, until: date) -> Period | None:
    """The days before `until` on which both the line and its contract are in force."""
    start = first_day(line, contract)
    end = min(ends(line, contract), until)
    return Period(start, end) if start < end else None


def first_day(line: ContractLine, contract: Contract) -> date:
    """The first day on which both the line and its contract are in force."""
    return max(contract.starts_on, line.starts_on or date.min)


def ends(line: ContractLine, contract: Contract) -> date:
    """The first day on which the line is no longer in force, `date.max` if open-ended."""
    return min(contract_end(contract), line.ends_on or date.max)


def contract_end(contract: Contract) -> date:
    """The first day on which the contract is no longer in force, `date.max` if open-ended.

    Notice given on `cancelled_on` ends it `notice_days` later, or at once without a notice
    period, unless `ends_on` comes first.
    """
    agreed = contract.ends_on or date.max
    if contract.cancelled_on is None:
        return agreed
    return min(agreed, contract.cancelled_on + timedelta(days=contract.notice_days or 0))
