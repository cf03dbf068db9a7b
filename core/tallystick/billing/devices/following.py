"""Quantities that follow devices: agreed numbers on a line, held against what there is of them.

A line with a quantity of its own (`count_of = "literal"`, such as an addition of a service desk) is
billed as agreed, whatever is counted. What differs is told; a person lets it become a change from a
day on:

    quantity   5 |-----------------| 7 |------------
               line's own        since     days before stay as they were billed
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import replace as dataclass_replace
from datetime import date
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace

from tallystick.billing.assemble import ClientFacts
from tallystick.billing.charges import ChargeModel
from tallystick.billing.coverage import ReadyLine
from tallystick.billing.devices.agreed import a_month, is_there, lines_by_piece
from tallystick.billing.facts import Facts
from tallystick.billing.price_book import PriceBook
from tallystick.billing.quantities.counting import Rule
from tallystick.billing.schedule.steps import Step
from tallystick.money import Money
from tallystick.records import Asset, ContractLine


class Following(NamedTuple):
    """Lines whose description is `line` (`*` stands for any words) are for devices of `rule`."""

    line: str
    rule: Rule


class Change(NamedTuple):
    """From `since` on the line is for `quantity`. It stands while the line's home says `own`, as it
    did, or took `quantity` over; whoever says another number there has the last word."""

    line: str
    since: date
    quantity: Decimal
    own: Decimal


@dataclass(frozen=True, slots=True)
class Difference:
    """A line that began on `starts_on` is billed for `agreed` and there are `counted`, by name in
    `devices`; `monthly` is what a month would be dearer, negative for cheaper. `why` says what
    keeps it from becoming a change, empty where nothing does."""

    client: str
    contract: str
    line: str
    description: str
    starts_on: date
    agreed: Decimal
    counted: Decimal
    devices: tuple[str, ...]
    monthly: Money
    why: str = ""


class Compared(NamedTuple):
    """How many `lines` were held against devices, and those of them that are for another number."""

    lines: int
    differences: list[Difference]


def quantity_on(line: ContractLine, day: date) -> Decimal:
    """What the line's terms say is agreed on a day; raises `msgspec.ValidationError`."""
    quantity = msgspec.convert(line.terms.get("quantity", 0), Decimal, strict=False)
    for step in _steps(line):
        if step.since <= day and step.quantity is not None:
            quantity = step.quantity
    return quantity


def changed(line: ContractLine, changes: Sequence[Change]) -> ContractLine:
    """The line with those of `changes` (oldest first) that stand, as steps of its quantity."""
    began, standing = _standing(line, changes)
    steps = {step.since: step for step in _steps(line)}
    for one in standing:
        since = max(one.since, line.starts_on or one.since)
        before = steps.get(since)
        price = before.unit_price if before else None
        steps[since] = Step(since=since, unit_price=price, quantity=one.quantity)
    kept = [msgspec.to_builtins(steps[day], builtin_types=(date, Decimal)) for day in sorted(steps)]
    terms: dict[str, Any] = {**line.terms, "quantity": began, "steps": kept}
    return replace(line, terms=terms)


def _standing(line: ContractLine, changes: Sequence[Change]) -> tuple[Decimal, list[Change]]:
    """The quantity the line began with, and the changes that stand. From the newest back, each was
    made of a number that its home still says, or says no more because it took the change over."""
    began = quantity_on(line, date.min)
    dated = any(step.quantity is not None for step in _steps(line))
    standing: list[Change] = []
    for one in reversed(changes):
        says = quantity_on(line, one.since) if dated else began
        if says == one.quantity and not dated:
            began = one.own
        elif says != one.own:
            break
        standing.insert(0, one)
    return began, standing


def compare(
    facts: ClientFacts,
    follow: Sequence[Following],
    models: Mapping[str, ChargeModel],
    book: PriceBook,
    today: date,
) -> Compared:
    """What one client's lines are for and what there is, where that is not the same number."""
    there = [one for one in facts.assets if is_there(one, today)]
    lines: dict[Following, list[tuple[Facts, ReadyLine]]] = defaultdict(list)
    for agreed, own in lines_by_piece(facts, models, today, "literal"):
        for ready, _ in own:
            for following in follow:
                if fnmatchcase(ready.line.description.casefold(), following.line.casefold()):
                    lines[following].append((agreed, ready))
    found = []
    for following, some in lines.items():
        devices = [one for one in there if following.rule.match(one)]
        alone = len(some) == 1
        why = "" if alone else f"{len(some)} lines of this client are for the same devices"
        for agreed, ready in some:
            one = _difference(agreed, ready, devices, models, book, today)
            if one is not None:
                found.append(dataclass_replace(one, why=why))
    return Compared(len({ready.line.id for some in lines.values() for _, ready in some}), found)


def _difference(
    facts: Facts,
    ready: ReadyLine,
    devices: Sequence[Asset],
    models: Mapping[str, ChargeModel],
    book: PriceBook,
    today: date,
) -> Difference | None:
    line, counted = ready.line, Decimal(len(devices))
    agreed = quantity_on(line, today)
    if counted == agreed:
        return None
    since = max(today.replace(day=1), ready.span.start)
    other = changed(line, [Change(line.id, since, counted, quantity_on(line, since))])
    now, then = (
        a_month([replace(facts, lines=(one,))], models, book, today) for one in (line, other)
    )
    dearer = then - now
    return Difference(
        client=facts.contract.client,
        contract=facts.contract.id,
        line=line.id,
        description=line.description,
        starts_on=ready.span.start,
        agreed=agreed,
        counted=counted,
        devices=tuple(sorted(one.name for one in devices)),
        monthly=Money(1, facts.contract.currency).part(dearer.numerator, dearer.denominator),
    )


def _steps(line: ContractLine) -> Sequence[Step]:
    return msgspec.convert(line.terms.get("steps", ()), tuple[Step, ...], strict=False)
