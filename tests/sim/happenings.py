"""What happens to a client month by month: work is booked, some of it late, and facts change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

from msgspec.structs import replace
from tests.billing.split_oracle import BERLIN

from tallystick.billing.facts import Incident, Work
from tallystick.records import Asset, Contact, Licence, Usage

from .books import Known, first_of, some_day
from .changes import agree_anew
from .recurring import METERS, WORK_TYPES, figure, rarely


def live(chance: Random, known: Known, month: int) -> None:
    """One month of `known`: what is booked, closed, used, bought and changed in it."""
    contracts = list(known.contracts)
    for _ in range(chance.choice([0, 2, 3, 4, 6])):
        known.works.append(work(chance, known.next("w"), some_day(chance, month), contracts))
    for _ in range(chance.choice([0, 0, 1, 2])):
        incident = closed(chance, known.next("i"), some_day(chance, month), contracts)
        known.incidents.append(incident)
    for _ in range(chance.choice([0, 1, 2])):
        known.usages.append(used(chance, known.next("m"), some_day(chance, month), known))
    if rarely(chance, 2):
        known.completed[chance.choice(["psa:t0", "psa:t1", "psa:t2"])] = some_day(chance, month)
    if rarely(chance, 2):
        inventory(chance, known, month)
    if month and rarely(chance, 2):
        mend(chance, known, month)
    if month and rarely(chance, 2):
        agree_anew(chance, known, month)


def mend(chance: Random, known: Known, month: int) -> None:
    """A record that was wrong is deleted or changed, perhaps after it was billed."""
    kind = chance.choice(["booking deleted", "booking changed", "ticket reopened"])
    records: list[Any] = known.incidents if kind == "ticket reopened" else known.works
    if not records:
        return
    old = records.pop(chance.randrange(len(records)))
    if kind == "booking changed":
        records.append(replace(old, work_date=some_day(chance, month), seconds=900))
    known.occurred(f"changes: {kind}")
    known.log(f"{first_of(month):%Y-%m}: {kind} ({old.ref})")


def work(chance: Random, ref: str, day: date, contracts: Sequence[str]) -> Work:
    second = chance.choice([None, *[chance.randrange(86400) for _ in range(5)]])
    midnight = datetime.combine(day, time(), BERLIN).astimezone(UTC)
    length = chance.randint(1, 20) * 900 if rarely(chance, 2) else chance.randint(1, 40_000)
    return Work(
        ref=ref,
        client="K",
        work_date=day,
        seconds=chance.choice([-60, 0, 90_000]) if rarely(chance, 30) else length,
        started_at=None if second is None else midnight + timedelta(seconds=second),
        contract=None if rarely(chance, 5) else chance.choice(contracts),
        ticket=chance.choice([None, "T1", "T2", "T3"]),
        work_type=chance.choice([None, *WORK_TYPES, *WORK_TYPES]),
        role=chance.choice([None, "senior"]),
        billable=chance.choice(["never", "no_charge"]) if rarely(chance, 15) else "billable",
        ticket_type=chance.choice([None, "fault", "fault", "request"]),
        priority=chance.choice([None, "P1", "P2"]),
        asset=chance.choice([None, "rmm:a0", "rmm:a1", "rmm:a2"]),
        asset_type=chance.choice([None, "server", "laptop", "printer"]),
        location=chance.choice([None, "Berlin", "Hamburg"]),
        approved=False if rarely(chance, 30) else None,
        invoice="PSA-9" if rarely(chance, 30) else None,
    )


def closed(chance: Random, ref: str, day: date, contracts: Sequence[str]) -> Incident:
    return Incident(
        ref=ref,
        closed_on=day,
        contract=chance.choice([None, *contracts]),
        type=chance.choice([None, "fault", "request"]),
        priority=chance.choice(["P1", "P2"]),
        sla_met=chance.choice([None, True, False]),
    )


def used(chance: Random, ref: str, day: date, known: Known) -> Usage:
    return Usage(
        id=ref,
        client="K",
        contract=chance.choice([None, *known.contracts]),
        meter=chance.choice(METERS),
        quantity=figure(chance, -4, 12),
        used_on=day,
        cost=figure(chance, -3, 40, 3),
        currency=known.currency,
    )


def inventory(chance: Random, known: Known, month: int) -> None:
    """A device, user or licence that comes, or one that goes."""
    day = some_day(chance, month)
    described: dict[str, Any] = {
        "active_from": chance.choice([None, day]),
        "group": chance.choice([None, "clinic", "clinic", "office"]),
        "tags": tuple(chance.sample(["backup", "patch", "vip"], chance.randint(0, 2))),
        "status": chance.choice([None, "in use", "in use", "spare"]),
    }
    ref = known.next("a")
    match chance.choice(["asset", "asset", "user", "licence", "retired"]):
        case "asset":
            kind = chance.choice(["server", "laptop"])
            known.assets.append(Asset(id=ref, name=ref, type=kind, **described))
        case "user":
            kind = chance.choice([None, "staff", "staff", "guest"])
            known.users.append(Contact(id=ref, client="K", name=ref, type=kind, **described))
        case "licence":
            known.licences.append(
                Licence(
                    id=ref,
                    client="K",
                    contract=chance.choice([None, *known.contracts]),
                    product=chance.choice(["office", "office", "mail"]),
                    quantity=figure(chance, 0, 9, 1),
                    active_from=described["active_from"],
                )
            )
        case _ if known.assets:
            known.assets.append(replace(known.assets.pop(0), retired_on=day))
        case _ if known.licences:
            known.licences.append(replace(known.licences.pop(0), retired_on=day))
