"""What people do: clients who order and pay, and those at the MSP who decide."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from tallystick.cash.listening import verdicts
from tallystick.cash.repaying import refunds
from tallystick.cycle import approve as approving
from tallystick.errors import Stop
from tallystick.money import Money
from tallystick.store.cash.collection_schema import attempt
from tallystick.store.cash.provider_schema import refund
from tallystick.testing.simulate.francs import BANK_TAKES, EURO, FRANC, in_euro, told_as

if TYPE_CHECKING:
    from tallystick.testing.simulate.world import World

FEES: Final = (100, 250, 480)
_REFUNDS_ASKED = select(refund.c.key).where(refund.c.state == "requested")
_LOST = select(attempt.c.key).where(attempt.c.state == "lost")


def clients_come(world: World, *, from_abroad: bool) -> None:
    """One client, or two or three; debited, charged by card, or neither. From abroad they come
    with francs or with euro."""
    chance, since = world.moments.chance, world.installation.today
    for number in range(chance.weighted({1: 2, 2: 3, 3: 2})):
        client = str(1001 + number)
        fee = chance.one_of(FEES)
        currency = chance.one_of((EURO, FRANC, FRANC)) if from_abroad else EURO
        world.psa.sell(client, fee, since, currency)
        match chance.weighted({"card": 6, "debit": 3, "transfer": 1}):
            case "card":
                world.cards.give_card(client)
            case "debit":
                world.psa.sign(client)


def service_is_given(world: World) -> None:
    """Technicians book time, change what they booked, delete it, or make what is gone again."""
    chance, today = world.moments.chance, world.installation.today
    for _ in range(chance.between(0, 3)):
        known = sorted(world.psa.rows.of("booking"))
        client, hours = chance.one_of(world.clients), chance.between(0, 4)
        since = world.psa.rows.of("contract")[client]["starts_on"]
        if known and chance.happens(150):
            world.psa.delete(chance.one_of(known))
        elif known and chance.happens(300):
            row = world.psa.rows.of("booking")[chance.one_of(known)]
            world.psa.work(row["id"], row["client"], row["work_date"], hours)
        else:
            day = max(since, today - timedelta(days=chance.between(0, 20)))
            again = world.psa.made_again()
            row = again or {"id": world.psa.new_ref(), "client": client, "work_date": day}
            world.psa.work(row["id"], row["client"], row["work_date"], hours)


def payers_pay(world: World) -> None:
    """Somebody transfers what an invoice asks for, or less, more, or what no invoice asks."""
    chance = world.moments.chance
    for number, client, minor in world.issued():
        if minor <= 0 or not chance.happens(40 if world.debited(client) else 200):
            continue
        percent = chance.weighted({100: 8, 50: 1, 110: 1})
        late = chance.lasts(timedelta(0), timedelta(days=3))
        text = chance.weighted({f"Invoice {number}": 9, "Thank you": 1})
        amount = Money(minor * percent // 100, world.currency_of(client))
        _transfer(world, amount, late, text, client)


def somebody_pays_all(world: World) -> None:
    """A client transfers in one sum what all their invoices ask for, whatever was paid of them."""
    chance = world.moments.chance
    client = f"psa:{chance.one_of(world.clients)}"
    theirs = {number: minor for number, of, minor in world.issued() if of == client and minor > 0}
    if theirs and chance.happens(150):
        amount = Money(sum(theirs.values()), world.currency_of(client))
        _transfer(world, amount, timedelta(hours=chance.between(0, 72)), ", ".join(theirs), client)


def _transfer(world: World, amount: Money, late: timedelta, text: str, client: str) -> None:
    more: dict[str, Any] = {"remittance": text, "counterparty": client}
    charges = Money.zero(EURO)
    if amount.currency != EURO:
        charges = BANK_TAKES
        more |= {"charges": charges.amount, **told_as(amount)}
    world.bank.book(in_euro(amount, world.moments.chance) - charges, late, **more)


def the_provider_is_busy(world: World) -> None:
    """Payouts, and payments somebody makes by hand on the provider's own pages."""
    chance = world.moments.chance
    if chance.happens(250):
        world.cards.pay_out(world.bank)
    under_way = [one for one in world.cards.intents if one.state in ("processing", "succeeded")]
    if under_way and chance.happens(150):
        world.cards.somebody_tries(under_way[-1].request.key)


def approve(world: World) -> object:
    """A second person looks at what the policy leaves to one, and lets it go."""
    given = (world.installation.database, world.period, "ben", "seen", frozenset[str]())
    return approving.approve(*given, world.moments.now)


def ask_refund(world: World) -> object:
    """Somebody is to have money back, all or half of what their card was charged."""
    chance = world.moments.chance
    paid = [one for one in world.cards.intents if one.state == "succeeded"]
    if not paid:
        return "nobody paid by card"
    request = chance.one_of(paid).request
    amount = Money(request.amount.minor // chance.one_of((1, 1, 2)), request.amount.currency)
    given = (world.installation.database, request.invoice, amount.amount, "goodwill", "anna")
    return refunds.ask(*given, ["cards"], world.moments.now)


def let_refunds_go(world: World) -> object:
    """A second person lets every refund go that may, and refuses the others."""
    database, now, found = world.installation.database, world.moments.now, []
    with world.database.read() as connection:
        keys = list(connection.execute(_REFUNDS_ASKED).scalars())
    for key in keys:
        try:
            refunds.approve(database, key, "ben", now)
            found.append(key)
        except Stop:
            refunds.refuse(database, key, "ben", now)
    return f"let go: {found}"


def decide(world: World) -> object:
    """Two people look up what nobody can be asked about, and say so."""
    with world.database.read() as connection:
        keys = list(connection.execute(_LOST).scalars())
    for key in keys:
        known = world.cards.intent_of(key) is not None
        verdict: verdicts.Verdict = "went-through" if known else "never-sent"
        for who in ("anna", "ben"):
            given = (world.installation.database, key, verdict, who, "looked up")
            verdicts.resolve(*given, world.moments.now)
    return f"decided: {keys}"
