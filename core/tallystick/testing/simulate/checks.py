"""What must hold when all is quiet: the line's rows against the vendors' own truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, func, select

from tallystick.books.entries import SUSPENSE, bank_account
from tallystick.cash.showing.overview import overview
from tallystick.money import Money
from tallystick.store.billing.schema import charge, invoice, outbound
from tallystick.store.books import journal
from tallystick.store.books.schema import entry
from tallystick.store.cash import settlements
from tallystick.store.cash.collection_schema import attempt, settlement
from tallystick.store.cash.provider_schema import event, refund
from tallystick.store.facts.schema import FACTS
from tallystick.testing.simulate.giving_up import given_up_of
from tallystick.testing.simulate.intents import Intent
from tallystick.testing.simulate.world import World

Rule = Callable[[World, Connection], Iterator[str]]


def check(world: World, rules: Sequence[Rule] = ()) -> None:
    """Note every breach of `rules`, or of those that always hold, in the world's trace."""
    with world.database.read() as connection:
        for rule in rules or _RULES:
            for sentence in rule(world, connection):
                world.moments.breach(sentence)


def _billed(world: World, connection: Connection) -> Iterator[str]:
    """Every client was invoiced what their service is worth by now: nothing twice, nothing lost."""
    rows = connection.execute(
        select(invoice.c.client, func.sum(invoice.c.net_minor)).group_by(invoice.c.client)
    ).all()
    given_up = given_up_of(connection)
    billed = {client: int(minor) + given_up.get(client, 0) for client, minor in rows}
    for client in world.clients:
        currency = world.currency_of(client)
        due = Money.exact(world.psa.worth(client, world.period.end), currency)
        if billed.get(f"psa:{client}", 0) != due.minor:
            found = Money(billed.get(f"psa:{client}", 0), currency)
            yield f"client {client} was invoiced {found} net where {due} is due"
    for basis, minor, times in connection.execute(_OF_BOOKINGS):
        ref = basis.rpartition(":")[2]
        worth = world.psa.worth_of(ref, world.period.end)
        if minor != worth:
            yield f"of {basis} {minor} minor units were invoiced, and it is worth {worth}"
        if times > world.psa.changes.get(ref, times):
            yield f"{basis} changed {world.psa.changes[ref]} times and was invoiced {times} times"


def _posted(world: World, connection: Connection) -> Iterator[str]:
    """Accounting has every invoice once, or it is said why not."""
    there = Counter(one.key for one in world.books.documents if one.record == "invoice")
    for row in connection.execute(select(invoice)):
        if row.state == "issued":
            yield f"invoice {row.number} is still not posted"
        elif there[row.number] != 1:
            yield f"invoice {row.number} is {there[row.number]} times in accounting"
    for row in connection.execute(select(outbound).where(outbound.c.state != "confirmed")):
        if not row.reason:
            yield f"{row.kind} {row.key} is {row.state} for no reason"
    ours: Counter[str] = Counter()
    for row in _invoices(connection):
        ours[row.currency] += row.gross_minor - row.settled_minor
    theirs = _receivable(world)
    if +ours != +theirs or -ours != -theirs:
        yield f"the open items are {ours}, and accounting says {theirs}, in minor units"


def _receivable(world: World) -> Counter[str]:
    """What accounting still waits for, by currency: its invoices less its payments."""
    signs = {"invoice": ("gross", 1), "payment": ("amount", -1)}
    found: Counter[str] = Counter()
    for one in world.books.documents:
        if one.record in signs:
            name, sign = signs[one.record]
            amount = Money.exact(one.raw[name], one.raw["currency"])
            found[amount.currency] += sign * amount.minor
    return found


def _invoices(connection: Connection) -> list[Any]:
    return list(connection.execute(select(invoice)))


def _books(world: World, connection: Connection) -> Iterator[str]:
    """The journal balances, its accounts are those of the world, and its claims those of rows."""
    booked = journal.balances(connection)
    for currency in {currency for _, currency in booked}:
        if rest := sum(minor for (_, own), minor in booked.items() if own == currency):
            yield f"the journal is out by {rest} minor units of {currency}"
    for account in world.accounts:
        ours = booked.get((bank_account(account.name), "EUR"), 0)
        if ours != account.balance_minor:
            yield f"{account.name} holds {account.balance_minor}, the journal says {ours}"
    for one in overview(connection).currencies:
        if not one.ties:
            yield f"receivable or suspense of the journal differ from the rows: {one}"


def _money(world: World, connection: Connection) -> Iterator[str]:
    """Every movement was read, and all of it settles something or waits in suspense."""
    stored = FACTS["bank_transaction"]
    known = {(row.connection, row.id) for row in connection.execute(select(stored))}
    parts: dict[tuple[str, str], int] = {}
    for row in connection.execute(select(settlement).where(settlement.c.account != SUSPENSE)):
        key = (row.connection, row.bank_transaction)
        parts[key] = parts.get(key, 0) + row.moved_minor
        if row.invoice is None and not row.rule:
            yield f"{key} waits in suspense for no reason"
    for account in world.accounts:
        for one in account.movements:
            key = (account.name, one.ref)
            if key not in known:
                yield f"movement {one.ref} of {one.amount} was never read"
            elif parts.get(key) != one.amount.minor:
                yield f"movement {one.ref} of {one.amount} is settled with {parts.get(key)}"


def _spent(_: World, connection: Connection) -> Iterator[str]:
    """Nothing is settled beyond what it comes to, and of no movement is more taken out of suspense
    than was put there: what a client has with us is spent once."""
    for row in _invoices(connection):
        if row.settled_minor * row.gross_minor > row.gross_minor**2:
            yield f"{row.number} comes to {row.gross_minor}, and {row.settled_minor} settled it"
    for one in settlements.suspended(connection):
        if one.minor < 0 and not one.returned:
            yield f"{-one.minor} more was taken out of suspense than {one.movement} put there"


def _attempts(world: World, connection: Connection) -> Iterator[str]:
    """Every attempt is where the collector's own truth is."""
    debits = {one.request.key: one for one in world.debits.debits}
    intents = {one.request.key: one for one in world.cards.intents}
    for row in connection.execute(select(attempt)):
        if debit := debits.get(row.key):
            expected = {"failed_late" if debit.returned else "succeeded"}
        elif intent := intents.get(row.key):
            expected = _states(intent)
        else:
            expected = {"parked", "declined", "cancelled", "lost"}
        if row.state not in expected:
            yield f"attempt {row.key} is {row.state}, and in truth {' or '.join(sorted(expected))}"
        elif row.state in ("parked", "lost") and not row.reason:
            yield f"attempt {row.key} is {row.state} for no reason"


def _states(intent: Intent) -> set[str]:
    """Our words for where a payment is; who is to have contested money is another record's."""
    if intent.state != "succeeded":
        return {intent.state}
    return {"succeeded"} if intent.dispute == "none" else {"succeeded", "disputed", "failed_late"}


def _events(world: World, connection: Connection) -> Iterator[str]:
    """What was acknowledged is stored, and was processed."""
    states = {row.id: row.state for row in connection.execute(select(event))}
    for one in world.cards.webhooks.tellings:
        state = states.get(one.event.id)
        if one.acknowledged and state not in ("processed", "ignored"):
            yield f"event {one.event.id} was acknowledged and is {state or 'not stored'}"


def _refunds(world: World, connection: Connection) -> Iterator[str]:
    """Every refund that was made is known, and none that was not is believed."""
    made = {one.request.key: one.answer.state for one in world.cards.refunds.made}
    for row in connection.execute(select(refund)):
        truth = made.pop(row.key, None)
        known = {row.state} & {"succeeded"} if truth else {row.state} - {"pending", "succeeded"}
        if not known or not (truth or row.reason or row.state == "refused"):
            yield f"refund {row.key} is {row.state}, and in truth {truth or 'never came'}"
    for key in made:
        yield f"refund {key} was made, and nobody knows of it"


_OF_BOOKINGS = (
    select(charge.c.basis, func.sum(charge.c.amount_minor), func.count())
    .where(charge.c.basis.startswith("booking:"))
    .group_by(charge.c.basis)
)
_RULES = (_billed, _posted, _books, _money, _spent, _attempts, _events, _refunds)


def everything(world: World) -> dict[str, list[Any]]:
    """All that must not change when there is nothing left to do, by where it is."""
    with world.database.read() as connection:
        ours = {name: list(connection.execute(rows)) for name, rows in _ROWS.items()}
    return {**ours, "accounting": [one.key for one in world.books.documents]}


def differences(before: dict[str, list[Any]], after: dict[str, list[Any]]) -> list[str]:
    """Where the two are not the same."""
    return [name for name, rows in after.items() if rows != before[name]]


_ROWS = {
    table.name: select(table).order_by(*table.primary_key)
    for table in (invoice, attempt, settlement, outbound, entry)
}
