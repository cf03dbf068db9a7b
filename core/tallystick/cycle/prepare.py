"""Prepare: clients priced one after the other, what is left to bill them reviewed and ready to
store. It only reads, so several processes can prepare a share of the clients each.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection

from tallystick.billing.charges import Placement
from tallystick.cycle.detailing import detailed
from tallystick.cycle.pricing_client import (
    Draft,
    drafts,
    drafts_of_write_downs,
    price_client,
    quiet,
)
from tallystick.cycle.reviewing import reviewed
from tallystick.cycle.terms import BillingTerms
from tallystick.errors import TallystickError
from tallystick.period import Period
from tallystick.store.billing import charges, write_downs
from tallystick.store.billing import proposals as stored
from tallystick.store.billing.details import ToldByClient
from tallystick.store.billing.prepared import Prepared, prepared
from tallystick.store.facts import quarantine
from tallystick.store.facts.by_client import client_facts
from tallystick.store.streams import ALL, Share

CLIENTS, CHARGES = 500, 10_000
"""A chunk is this many clients, or fewer once it has this many charges: memory stays flat."""
COLLECTED_AFTER = 50_000


class PreparedClient(Struct, frozen=True):
    """What is left to bill one client, whose invoices were `invoiced` in number then; `held` are
    its bookings that cannot be billed, `quiet` says why nothing due is worth a look."""

    client: str
    invoiced: stored.Counts
    proposals: list[Prepared] = []
    held: list[Placement] = []
    quiet: str = ""
    error: TallystickError | None = None


Chunks = Iterator[list[PreparedClient]]
_Priced = tuple[PreparedClient, list[Draft]]
"""A client without its proposals, and what they are prepared from."""


def prepare(
    connection: Connection, terms: BillingTerms, period: Period, share: Share = ALL
) -> Chunks:
    """The clients of `share` in the order of their refs, up to the end of `period`, in chunks."""
    with _seldom_collected():
        for chunk in _chunks(_price_all(connection, terms, period, share)):
            own = [draft for _, its in chunk for draft in its]
            proposals = (
                prepared(one, draft.asked_by)
                for one, draft in zip(reviewed(connection, own, terms, period), own, strict=True)
            )
            yield [
                replace(client, proposals=list(islice(proposals, len(its))))
                for client, its in chunk
            ]


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """Pricing makes many short-lived values that never refer to each other in a circle: looking
    for circles more seldom spares a tenth of the time."""
    usual = gc.get_threshold()
    gc.set_threshold(COLLECTED_AFTER, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _price_all(
    connection: Connection, terms: BillingTerms, period: Period, share: Share
) -> Iterator[_Priced]:
    quarantined = quarantine.count_by_client(connection, terms.homes)
    invoiced = stored.invoiced(connection)
    downs = write_downs.by_client(connection)
    before = charges.BilledByClient(connection, share)
    told = ToldByClient(connection, share) if terms.detailed else None
    for facts in client_facts(connection, terms.homes, period.end, terms.zone, share=share):
        client = facts.client.id
        counts = invoiced.get(client, {})
        billed = before.take(client)
        given_up = drafts_of_write_downs(downs.get(client, ()), billed, terms)
        try:
            priced = price_client(facts, terms, period.end)
            own = drafts(priced, billed, terms, period, quarantined.get(client, 0), counts)
            if told is not None:
                own = detailed(own, priced, terms, told)
        except TallystickError as error:
            yield PreparedClient(client, counts, error=error), given_up
        else:
            held = [one for one in priced.placements if one.bucket == "held"]
            look = "" if own else quiet(priced, billed, period)
            yield PreparedClient(client, counts, held=held, quiet=look), [*own, *given_up]


def _chunks(clients: Iterable[_Priced]) -> Iterator[list[_Priced]]:
    chunk: list[_Priced] = []
    charges = 0
    for one in clients:
        chunk.append(one)
        charges += sum(len(draft.case.charges) for draft in one[1])
        if len(chunk) >= CLIENTS or charges >= CHARGES:
            yield chunk
            chunk, charges = [], 0
    if chunk:
        yield chunk
