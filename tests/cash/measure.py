"""How often cash application is right, and how much of it, over months with truth.

python -m tests.cash.measure [MONTHS]
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import select

from tallystick.money import Money
from tallystick.store.cash import reviews
from tallystick.store.cash.collection_schema import settlement

from .month import Month, Truth, play
from .world import World, copy_of, laid

MONTHS = 20


@dataclass
class Measured:
    """Money applied without a person: right, of the right client but another invoice, wrong;
    and what was left to a person with the truth among the candidates, or without."""

    right: int = 0
    other_invoice: int = 0
    wrong_client: int = 0
    offered: int = 0
    unplaced: int = 0
    strangers_kept: int = 0
    missed: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)

    @property
    def applied(self) -> int:
        return self.right + self.other_invoice + self.wrong_client

    @property
    def precision(self) -> float:
        return self.right / self.applied

    @property
    def recall(self) -> float:
        return self.right / (self.applied + self.offered + self.unplaced)

    def said(self) -> str:
        return (
            f"{self.applied} of {self.applied + self.offered + self.unplaced} payments applied "
            f"without a person: precision {self.precision:.4f}, wrong client {self.wrong_client}, "
            f"recall {self.recall:.3f}, {self.offered} more in review with the right answer; "
            f"{self.strangers_kept} strangers' payments kept apart; in review: {dict(self.missed)}"
        )


def measure(world: World, month: Month, measured: Measured) -> None:
    world.settle()
    world.bank(*month.movements)
    world.settle()
    world.must_hold()
    clients = {number: one.ref for one in month.clients for number in one.open}
    for id_, truth in month.truth.items():
        got = _got(world, id_)
        if not truth:
            measured.strangers_kept += not got
            measured.wrong_client += bool(got)
        elif not got:
            offered = any(dict(one.places).keys() == truth.keys() for one in _queue(world, id_))
            measured.offered += offered
            measured.unplaced += not offered
            measured.missed[month.how[id_]] += 1
        elif got == truth:
            measured.right += 1
            continue
        elif {clients.get(number) for number in got} == {clients[number] for number in truth}:
            measured.other_invoice += 1
        else:
            measured.wrong_client += 1
        if got:
            measured.errors.append(f"{id_} {month.how[id_]}: {got} instead of {truth}")


def _got(world: World, id_: str) -> Truth:
    with world.database.read() as connection:
        rows = connection.execute(
            select(settlement).where(
                settlement.c.bank_transaction == id_, settlement.c.invoice.is_not(None)
            )
        )
        return {row.invoice: Money(row.amount_minor, row.currency).amount for row in rows}


def _queue(world: World, id_: str) -> Iterator[reviews.Listed]:
    with world.database.read() as connection:
        for movement, listed in reviews.queue(connection).items():
            if movement.id == id_:
                yield from listed


def measured(template: Path, seeds: Iterable[int]) -> Measured:
    found = Measured()
    for seed in seeds:
        with copy_of(template) as world:
            measure(world, play(world, seed), found)
    return found


def main(months: int = MONTHS) -> None:
    with TemporaryDirectory() as folder:
        found = measured(laid(Path(folder), lambda _: None), range(1000, 1000 + months))
    sys.stdout.write("\n".join([f"{months} months: {found.said()}", *found.errors, ""]))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
