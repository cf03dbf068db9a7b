"""Price one contract: all its charges, the place of every booking, all earnings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from operator import attrgetter

from msgspec import Struct

from tallystick.billing.allowance import Allowance
from tallystick.billing.charges import Charge, ChargeModel, Earning, LineFacts, Placement
from tallystick.billing.coverage import ReadyLine, cover, ready_lines
from tallystick.billing.facts import Facts, Piece
from tallystick.billing.over.lines import Others, in_order, others_of
from tallystick.billing.prepaid.balance import Balance
from tallystick.billing.prepaid.pool import Member, Pool
from tallystick.billing.prepaid.standing import Standing, standings
from tallystick.billing.price_book import PriceBook

NONE = Others()


class Pricing(Struct, frozen=True):
    """What the facts say up to the horizon, whatever was billed before; `balances` is how every
    package bought stands on the last day before it, `allowances` what lines include by the hour."""

    charges: tuple[Charge, ...]
    placements: tuple[Placement, ...]
    earnings: tuple[Earning, ...]
    balances: tuple[Standing, ...] = ()
    allowances: tuple[Allowance, ...] = ()


def price(facts: Facts, until: date, models: Mapping[str, ChargeModel], book: PriceBook) -> Pricing:
    """Price `facts` from the contract's start to before `until`.

    The seconds of a booking's placements sum to the booking's seconds; the order of the
    facts does not matter. Raises `SkipRecord` for a line whose terms do not fit its model.
    """
    works = sorted(
        (work for work in facts.works if work.work_date < until),
        key=attrgetter("work_date", "ref"),
    )
    lines = ready_lines(facts, models, until)
    pool = _pool(facts, lines, book)
    coverage = cover(works, lines, pool, book.zone)
    balances = {member.id: member.balance for member in pool.members}
    priced = _Priced([], coverage.placed, [])
    for ready in lines:
        if ready.model.takes != "over_lines":
            own, balance = coverage.by_line[ready.line.id], balances.get(ready.line.id)
            priced.add(ready, _line_facts(facts, ready, book, own, balance=balance))
    for ready in in_order([one for one in lines if one.model.takes == "over_lines"]):
        others = others_of(ready, priced.charges, priced.earnings, lines)
        priced.add(ready, _line_facts(facts, ready, book, (), others))
    return Pricing(
        tuple(priced.charges),
        tuple(priced.placements),
        tuple(priced.earnings),
        tuple(one for member in pool.members for one in standings(member.balance)),
        tuple(ready.allowance for ready in lines if ready.allowance is not None),
    )


def _pool(facts: Facts, lines: Sequence[ReadyLine], book: PriceBook) -> Pool:
    """The balances that the prepaid lines bought, nothing drawn yet."""
    members = [
        Member(ready, ready.model.balance(_line_facts(facts, ready, book, ())))
        for ready in lines
        if ready.model.balance is not None
    ]
    return Pool(members, book.zone)


class _Priced(Struct):
    charges: list[Charge]
    placements: list[Placement]
    earnings: list[Earning]

    def add(self, ready: ReadyLine, line: LineFacts) -> None:
        for outcome in ready.model.price(line):
            if isinstance(outcome, Charge):
                self.charges.append(outcome)
            elif isinstance(outcome, Placement):
                self.placements.append(outcome)
            else:
                self.earnings.append(outcome)


def _line_facts(
    facts: Facts,
    ready: ReadyLine,
    book: PriceBook,
    works: Sequence[Piece],
    others: Others = NONE,
    balance: Balance | None = None,
) -> LineFacts:
    return LineFacts(
        line=ready.line,
        terms=ready.terms,
        facts=facts,
        span=ready.span,
        works=tuple(works),
        book=book,
        others=others.charges,
        others_earned=others.earnings,
        balance=balance,
    )
