"""Settle: every movement of the bank finds its invoice, its collection, or suspense.

One transaction per chunk holds the parts, their journal entries and the new states, so a
crash costs at most a chunk of re-reading; running twice settles once. A movement the bank
corrected (a batch shown as one, later in its details) is undone by further parts and told
again. Money in suspense is placed as soon as an invoice it names is open.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, select

from tallystick.books import entries
from tallystick.books.exchange import ExchangeRate
from tallystick.cash.recognising.candidates import SHIPPED, Bars
from tallystick.cash.recognising.doubts import doubted
from tallystick.cash.recognising.payer_book import PayerBook
from tallystick.cash.settling import afterwards
from tallystick.cash.settling.booking import TURN, book, mirrored, parts_from, still_fits
from tallystick.cash.settling.claims import Application
from tallystick.cash.settling.matching import match
from tallystick.cash.settling.numbers import Numbers
from tallystick.cash.settling.payouts import Provider, transfer_of
from tallystick.cash.settling.received import Received, received_of
from tallystick.cash.settling.standing import (
    read_standing,
    untouched,
)
from tallystick.errors import Problem, Stop
from tallystick.money import Money
from tallystick.records import BankTransaction
from tallystick.store.billing.schema import invoice
from tallystick.store.cash import payouts as stored
from tallystick.store.cash import settlements
from tallystick.store.cash.settlements import Movement, Part
from tallystick.store.database import Database
from tallystick.store.facts.records import record_of
from tallystick.store.turn import take_turn

CHUNK = 500


@dataclass(slots=True)
class SettleReport:
    """What this run did. `settled` are payments and refunds by invoice, `returned` what came
    back of them with the bank's reason; `suspended` counts parts put into suspense, `placed`
    those taken out of it, `payouts` halves of payouts, `in_review` movements in suspense that a
    person is asked about, and `written_off` what payments left of invoices and was too little to
    ask for. `problems` are movements that cannot be settled as they are, and payments in another
    currency that no exchange rate is known for."""

    movements: int = 0
    settled: list[tuple[str, Money]] = field(default_factory=list)
    returned: list[tuple[str, Money, str]] = field(default_factory=list)
    suspended: int = 0
    placed: int = 0
    in_review: int = 0
    written_off: list[tuple[str, Money]] = field(default_factory=list)
    payouts: int = 0
    problems: list[Problem] = field(default_factory=list)


class Told(NamedTuple):
    """A movement as its bank tells it now, with the invoice numbers its remittance names and, of
    a payout, the account it is booked against."""

    movement: Movement
    content_hash: str
    record: BankTransaction
    received: Received
    named: list[str]
    transfer: str | None


def settle(
    database: Database,
    banks: Collection[str],
    today: date,
    now: Callable[[], datetime],
    progress: Callable[[int], None],
    rates: Sequence[ExchangeRate] = (),
    bars: Bars = SHIPPED,
    small_difference: Decimal = Decimal(0),
    providers: Mapping[str, Collection[str]] | None = None,
) -> SettleReport:
    """Settle what the connections `banks` have reported since the last run.

    Money is booked on the bank's day; what is taken out of suspense, on `today`. `rates` are what
    exchange differences are told by; by `bars` money that no exact rule placed is applied, or
    queued for a person. What payments leave of an invoice up to `small_difference` is written off.
    `providers` are those of the banks that are accounts at a payment provider, each with the names
    a bank calls it by.
    """
    report = SettleReport()
    with database.read() as connection:
        waiting = settlements.unsettled(connection, banks)
        numbers = Numbers(connection.execute(select(invoice.c.number)).scalars())
        book_of_payers = PayerBook.read(connection)
        known = _known(connection, providers or {})
    for start in range(0, len(waiting), CHUNK):
        chunk = waiting[start : start + CHUNK]
        with database.write() as connection:
            take_turn(connection, TURN)
            _settle_chunk(connection, chunk, numbers, book_of_payers, known, now(), report)
        progress(len(chunk))
    afterwards.level(database, now)
    placed = afterwards.place(database, numbers, book_of_payers, known, bars, today, now)
    report.in_review = placed.in_review
    report.placed = placed.halves + len(placed.applied)
    for one in placed.applied:
        if one.kind == "return":
            report.returned.append((str(one.invoice), one.amount, ""))
        else:
            report.settled.append((str(one.invoice), one.amount))
    evened = afterwards.even_out(database, rates, small_difference, today, now)
    report.written_off = evened[0]
    report.problems += evened[1]
    return report


def _settle_chunk(
    connection: Connection,
    movements: Sequence[Movement],
    numbers: Numbers,
    book_of_payers: PayerBook,
    providers: Mapping[str, Provider],
    now: datetime,
    report: SettleReport,
) -> None:
    rows = settlements.still_unsettled(connection, movements)
    told = _to_match(connection, list(_read(rows, numbers, providers, report)), now)
    earlier = settlements.parts_of(connection, [one.movement for one in told])
    standing = read_standing(
        connection,
        {number for one in told for number in one.named},
        {one.record.end_to_end_id for one in told if one.record.end_to_end_id},
        {one.record.batch for one in told if one.record.batch},
    )
    payers = book_of_payers.of(
        connection, [(one.record.counterparty_iban, one.record.counterparty) for one in told]
    )
    others_open = partial(untouched, connection, standing)
    parts: list[Part] = []
    reasons: dict[str, str] = {}
    for one in told:
        applications = match(one.record, one.received, standing, one.named, one.transfer)
        payer = (one.record.counterparty_iban, one.record.counterparty)
        applications = doubted(payer, applications, one.named, standing.claims, payers, others_open)
        standing.apply(applications)
        day = one.record.booked_on
        first = len(earlier.get(one.movement, ())) + 1
        parts += parts_from(one.movement, one.content_hash, one.received, day, applications, first)
        _note(report, one, applications, reasons)
    book(connection, parts, {one.movement: _payer(one) for one in told}, reasons, now)


def _known(connection: Connection, providers: Mapping[str, Collection[str]]) -> dict[str, Provider]:
    seen = stored.payouts(connection, providers)
    return {
        name: Provider(name, frozenset(names), seen.get(name, ()))
        for name, names in providers.items()
    }


def _read(
    rows: Iterable[Row[Any]],
    numbers: Numbers,
    providers: Mapping[str, Provider],
    report: SettleReport,
) -> Iterator[Told]:
    for row in rows:
        record = record_of(row, BankTransaction)
        try:
            received = received_of(entries.bank_account(row.connection), record)
        except Stop as error:
            place = f"bank_transaction {row.id} of connection {row.connection}"
            report.problems.append(error.as_problem(place))
            continue
        movement = Movement(row.connection, row.id)
        named = numbers.named_in(record.remittance)
        transfer = transfer_of(row.connection, record, named, providers)
        yield Told(movement, row.content_hash, record, received, named, transfer)


def _to_match(connection: Connection, told: Sequence[Told], now: datetime) -> list[Told]:
    """The new movements, and the changed ones whose parts no longer fit, those parts undone."""
    earlier = settlements.parts_of(connection, [one.movement for one in told])
    fitting = [
        one
        for one in told
        if one.movement in earlier and still_fits(earlier[one.movement], one.received)
    ]
    for one in told:
        if one.movement in earlier:
            settlements.tell_from(connection, one.movement, one.content_hash)
    kept = {one.movement for one in fitting}
    undone = [part for key in earlier.keys() - kept for part in mirrored(earlier[key])]
    book(connection, undone, {one.movement: _payer(one) for one in told}, {}, now)
    return [one for one in told if one.movement not in kept]


def _note(
    report: SettleReport,
    one: Told,
    applications: Iterable[Application],
    reasons: dict[str, str],
) -> None:
    reason = one.record.return_reason or ""
    report.movements += 1
    for application in applications:
        if application.rule == "returned" and application.attempt is not None:
            reasons[application.attempt] = reason
        if application.kind == "transfer":
            report.payouts += 1
        elif application.invoice is None:
            report.suspended += 1
        elif application.kind == "return":
            report.returned.append((application.invoice, application.amount, reason))
        else:
            report.settled.append((application.invoice, application.amount))


def _payer(one: Told) -> str:
    return one.record.counterparty or ""
