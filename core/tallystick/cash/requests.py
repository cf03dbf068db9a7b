"""Which open invoices to collect now, and what exactly to ask for. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import msgspec

from tallystick.billing.invoice.debit import CURRENCY, mandate_for
from tallystick.cash.attempts import (
    COLLECTIONS_MAX,
    State,
    attempt_key,
    may_retry,
    meaning,
)
from tallystick.connector import CollectionRequest
from tallystick.errors import Problem
from tallystick.money import Money
from tallystick.records import Mandate


@dataclass(frozen=True, slots=True)
class Due:
    """An invoice with money to come; `settled` is negative while only a return is known."""

    number: str
    client: str
    gross: Money
    settled: Money
    due_on: date


@dataclass(frozen=True, slots=True)
class Tried:
    """An earlier attempt of some invoice of a client, and the mandate it used."""

    invoice: str
    ordinal: int
    state: State
    reason: str
    mandate: str


@dataclass(frozen=True, slots=True)
class Intention:
    """A request to make, as attempt number `ordinal` of its invoice."""

    ordinal: int
    request: CollectionRequest


@dataclass(slots=True)
class Plan:
    """What to collect, what a person must look at first, and who pays by themselves."""

    intentions: list[Intention] = field(default_factory=list)
    held: list[Problem] = field(default_factory=list)
    without_mandate: list[str] = field(default_factory=list)


def plan(
    due: Iterable[Due],
    mandates: Mapping[str, Sequence[Mandate]],
    tried: Sequence[Tried],
    today: date,
) -> Plan:
    """What to collect of `due` invoices that have no open attempt; `mandates` by client.

    The whole open amount, once per invoice. A mandate's first use is the earliest due of the
    plan, unless an earlier attempt went out under it.
    """
    result = Plan()
    by_invoice: dict[str, list[Tried]] = {}
    for one in sorted(tried, key=lambda one: one.ordinal):
        by_invoice.setdefault(one.invoice, []).append(one)
    used = {one.mandate for one in tried if one.state not in ("parked", "declined")}
    for claim in sorted(due, key=lambda claim: (claim.due_on, claim.number)):
        mandate = mandate_for(mandates.get(claim.client, ()), claim.due_on, today)
        mine = by_invoice.get(claim.number, [])
        if mandate is None or claim.gross.currency != CURRENCY:
            result.without_mandate.append(claim.number)
        elif held := _held(claim, mandate, mine):
            result.held.append(held)
        else:
            ordinal = _ordinal(mine)
            first = mandate.id not in used
            used.add(mandate.id)
            result.intentions.append(Intention(ordinal, _request(claim, mandate, ordinal, first)))
    return result


def batch_key(requests: Sequence[CollectionRequest], today: date) -> str:
    """The same for the same requests on the same day: `TS-20260301-1f0c...`, 24 characters,
    which leaves room for a file to number its blocks within 35."""
    content = hashlib.sha256(msgspec.json.encode(requests)).hexdigest()
    return f"TS-{today:%Y%m%d}-{content[:12]}"


def _held(one: Due, mandate: Mandate, mine: Sequence[Tried]) -> Problem | None:
    place = f"invoice {one.number} of client {one.client}"
    if one.settled.minor < 0:
        return Problem(
            place,
            "The bank shows a return of its collection but not the payment that came back.",
            "Sync the bank statements in between; then settle and collect again.",
        )
    failed = [
        earlier
        for earlier in mine
        if earlier.mandate == mandate.id and earlier.state in ("failed_late", "declined")
    ]
    if failed and not may_retry(failed[-1].reason):
        return Problem(
            place,
            f"Its collection failed ({meaning(failed[-1].reason)}) and is not tried again.",
            "Agree with the client on a transfer, or get a new mandate.",
        )
    if len(failed) >= COLLECTIONS_MAX:
        return Problem(
            place,
            f"It was collected {len(failed)} times under mandate {mandate.id} and came back.",
            "Agree with the client on a transfer, or get a new mandate.",
        )
    return None


def _ordinal(mine: Sequence[Tried]) -> int:
    """The next attempt's number; a parked one never went out, so its number is used."""
    if not mine:
        return 1
    return mine[-1].ordinal + (mine[-1].state != "parked")


def _request(one: Due, mandate: Mandate, ordinal: int, first: bool) -> CollectionRequest:
    return CollectionRequest(
        key=attempt_key(one.number, ordinal),
        amount=one.gross - one.settled,
        due_on=one.due_on,
        invoice=one.number,
        payer=mandate.holder,
        mandate=mandate.id,
        iban=mandate.iban,
        bic=mandate.bic,
        signed_on=mandate.signed_on,
        first=first,
        remittance=one.number,
        scheme=mandate.scheme,
        payer_id=mandate.payer,
    )
