"""What must hold of what was agreed on with clients and of what they were reminded of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import Connection, select

from tallystick.store.billing.schema import invoice, outbound
from tallystick.store.books import control
from tallystick.store.cash.collection_schema import attempt
from tallystick.store.cash.pages import LIVE
from tallystick.store.cash.provider_schema import page, refund
from tallystick.store.facts.schema import FACTS
from tallystick.testing.simulate.mail import STEPS
from tallystick.testing.simulate.reminded import GIVEN_BACK, REMINDERS, kept
from tallystick.testing.simulate.world import World

ARRIVED = {"confirmed", "unknown"}
"""What became of a letter that arrived, as far as its sender can know."""


def plans(_: World, connection: Connection) -> Iterator[str]:
    """The instalments of every plan come to what was open of its invoice."""
    gross = {row.number: row.gross_minor for row in connection.execute(select(invoice))}
    for row in control.events(connection):
        if row.kind == "plan":
            shared = sum(minor for _, minor in row.detail["parts"])
            if shared + row.detail["before"] != gross[row.subject]:
                yield f"a plan of {row.subject} comes to {shared} minor units: {row.detail}"


def reminders(world: World, connection: Connection) -> Iterator[str]:
    """What was noted as sent has arrived, what arrived is known, and who owes was reminded."""
    noted: Counter[str] = Counter()
    sure: Counter[str] = Counter()
    for row in connection.execute(select(outbound).where(*REMINDERS)):
        number = row.key.rpartition(":")[0]
        noted[number] += row.state in ARRIVED
        sure[number] += row.state == "confirmed"
    for number, _, _ in world.issued():
        arrived = len(world.mail.of(number))
        if not sure[number] <= arrived <= noted[number]:
            known = f"{sure[number]} to {noted[number]}"
            yield f"{arrived} reminders of {number} arrived, and {known} are known"
    for number in _owed(world, connection):
        if noted[number] != len(STEPS):
            yield f"{number} is open and was reminded of {noted[number]} times"


def pages(world: World, connection: Connection) -> Iterator[str]:
    """Every page is over, as it is at the provider; a card that was given on one is known."""
    for row in connection.execute(select(page)):
        hosted = world.cards.pages.of(row.key)
        truth = {hosted.state} if hosted is not None else {"expired", "parked", "lost"}
        if row.state not in truth or row.state in LIVE:
            yield f"page {row.key} is {row.state}, and in truth {' or '.join(sorted(truth))}"
    stored = FACTS["mandate"]
    mine = select(stored.c.id).where(stored.c.connection == "cards")
    for ref in world.cards.rows.of("mandate").keys() - set(connection.execute(mine).scalars()):
        yield f"mandate {ref} was given on a page, and nobody knows of it"


def _owed(world: World, connection: Connection) -> Iterator[str]:
    """Invoices that are open, and that nothing spares a reminder."""
    disputed = select(attempt.c.invoice).where(attempt.c.state == "disputed")
    given = select(refund.c.settles).where(refund.c.state.in_(GIVEN_BACK))
    spared = {*connection.execute(disputed).scalars(), *connection.execute(given).scalars()}
    config, at = world.installation.config, world.moments.at
    for row in connection.execute(select(invoice).where(invoice.c.state.in_(_OWED))):
        owes = row.gross_minor > row.settled_minor
        on_a_plan = kept(connection, row.number, row.settled_minor, at, config)
        if owes and row.number not in spared and not on_a_plan:
            yield row.number


_OWED = ("posted", "reopened", "part_paid")
RULES = (plans, reminders, pages)
