"""Which open invoices to collect now, and what exactly to ask for. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import msgspec

from tallystick.cash.collecting.attempts import (
    COLLECTIONS_MAX,
    NEVER_SENT,
    State,
    attempt_key,
)
from tallystick.cash.collecting.channels import Authority, authority_for
from tallystick.cash.policy.decision import Ask
from tallystick.cash.policy.reasons import reason_of, told
from tallystick.connector import CollectionRequest
from tallystick.errors import Problem
from tallystick.money import Money
from tallystick.records import Mandate


@dataclass(frozen=True, slots=True)
class Due:
    """An invoice with money to come; `settled` is negative while only a return is known.
    `given_back` says that we refunded some of what was paid of it."""

    number: str
    client: str
    gross: Money
    settled: Money
    due_on: date
    given_back: bool = False

    @property
    def place(self) -> str:
        return f"invoice {self.number} of client {self.client}"


@dataclass(frozen=True, slots=True)
class Tried:
    """An earlier attempt of some invoice of a client, and the mandate it used."""

    invoice: str
    ordinal: int
    state: State
    reason: str
    mandate: str
    request: CollectionRequest | None = None


@dataclass(frozen=True, slots=True)
class Intention:
    """A request to make of `connection`, as attempt number `ordinal` of its invoice."""

    ordinal: int
    request: CollectionRequest
    connection: str
    batched: bool


@dataclass(slots=True)
class Plan:
    """What to collect, what a person must look at first, and who pays by themselves."""

    intentions: list[Intention] = field(default_factory=list)
    held: list[Problem] = field(default_factory=list)
    without_mandate: list[str] = field(default_factory=list)


Policy = Callable[[Due, Authority, Sequence[Tried], date], "Ask | Problem | None"]
"""What of an invoice is asked for under a mandate today, given its earlier attempts in order: an
amount up to what is open with the day it is debited, why a person must look first, or None for
not yet."""


def plan(
    due: Iterable[Due],
    candidates: Mapping[str, Sequence[Authority]],
    tried: Sequence[Tried],
    today: date,
    policy: Policy | None = None,
) -> Plan:
    """What to collect of `due` invoices that have no open attempt; `candidates` by client.

    Once per invoice, as much as the `policy` says. A mandate's first use is the earliest due of
    the plan, unless an earlier attempt went out under it.
    """
    result = Plan()
    decide = policy or whole_amount
    by_invoice: dict[str, list[Tried]] = {}
    for one in sorted(tried, key=lambda one: one.ordinal):
        by_invoice.setdefault(one.invoice, []).append(one)
    used = {one.mandate for one in tried if one.state not in (*NEVER_SENT, "declined")}
    for claim in sorted(due, key=lambda claim: (claim.due_on, claim.number)):
        currency = claim.gross.currency
        able = [
            one
            for one in candidates.get(claim.client, ())
            if not (one.mandate.one_off and one.mandate.id in used)
        ]
        chosen = authority_for(able, currency, claim.due_on, today)
        if chosen is None:
            result.without_mandate.append(claim.number)
            continue
        mine = by_invoice.get(claim.number, [])
        asked = _impossible(claim, mine) or decide(claim, chosen, mine, today)
        if isinstance(asked, Problem):
            result.held.append(asked)
        elif asked is not None:
            first = chosen.mandate.id not in used
            used.add(chosen.mandate.id)
            result.intentions.append(_intention(claim, asked, chosen, mine, first))
    return result


def batch_key(requests: Sequence[CollectionRequest], today: date) -> str:
    """The same for the same requests on the same day: `TS-20260301-1f0c...`, 24 characters,
    which leaves room for a file to number its blocks within 35."""
    content = hashlib.sha256(msgspec.json.encode(requests)).hexdigest()
    return f"TS-{today:%Y%m%d}-{content[:12]}"


def _impossible(one: Due, mine: Sequence[Tried]) -> Problem | None:
    """Why an invoice is collected under no policy at all."""
    if one.settled.minor < 0:
        return Problem(
            one.place,
            "The bank shows a return of its collection but not the payment that came back.",
            "Sync the bank statements in between; then settle and collect again.",
        )
    if one.given_back:
        return Problem(
            one.place,
            "Some of what was paid of it was given back, which is not collected again.",
            "Write off what is open, or agree with the client on a transfer.",
        )
    if any(earlier.state == "disputed" for earlier in mine):
        return Problem(
            one.place,
            "Its payment is disputed, and who is to have the money is not decided.",
            "Answer the dispute at the provider; it is collected again once that is lost.",
        )
    return None


def whole_amount(
    one: Due, chosen: Authority, mine: Sequence[Tried], _today: date
) -> Ask | Problem | None:
    """The policy without a policy: all that is open, at once; again only for a reason that
    passes, and not for ever."""
    mandate = chosen.mandate.id
    failed = [
        earlier
        for earlier in mine
        if earlier.mandate == mandate and earlier.state in ("failed_late", "declined")
    ]
    if failed and reason_of(failed[-1].reason).kind != "soft":
        return Problem(
            one.place,
            f"Its collection failed ({told(failed[-1].reason)}) and is not tried again.",
            "Agree with the client on a transfer, or get a new mandate.",
        )
    if len(failed) >= COLLECTIONS_MAX:
        return Problem(
            one.place,
            f"It was collected {len(failed)} times under mandate {mandate} and came back.",
            "Agree with the client on a transfer, or get a new mandate.",
        )
    return Ask(one.gross - one.settled, one.due_on)


def _intention(
    one: Due, asked: Ask, chosen: Authority, mine: Sequence[Tried], first: bool
) -> Intention:
    """The next attempt. A parked one never went out, so in a batch its number is used again; a
    provider that was asked alone may have kept the key, which then stands for that body."""
    batched = chosen.collects.batched
    if not mine:
        return Intention(1, _request(one, asked, chosen.mandate, 1, first), *_by(chosen))
    last = mine[-1]
    if last.state == "parked":
        again = _request(one, asked, chosen.mandate, last.ordinal, first)
        if batched or last.request in (None, again):
            return Intention(last.ordinal, again, *_by(chosen))
    ordinal = last.ordinal + 1
    return Intention(ordinal, _request(one, asked, chosen.mandate, ordinal, first), *_by(chosen))


def _by(chosen: Authority) -> tuple[str, bool]:
    return chosen.connection, chosen.collects.batched


def _request(
    one: Due, asked: Ask, mandate: Mandate, ordinal: int, first: bool
) -> CollectionRequest:
    return CollectionRequest(
        key=attempt_key(one.number, ordinal),
        amount=asked.amount,
        due_on=asked.on,
        invoice=one.number,
        payer=mandate.holder,
        mandate=mandate.id,
        iban=mandate.iban,
        bic=mandate.bic,
        signed_on=mandate.signed_on,
        first=first,
        one_off=mandate.one_off,
        remittance=one.number,
        scheme=mandate.scheme,
        payer_id=mandate.payer,
    )
