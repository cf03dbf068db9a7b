"""What must hold of payments that came in another currency than their invoice is in."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from sqlalchemy import Connection, func, select

from tallystick.books.entries import EXCHANGE, SUSPENSE, conversions_account
from tallystick.money import Money
from tallystick.store.books import journal
from tallystick.store.cash.collection_schema import settlement
from tallystick.testing.simulate.francs import EURO, FRANC, TABLE
from tallystick.testing.simulate.world import World

one = settlement.c


def exchanged(_: World, connection: Connection) -> Iterator[str]:
    """What was gained or lost is what came less what it was worth by the table, each payment
    rounded once; and the conversions hold both sides of every one."""
    gained, settled, worth = 0, 0, 0
    for row in connection.execute(_FOREIGN):
        carried = Money.rounded(Fraction(Money(int(row.settled), FRANC).amount) * TABLE, EURO)
        gained += row.worth - carried.minor
        settled += row.settled
        worth += row.worth
    booked = journal.balances(connection)
    between = conversions_account(FRANC, EURO)
    for account, currency, minor in (
        (EXCHANGE, EURO, -gained),
        (between, FRANC, settled),
        (between, EURO, gained - worth),
    ):
        if booked.get((account, currency), 0) != minor:
            said = booked.get((account, currency), 0)
            yield f"{account} stands at {said} minor units of {currency}, and should at {minor}"


def placed(world: World, connection: Connection) -> Iterator[str]:
    """Of francs that were told and wholly placed each has gone to an invoice: none is lost on the
    way, and none was made."""
    rows = connection.execute(select(settlement).where(one.account != SUSPENSE)).all()
    for account in world.accounts:
        for moved in account.movements:
            told = moved.more.get("paid_amount")
            key = (account.name, moved.ref)
            mine = [row for row in rows if (row.connection, row.bank_transaction) == key]
            if told is None or any(row.invoice is None for row in mine):
                continue
            francs = sum(row.amount_minor for row in mine)
            if francs != Money.exact(told, FRANC).minor:
                yield f"{moved.ref} brought {told} {FRANC}, and {francs} minor units were placed"


_FOREIGN = (
    select(
        func.sum(one.amount_minor).label("settled"),
        func.sum(one.moved_minor + one.fee_minor).label("worth"),
    )
    .where(one.currency != one.moved_currency)
    .group_by(one.connection, one.bank_transaction, one.invoice)
)
RULES = (exchanged, placed)
