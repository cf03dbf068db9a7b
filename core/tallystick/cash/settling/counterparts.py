"""Money in suspense whose counterpart came later: the payout it is the other half of, or the
return it takes back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime

from tallystick.cash.settling.booking import TURN, book, parts_from
from tallystick.cash.settling.claims import PLACEABLE, Application
from tallystick.cash.settling.matching import reinstated
from tallystick.cash.settling.numbers import Numbers
from tallystick.cash.settling.payouts import Provider, transfer_of
from tallystick.cash.settling.standing import read_standing
from tallystick.cash.settling.suspense import waiting_of
from tallystick.store.cash import settlements
from tallystick.store.cash.payouts import records_of
from tallystick.store.database import Database
from tallystick.store.turn import take_turn


def place_payouts(
    database: Database,
    numbers: Numbers,
    providers: Mapping[str, Provider],
    today: date,
    now: Callable[[], datetime],
) -> int:
    """Take out of suspense what came from a provider before its payout was known; how many."""
    if not providers:
        return 0
    placed = 0
    with database.write() as connection:
        take_turn(connection, TURN)
        waiting = [one for one in settlements.suspended(connection) if one.rule in PLACEABLE]
        earlier = settlements.parts_of(connection, [one.movement for one in waiting])
        records = records_of(connection, [one.movement for one in waiting])
        for one in waiting:
            record = records[one.movement]
            named = numbers.named_in(one.remittance)
            against = transfer_of(one.movement.connection, record, named, providers)
            if against is None:
                continue
            before = earlier[one.movement]
            waits = waiting_of(one, before)
            whole = [Application("transfer", waits.paid, "payout", against=against)]
            head = (one.movement, before[-1].content_hash, waits, today, whole)
            book(connection, parts_from(*head, len(before) + 1), {}, {}, now())
            placed += 1
    return placed


def place_reinstated(database: Database, today: date, now: Callable[[], datetime]) -> int:
    """Take out of suspense what took a return back before that was seen, where it is now and was
    not of suspense itself; how many."""
    placed = 0
    with database.write() as connection:
        take_turn(connection, TURN)
        early = [
            one for one in settlements.suspended(connection) if one.rule == "nothing_to_reinstate"
        ]
        earlier = settlements.parts_of(connection, [one.movement for one in early])
        for one in early:
            before = earlier[one.movement]
            key = str(before[-1].attempt)
            standing = read_standing(connection, (), {key}, ())
            debit = standing.debits[key]
            if not debit.returned:
                continue
            waits = waiting_of(one, before)
            amount = waits.within(debit.amount.currency)
            if amount is None:
                continue
            found = reinstated(debit, amount, standing.claims)
            paid = [part for part in found if part.invoice is not None]
            if not paid:
                continue
            head = (one.movement, before[-1].content_hash, waits, today)
            book(connection, parts_from(*head, paid, len(before) + 1), {}, {}, now())
            placed += len(paid)
    return placed
