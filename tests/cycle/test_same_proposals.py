"""The same facts make the same proposals, byte for byte, however they are worked through."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from sqlalchemy import Row

from tallystick.cycle import prepare as preparing
from tallystick.records import ContractLine, Record
from tallystick.store.billing.proposals import body_of
from tallystick.store.billing.schema import proposal

from .msp import Msp
from .told import asset, booking, client, contract, devices, fixed, hourly, prepaid, ticket

ALL_WORK = {"priorities": ["*", "whatever"]}
"""Says the same as saying nothing, and is asked condition by condition."""


def mixed() -> list[Record]:
    """Clients with a fee, hours, prepaid hours, devices, two contracts, an order, held work."""
    told: list[Record] = []
    for n in range(1, 6):
        here, other = f"M{n}", f"N{n}"
        told += [
            client(here, country="DE"),
            contract(here, here),
            contract(other, here, po_number=f"PO {n}", po_amount=Decimal(900)),
            fixed(f"{here}F", here),
            hourly(f"{here}H", here),
            devices(f"{here}D", here),
            prepaid(f"{other}P", other),
            hourly(f"{other}H", other, "swiss"),
            asset(f"{here}", here),
            ticket(f"{here}T", here, contract=other),
            booking(f"{here}a", here, contract=here, work_type="remote"),
            booking(f"{here}b", here, contract=here, seconds=700 * n, work_type="onsite"),
            booking(f"{here}c", here, ticket=f"{here}T", seconds=9000 * n),
            booking(f"{here}d", here, contract=here, billable="never"),
            booking(f"{here}e", here, contract=here, approved=False),
        ]
    return told


def stored(msp: Msp) -> list[tuple[Any, ...]]:
    short = ("client", "currency", "group", "content_hash", "gross_minor", "body", "objections")
    return sorted(tuple(getattr(row, name) for name in short) for row in msp.rows(proposal))


def test_chunks_of_any_size_come_to_the_same(msp: Msp, monkeypatch: pytest.MonkeyPatch) -> None:
    msp.tell(*mixed())
    assert len(msp.propose().proposed) == 10
    for clients, charges in ((1, 10_000), (500, 1), (2, 5)):
        monkeypatch.setattr(preparing, "CLIENTS", clients)
        monkeypatch.setattr(preparing, "CHARGES", charges)
        again = msp.propose()
        assert (len(again.proposed), len(again.unchanged)) == (0, 10)


def test_a_body_is_what_its_hash_names(msp: Msp) -> None:
    msp.tell(*mixed())
    msp.propose()
    for row in msp.rows(proposal):
        one = body_of(row)
        content = (
            (one.client, one.currency, one.group, one.period, one.contracts),
            (one.lines, one.dues, one.taxes),
        )
        hashed = hashlib.sha256(msgspec.json.encode(content)).hexdigest()
        assert row.content_hash == one.content_hash == hashed
        assert row.body == msgspec.json.encode(one).decode()


def test_what_is_asked_condition_by_condition_comes_to_the_same(msp: Msp) -> None:
    msp.tell(*mixed())
    msp.propose()
    before = stored(msp)
    lines = [one for one in mixed() if isinstance(one, ContractLine)]
    taking = [one for one in lines if one.model == "time_and_materials"]
    msp.tell(*(_with_terms(one, covers=ALL_WORK) for one in taking))
    assert msp.propose().proposed == []
    assert stored(msp) == before


def _with_terms(line: ContractLine, **more: object) -> ContractLine:
    return msgspec.structs.replace(line, terms={**line.terms, **more})


def test_an_approval_of_yesterday_names_what_is_proposed_today(msp: Msp) -> None:
    """Another digest means that every open proposal is void once a new version proposes again:
    change it here only when what is billed is meant to be told differently."""
    msp.tell(*mixed())
    msp.propose()
    rows: list[Row[Any]] = msp.rows(proposal)
    digest = hashlib.sha256("".join(sorted(row.content_hash for row in rows)).encode())
    assert digest.hexdigest()[:16] == "b505809ad160b3ed"
