"""What clients and the MSP agree on about what is owed: plans, pages to pay on, and holds while it
is argued about."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from tallystick.cash.collecting import holds, plans
from tallystick.cash.policy.instalments import Every
from tallystick.engine import provider
from tallystick.store.billing.schema import invoice
from tallystick.store.books import control
from tallystick.store.cash.pages import LIVE
from tallystick.store.cash.provider_schema import page

if TYPE_CHECKING:
    from tallystick.testing.simulate.world import World

EVERY: Final[tuple[Every, ...]] = ("week", "week", "fortnight", "month")
_LIVE_PAGES = select(page.c.key).where(page.c.state.in_(LIVE))
_OPEN = select(invoice.c.number).where(invoice.c.gross_minor > invoice.c.settled_minor)


def agree_on_a_plan(world: World) -> object:
    """A client pays an open invoice in parts from one of the next days on."""
    chance, database = world.moments.chance, world.installation.database
    number = _one_open(world)
    if number is None:
        return "nothing is open"
    first = world.installation.today + timedelta(days=chance.between(0, 6))
    parts, every = chance.between(2, 4), chance.one_of(EVERY)
    plans.agree(database, number, parts, every, first, "anna", world.moments.now)
    return f"{number} in {parts} parts, one a {every} from {first}"


def end_a_plan(world: World) -> object:
    """A plan ends: all that is open is due."""
    with world.database.read() as connection:
        agreed = sorted(plans.agreed(connection))
    if not agreed:
        return "there is no plan"
    number = world.moments.chance.one_of(agreed)
    plans.end(world.installation.database, number, "anna", "paid at once", world.moments.now)
    return f"{number} is due at once"


def hold_or_lift(world: World) -> object:
    """Somebody holds an invoice, its client or all payments; what is held is lifted."""
    chance, database, now = world.moments.chance, world.installation.database, world.moments.now
    with world.database.read() as connection:
        held = sorted(control.holds(connection))
    if held:
        subject = chance.one_of(held)
        holds.lift(database, subject, "ben", now)
        return f"{subject} is lifted"
    issued = world.issued()
    if not issued:
        return "nothing is issued"
    number, client, _ = chance.one_of(issued)
    subject = chance.one_of((number, number, client, control.PAYMENTS))
    holds.hold(database, subject, "anna", "it is argued about", now)
    return f"{subject} is held"


def open_a_page(world: World) -> object:
    """A client gets a link on which they pay an open invoice, or give a card."""
    one, chance = world.installation, world.moments.chance
    number = _one_open(world) if chance.happens(750) else None
    client = f"psa:{chance.one_of(world.clients)}"
    if number is not None:
        key = provider.open_page(one, None, number, None, None, "anna")
    else:
        key = provider.open_page(one, client, None, None, "EUR", "anna")
    provider.advance_page(one, key)
    return f"page {key} of {number or client}"


def close_a_page(world: World) -> object:
    """Nobody is to pay on some page any more."""
    with world.database.read() as connection:
        live = sorted(connection.execute(_LIVE_PAGES).scalars())
    if not live:
        return "there is no page"
    key = world.moments.chance.one_of(live)
    provider.close_page(world.installation, key)
    return f"page {key} is closed"


def lift_all(world: World) -> None:
    """Whatever was argued about is settled."""
    with world.database.read() as connection:
        held = sorted(control.holds(connection))
    for subject in held:
        holds.lift(world.database, subject, "ben", world.moments.now)


def _one_open(world: World) -> str | None:
    with world.database.read() as connection:
        numbers = sorted(connection.execute(_OPEN).scalars())
    return world.moments.chance.one_of(numbers) if numbers else None
