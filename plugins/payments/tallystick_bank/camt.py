"""camt.053 statements and camt.054 notifications (ISO 20022, every version) as transactions.

Two passes over the file. The first adds up each statement and holds it against its balances,
so a file that does not tie out yields nothing; the second yields.

What `RvslInd` means differs between banks. ISO 20022 lets CdtDbtInd say which way this money
went; some banks repeat the indicator of the booking undone, which flips the sign. Only the
balances tell, so the reading is the one under which the file ties out.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import BinaryIO

from defusedxml.ElementTree import tostring  # type: ignore[import-untyped]  # it ships no type hints

from tallystick.connector import Broken, Pulled
from tallystick.errors import SkipRecord
from tallystick_bank.camt_entry import Move, read_move, transactions
from tallystick_bank.camt_stream import Head, walk
from tallystick_bank.settings import BankSettings
from tallystick_bank.transaction import ASK_THE_BANK, Identities, pulled, whose

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Survey:
    """What the first pass adds up: booked entries by their indicator, reversals apart."""

    head: Head
    plain: Decimal = Decimal(0)
    reversed: Decimal = Decimal(0)
    reversals: int = 0
    unbooked: int = 0
    currencies: set[str] = field(default_factory=set)

    def add(self, move: Move) -> None:
        if not move.booked:
            self.unbooked += 1
            return
        self.currencies.add(move.currency)
        if move.reversal:
            self.reversed += move.indicated
            self.reversals += 1
        else:
            self.plain += move.indicated

    def entries(self, flips: bool) -> Decimal:
        return self.plain + (-self.reversed if flips else self.reversed)

    def difference(self, flips: bool) -> Decimal:
        """Closing - (opening + entries); zero when there are no two balances to compare."""
        if self.head.opening is None or self.head.closing is None:
            return Decimal(0)
        return self.head.closing[0] - self.head.opening[0] - self.entries(flips)

    def sentence(self, flips: bool) -> str:
        opening, closing = self.head.opening, self.head.closing
        return (
            f"Statement {self.head.id} does not tie out: opening {opening and opening[0]} plus "
            f"booked entries {self.entries(flips)} is not closing {closing and closing[0]} "
            f"{closing and closing[1]}, the difference is {self.difference(flips)}."
        )


def read(handle: BinaryIO, file: str, settings: BankSettings) -> Iterator[Pulled | Broken]:
    """The booked transactions of one file, amounts positive for money in.

    Raises `SkipRecord`, before anything is yielded, for a file that is rejected as a whole.
    """
    surveys = survey(handle)
    flips = proven_reading(surveys, settings.reversals)
    if unbooked := sum(each.unbooked for each in surveys):
        log.info("%s: %d entries are not booked yet and were left out.", file, unbooked)
    current: Head | None = None
    account: str | None = None
    number = 0
    for head, node in walk(handle):
        if head is not current:
            current, account, number = head, None, 0
            try:
                account = whose(head.account, settings.account)
            except SkipRecord as error:
                yield Broken(f"statement {head.id} of {file}", error.what, error.do, {})
            identities = Identities(account or "")
        if node is None or account is None:
            continue
        number += 1
        place = f"entry {number} of statement {head.id} in {file}"
        try:
            move = read_move(node)
            if move.booked:
                for transaction in transactions(node, move, flips, account, identities, place):
                    yield pulled(transaction, place)
        except SkipRecord as error:
            raw = {"xml": tostring(node, "unicode")[:2000]}
            yield Broken(place, error.what, error.do, raw)


def survey(handle: BinaryIO) -> list[Survey]:
    """Every statement added up; an entry that cannot be read adds nothing here."""
    surveys: list[Survey] = []
    current: Head | None = None
    for head, node in walk(handle):
        if head is not current:
            current = head
            surveys.append(Survey(head))
        if node is not None:
            try:
                surveys[-1].add(read_move(node))
            except SkipRecord:
                continue
    return surveys


def proven_reading(surveys: list[Survey], declared: str | None) -> bool | None:
    """Does a reversal flip its indicator? None when there are reversals and nothing proves it.

    Raises `SkipRecord` when the file holds no statement, is an intraday report, mixes
    currencies in one statement, or does not tie out under any reading.
    """
    if not surveys:
        raise SkipRecord(
            "The file is XML but holds no camt.053 or camt.054 statement.",
            do="Remove it, or export the account's statements as camt.053.",
        )
    if any(each.head.tag == "Rpt" for each in surveys):
        raise SkipRecord(
            "This is a camt.052: intraday reports do not settle.",
            do="Remove it; the day's camt.053 will bring its bookings.",
        )
    for each in surveys:
        _same_currency(each)
    readings = [False, True] if declared is None else [declared == "original"]
    proven = [flips for flips in readings if not any(each.difference(flips) for each in surveys)]
    if not proven:
        wrong = next(each for each in surveys if each.difference(readings[0]))
        raise SkipRecord(wrong.sentence(readings[0]), do=ASK_THE_BANK)
    if len(proven) == 2 and any(each.reversals for each in surveys):
        return None
    return proven[0]


def _same_currency(each: Survey) -> None:
    balances = [each.head.opening, each.head.closing]
    if None in balances:
        return
    found = sorted(each.currencies | {balance[1] for balance in balances if balance})
    if len(found) > 1:
        raise SkipRecord(
            f"Statement {each.head.id} mixes {' and '.join(found)} in balances and entries, "
            "so opening plus entries cannot be held against closing.",
            do=ASK_THE_BANK,
        )
