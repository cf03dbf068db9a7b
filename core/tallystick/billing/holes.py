"""Holes: what a client has or does that no contract prices, or that two of them do.

Nothing here is wrong today: a hole is where money would be lost, or asked for twice, without
anybody being told until a bill is disputed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from tallystick.billing.assemble import ClientFacts
from tallystick.billing.charges import ChargeModel, takes
from tallystick.billing.coverage import ReadyLine, as_ready
from tallystick.billing.facts import contract_end
from tallystick.billing.models.per_unit import PerUnitTerms
from tallystick.billing.models.time_and_materials import TimeAndMaterialsTerms
from tallystick.billing.models.usage import UsageTerms
from tallystick.billing.price_book import PriceBook
from tallystick.billing.quantities.counting import Rule
from tallystick.billing.rates.cards import RateCard
from tallystick.billing.rates.unmet import unmet
from tallystick.billing.routing import read_lines
from tallystick.errors import SkipRecord
from tallystick.period import Period, one_day
from tallystick.records import Asset, Contact, Contract, ContractLine

NAMED = 5


@dataclass(frozen=True, slots=True)
class Hole:
    """One hole: its code, the contract it is in or the client, the sentence, and the fix."""

    code: str
    where: str
    what: str
    do: str


def holes(
    facts: ClientFacts,
    models: Mapping[str, ChargeModel],
    book: PriceBook,
    today: date,
    work_types: Iterable[str],
) -> list[Hole]:
    """The holes of one client's contracts as they are in force on `today`.

    `work_types` are those the MSP books anywhere: a client need not have had such work yet.
    """
    found: list[Hole] = []
    lines: list[ReadyLine] = []
    for contract, own in facts.contracts:
        try:
            ready = _in_force(contract, own, models, today)
        except SkipRecord as error:
            found.append(Hole("unreadable", contract.id, str(error), error.do))
            continue
        if ready is None:
            continue
        if not ready:
            found.append(_covers_nothing(contract))
        lines += ready
        found += _without_a_rate(contract, ready, book, work_types)
    if lines:
        found += _unpriced_work(facts, lines, work_types)
        found += _counts(facts, lines, today)
        found += _meters(facts, lines)
    elif any(work.work_date >= today.replace(day=1) for work in facts.works):
        do = "Make a contract, or book that work to one."
        what = "There is work this month and no contract in force."
        found.append(Hole("no_contract", facts.client.id, what, do))
    return found


def _in_force(
    contract: Contract,
    lines: Sequence[ContractLine],
    models: Mapping[str, ChargeModel],
    today: date,
) -> list[ReadyLine] | None:
    """The lines in force on the day; None when the contract itself is not. Raises `SkipRecord` for
    a contract that billing cannot read."""
    if not contract.starts_on <= today < contract_end(contract):
        return None
    terms = read_lines(contract, lines, models)
    begun = as_ready(contract, terms.lines, models, today + timedelta(days=1))
    return [one for one in begun if one.span.covers(today)]


def _covers_nothing(contract: Contract) -> Hole:
    return Hole(
        "covers_nothing",
        contract.id,
        f"Contract {contract.name} is in force and has no line in force: it bills nothing.",
        "Give it a line, or end it.",
    )


def _without_a_rate(
    contract: Contract, lines: Sequence[ReadyLine], book: PriceBook, work_types: Iterable[str]
) -> Iterator[Hole]:
    """Hourly lines that take work for which their rate card has no price at all."""
    for ready in lines:
        terms = ready.terms
        if not isinstance(terms, TimeAndMaterialsTerms):
            continue
        card = book.cards.get(terms.rate_card)
        if card is None or card.currency != contract.currency:
            what = f"Line {ready.line.id} bills by rate card {terms.rate_card!r} in "
            what += f"{contract.currency}, which does not exist: its work is held."
            yield Hole("no_rate_card", contract.id, what, "Add the card, or name another.")
            continue
        named = [rate.values("work_type") for rate in card.rates if rate.hourly is not None]
        missing = [
            kind
            for kind in sorted(work_types)
            if takes(terms, kind) and not any(not kinds or kind in kinds for kinds in named)
        ]
        if missing:
            what = f"Line {ready.line.id} takes {_some(missing)}, and rate card {card.name} has "
            yield Hole("no_rate", contract.id, what + "no rate for it.", "Add a rate to the card.")


def _unpriced_work(
    facts: ClientFacts, lines: Sequence[ReadyLine], work_types: Iterable[str]
) -> Iterator[Hole]:
    """Work types no line of any of the client's contracts takes."""
    missing = [
        kind for kind in sorted(work_types) if not any(takes(one.terms, kind) for one in lines)
    ]
    if missing:
        what = f"No line of any contract takes {_some(missing)}: such work would be held."
        do = "Let a line take it (`work_types`), for example one by the hour for the rest."
        yield Hole("unpriced_work", facts.client.id, what, do)


def _counts(facts: ClientFacts, lines: Sequence[ReadyLine], today: date) -> Iterator[Hole]:
    """Devices and users under two contracts, and under none where others are counted."""
    for of, things in (("assets", facts.assets), ("users", facts.users)):
        counting = counting_lines(lines, of)
        if not counting:
            continue
        twice: dict[tuple[str, ...], list[str]] = defaultdict(list)
        nobody: list[str] = []
        for thing in things:
            by = counted_under(thing, counting, one_day(today))
            if by is None:
                continue
            if not by:
                nobody.append(thing.name)
            elif len(by) > 1:
                twice[tuple(by)].append(thing.name)
        for contracts, names in sorted(twice.items()):
            what = f"{_some(names)} count under contracts {' and '.join(contracts)}."
            do = "Narrow what one of them counts (types, groups, tags)."
            yield Hole("counted_twice", facts.client.id, what, do)
        if nobody:
            noun = "devices" if of == "assets" else "users"
            what = f"No line counts the {noun} {_some(nobody)}: they are served for nothing."
            yield Hole("uncounted", facts.client.id, what, "Let a line count them, or retire them.")


class Counting(NamedTuple):
    """A line of `contract` that counts things by `rule` on the days of `span`."""

    contract: str
    span: Period
    rule: Rule


def counting_lines(lines: Iterable[ReadyLine], of: str) -> list[Counting]:
    """The lines that count `assets` or `users`."""
    return [
        Counting(ready.line.contract, ready.span, terms.rule)
        for ready in lines
        if isinstance(terms := ready.terms, PerUnitTerms) and terms.count_of == of
    ]


def uncounted(assets: Iterable[Asset], lines: Iterable[Counting], days: Period) -> list[Asset]:
    """The assets there on any of `days` that no line counts while they are; none where the client
    pays for none by the piece."""
    counting = [one for one in lines if one.span.overlap(days)]
    return [one for one in assets if counting and counted_under(one, counting, days) == []]


def counted_under(
    thing: Asset | Contact, counting: Iterable[Counting], days: Period
) -> list[str] | None:
    """The contracts with a line that counts `thing` on any of `days`; None when it is not there
    on any of them."""
    since = max(thing.active_from or date.min, days.start)
    until = min(thing.retired_on or date.max, days.end)
    if since >= until:
        return None
    there = Period(since, until)
    return sorted(
        {one.contract for one in counting if one.rule.match(thing) and one.span.overlap(there)}
    )


def _meters(facts: ClientFacts, lines: Sequence[ReadyLine]) -> Iterator[Hole]:
    """Meters nobody prices, and usage of no contract that two contracts price."""
    pricing: dict[str, set[str]] = defaultdict(set)
    loose: dict[str, bool] = defaultdict(bool)
    for usage in facts.usages:
        loose[usage.meter] |= usage.contract is None
        for ready in lines:
            terms = ready.terms
            if isinstance(terms, UsageTerms) and {usage.meter, "*"} & set(terms.meters):
                pricing[usage.meter].add(ready.line.contract)
    unpriced = sorted(meter for meter in loose if not pricing[meter])
    if unpriced:
        what = f"No line prices the meters {_some(unpriced)}."
        yield Hole("unpriced_usage", facts.client.id, what, "Add a usage line for them.")
    for meter in sorted(loose):
        if loose[meter] and len(pricing[meter]) > 1:
            both = " and ".join(sorted(pricing[meter]))
            what = f"Usage of {meter} names no contract, and contracts {both} both price it."
            yield Hole("priced_twice", facts.client.id, what, "Name the contract on the usage.")


def rates_for_nothing(cards: Iterable[RateCard], known: Mapping[str, Set[str]]) -> Iterator[Hole]:
    """Rates whose conditions no fact meets: mistyped, or left over."""
    for card in cards:
        for rate, condition in unmet(card, known):
            what = f"The rate {rate} is for {condition}, which no fact has."
            do = "Correct its spelling to that of the facts, or remove it."
            yield Hole("rate_for_nothing", f"rate card {card.name}", what, do)


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(sorted(names)[:NAMED])
    return shown if len(names) <= NAMED else f"{shown} and {len(names) - NAMED} more"
