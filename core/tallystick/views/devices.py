"""Devices of every client reconciled: what contracts count against what all connections know."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from tallystick.billing.devices.reconcile import Finding, Known, reconcile
from tallystick.cycle.terms import BillingTerms
from tallystick.records import Asset
from tallystick.store.database import Database
from tallystick.store.facts import owners
from tallystick.store.facts.by_client import client_facts
from tallystick.store.facts.links import homes_of
from tallystick.store.facts.records import record_of
from tallystick.store.facts.schema import FACTS


@dataclass(frozen=True, slots=True)
class Reconciled:
    """One client by ref and name, and what does not fit of its devices, most money first."""

    client: str
    name: str
    findings: list[Finding]


def reconcile_devices(
    database: Database,
    terms: BillingTerms,
    today: date,
    progress: Callable[[int], None],
    only: str | None = None,
) -> list[Reconciled]:
    """Every client, or `only` one, of which something does not fit."""
    found = []
    with database.read() as connection:
        elsewhere = _elsewhere(connection, terms.homes.get("asset", ""))
        told = client_facts(connection, terms.homes, today, terms.zone, only, worked=False)
        for facts in told:
            known = elsewhere.get(facts.client.id, [])
            findings = reconcile(facts, known, terms.models, terms.book, today)
            if findings:
                found.append(Reconciled(facts.client.id, facts.client.name, findings))
            progress(1)
    return found


def _elsewhere(connection: Connection, home: str) -> dict[str, list[Known]]:
    """By client, the devices of all connections but their home."""
    table = FACTS["asset"]
    homes = homes_of(connection, "asset")
    rows = connection.execute(
        owners.named_by_client(table).where(table.c.connection != home).order_by(table.c.id)
    )
    found: dict[str, list[Known]] = defaultdict(list)
    for row in rows:
        known = Known(
            row.connection, record_of(row, Asset), homes.get(f"{row.connection}:{row.id}")
        )
        found[row.client_ref].append(known)
    return found
