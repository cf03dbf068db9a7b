"""A quarter at the sample MSP's service desk, played through day by day.

Tickets come in, wait for a technician with room in the day, take one or several visits, and
are resolved with the last one. Chance decides who and how long, from the seed alone.
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from tallystick.demo.agreements import agreement_for
from tallystick.demo.clients import CLIENTS, IN_NEW_ZEALAND, Client
from tallystick.demo.people import AUCKLAND, BERLIN, TECHNICIANS, Technician
from tallystick.demo.subjects import SUBJECTS
from tallystick.period import month

MONTHS = (month(2026, 7), month(2026, 8), month(2026, 9))
DAYS = [MONTHS[0].start + timedelta(days=n) for n in range((MONTHS[-1].end - MONTHS[0].start).days)]
WORKDAYS = [day for day in DAYS if day.weekday() < 5]
OPENS, SHUTS = time(8), time(18)

NEW_A_DAY = (13, 14, 14, 15)
VISITS = {1: 18, 2: 24, 3: 24, 4: 17, 5: 11, 6: 6}
URGENT_VISITS = {1: 45, 2: 38, 3: 17}
MINUTES = {10: 6, 15: 12, 20: 10, 30: 18, 40: 10, 45: 12, 60: 14, 75: 6, 90: 6, 120: 4, 150: 2}
PRIORITIES = {"P1 - Critical": 4, "P2 - High": 17, "P3 - Normal": 55, "P4 - Low": 24}
PROMISED_H = {"P1 - Critical": 8, "P2 - High": 26, "P3 - Normal": 120, "P4 - Low": 240}
"""Hours from opening to resolution that the service level promises."""
BILLABLE = {"Billable": 91, "Do Not Bill": 5, "No Charge": 4}
WORK_TYPES = {"Remote Support": 58, "On-Site Visit": 16, "Maintenance": 14, "Project Work": 8}
WORK_TYPES |= {"Travel Time": 4}


@dataclass(slots=True)
class Ticket:
    """`visits` still to come; the instants are in the client's time zone."""

    id: str
    client: str
    agreement: str | None
    subject: str
    type: str
    priority: str
    opened: datetime
    visits: int = 0
    resolved: datetime | None = None
    closed: datetime | None = None

    @property
    def sla_met(self) -> bool | None:
        if self.resolved is None:
            return None
        took = self.resolved.astimezone(UTC) - self.opened.astimezone(UTC)
        return took <= timedelta(hours=PROMISED_H[self.priority])


@dataclass(frozen=True, slots=True)
class TimeEntry:
    id: str
    technician: str
    client: str
    ticket: str
    agreement: str | None
    work_type: str
    billable: str
    start: datetime
    end: datetime
    entered: datetime
    note: str


@dataclass(slots=True)
class Desk:
    """The state of the play: what was done, and which tickets wait for which day."""

    random: Random
    tickets: list[Ticket] = field(default_factory=list)
    entries: list[TimeEntry] = field(default_factory=list)
    waiting: dict[date, deque[Ticket]] = field(default_factory=lambda: defaultdict(deque))

    def pick(self, weighted: dict[str, int]) -> str:
        return self.random.choices(list(weighted), list(weighted.values()))[0]


def play(random: Random) -> Desk:
    """The whole quarter."""
    desk = Desk(random)
    for index, day in enumerate(WORKDAYS):
        for _ in range(random.choice(NEW_A_DAY)):
            _open_ticket(desk, day)
        free = {one.id: datetime.combine(day, OPENS, one.zone) for one in TECHNICIANS}
        queue = desk.waiting.pop(day, deque())
        while queue:
            ticket = queue.popleft()
            _visit(desk, ticket, day, free)
            if ticket.visits > 0:
                later = index + desk.random.choices((0, 1, 2, 3), (35, 40, 18, 7))[0]
                if later == index and not _full(free, ticket):
                    queue.append(ticket)
                elif max(later, index + 1) < len(WORKDAYS):
                    desk.waiting[WORKDAYS[max(later, index + 1)]].append(ticket)
    return desk


def _open_ticket(desk: Desk, day: date) -> None:
    clients = [client for client in CLIENTS if _served(client, day)]
    client = desk.random.choices(clients, [one.work for one in clients])[0]
    kind = desk.random.choices(list(SUBJECTS), (60, 28, 4, 8))[0]
    agreement = agreement_for(client.id, "")
    priority = desk.pick(PRIORITIES)
    visits = URGENT_VISITS if priority < "P3" else VISITS
    minute = desk.random.randrange(0, 7 * 60)
    zone = AUCKLAND if client.id == IN_NEW_ZEALAND else BERLIN
    ticket = Ticket(
        id=f"TK-{len(desk.tickets) + 1:05}",
        client=client.id,
        agreement=agreement and agreement.id,
        subject=desk.random.choice(SUBJECTS[kind]),
        type=kind,
        priority=priority,
        opened=datetime.combine(day, OPENS, zone) + timedelta(minutes=minute),
        visits=desk.random.choices(list(visits), list(visits.values()))[0],
    )
    desk.tickets.append(ticket)
    desk.waiting[day].append(ticket)


def _served(client: Client, day: date) -> bool:
    """Whether the client's agreement is in force, or it is one that calls without having any.

    New Zealand's first of July begins on the thirtieth of June in Berlin, where it is billed.
    """
    agreement = agreement_for(client.id, "")
    first = day > MONTHS[0].start or client.id != IN_NEW_ZEALAND
    return first and (agreement is None or agreement.in_force(day))


def _full(free: dict[str, datetime], ticket: Ticket) -> bool:
    return all(free[one.id].time() >= time(17) for one in _crew(ticket))


def _crew(ticket: Ticket) -> list[Technician]:
    zone = AUCKLAND if ticket.client == IN_NEW_ZEALAND else BERLIN
    return [one for one in TECHNICIANS if one.zone is zone]


def _visit(desk: Desk, ticket: Ticket, day: date, free: dict[str, datetime]) -> None:
    """One time entry if a technician has room that day; resolves the ticket with the last."""
    agreement = agreement_for(ticket.client, "")
    if agreement is not None and not agreement.in_force(day):
        ticket.visits = 0  # cancelled under way
    else:
        technician = desk.random.choice(_crew(ticket))
        start = max(free[technician.id], ticket.opened + timedelta(minutes=5))
        minutes = desk.random.choices(list(MINUTES), list(MINUTES.values()))[0]
        end = start + timedelta(minutes=minutes)
        if end > datetime.combine(day, SHUTS, technician.zone):
            return
        free[technician.id] = end + timedelta(minutes=5 * desk.random.randrange(3))
        _enter(desk, ticket, technician, start, end)
        ticket.visits -= 1
        ticket.resolved = end
    if ticket.visits == 0 and ticket.resolved is not None:
        ticket.closed = ticket.resolved + timedelta(hours=desk.random.randrange(30))
    elif ticket.visits > 0:
        ticket.resolved = None


def _enter(
    desk: Desk, ticket: Ticket, technician: Technician, start: datetime, end: datetime
) -> None:
    work_type = desk.pick(WORK_TYPES)
    if ticket.client == IN_NEW_ZEALAND and work_type in ("On-Site Visit", "Travel Time"):
        work_type = "Remote Support"
    agreement = agreement_for(ticket.client, work_type)
    entry = TimeEntry(
        id=f"TE-{len(desk.entries) + 1:05}",
        technician=technician.id,
        client=ticket.client,
        ticket=ticket.id,
        agreement=agreement and agreement.id,
        work_type=work_type,
        billable=desk.pick(BILLABLE),
        start=start,
        end=end,
        entered=end + timedelta(minutes=desk.random.randrange(1, 90)),
        note=f"{ticket.subject}: {desk.random.choice(('geprüft', 'behoben', 'weiter am Fall'))}",
    )
    desk.entries.append(entry)
