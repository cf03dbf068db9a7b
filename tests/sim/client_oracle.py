"""What a client must have been billed by a day, and what tax a document must bear, in exact
fractions; nothing here asks the code that prices.

What an invoice must come to is what all facts come to now, less what they came to when the last
one was issued: per contract, line and tax.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from msgspec.structs import replace
from tests.billing.contract_oracle import PLACES, entries_of
from tests.billing.over_oracle import OVER
from tests.billing.package_oracle import Package
from tests.billing.schedule_oracle import rounded
from tests.billing.work_oracle import Placed, place, takes

from tallystick.billing.facts import Facts, Incident, Work
from tallystick.billing.tax.rates import Taxing
from tallystick.records import Contract, ContractLine

from .books import Known


class Taxed(NamedTuple):
    """The tax of an amount; `included` where the amount contains it."""

    category: str
    percent: Decimal
    included: bool


Due = Counter[tuple[str, str, Taxed]]
"""Minor units by contract, line and tax."""


class Expected(NamedTuple):
    due: Due
    packages: dict[tuple[str, str], Package]
    routed: dict[str, str | None]


def expected(known: Known, taxing: Taxing, until: date) -> Expected:
    """All that is due before `until`, the packages of every balance, and the contract of every
    booking."""
    due: Due = Counter()
    packages: dict[tuple[str, str], Package] = {}
    routed = {work.ref: contract_of(work, known) for work in known.works}
    for of in by_contract(known, routed):
        placed: Placed = place(of, until, PLACES[of.contract.currency])
        packages |= {(one.line, one.basis): one for one in placed.pool.packages}
        for line, found in entries_of(of, until, placed).items():
            for one in found:
                tax = tax_of(one.category or "standard", one.last, taxing)
                due[of.contract.id, line, tax] += one.amount
    return Expected(due, packages, routed)


def by_contract(known: Known, routed: Mapping[str, str | None]) -> Iterable[Facts]:
    for ref, contract in known.contracts.items():
        yield Facts(
            contract,
            tuple(known.lines[ref]),
            tuple(one for one in known.works if routed[one.ref] == ref),
            tuple(one for one in known.incidents if counted_by(one, known) == ref),
            tuple(known.assets),
            tuple(known.users),
            tuple(one for one in known.licences if one.contract in (None, ref)),
            tuple(one for one in known.usages if one.contract in (None, ref)),
            completed=known.completed,
        )


def contract_of(work: Work, known: Known) -> str | None:
    """The contract of a booking; the one that shares a balance where its own has no line for it,
    none where several do."""
    own = own_contract(work, known)
    then = [ref for ref, one in known.contracts.items() if open_on(one, work.work_date)]
    if own not in then or work.billable != "billable" or takers(work, known, own, known.lines[own]):
        return own
    sharing = [ref for ref in then if takers(work, known, ref, shared(known.lines[ref]))]
    return (sharing[0] if len(sharing) == 1 else None) if sharing else own


def takers(work: Work, known: Known, ref: str, lines: Iterable[ContractLine]) -> list[ContractLine]:
    """Those lines of a contract that take work of that kind on its day."""
    of = Facts(known.contracts[ref], ())
    kinds = ("ticket_types", "priorities")
    found = []
    for line in lines:
        if line.model in OVER:
            continue
        covers = {key: kind for key, kind in line.terms.get("covers", {}).items() if key in kinds}
        if takes(of, replace(line, terms={**line.terms, "covers": covers}), work):
            found.append(line)
    return found


def shared(lines: Iterable[ContractLine]) -> list[ContractLine]:
    return [one for one in lines if one.terms.get("shared")]


def own_contract(work: Work, known: Known) -> str | None:
    """The contract a booking names, else the only one of those in force that takes such work, what
    is shared last, or the only one in force where none does."""
    if work.contract:
        return work.contract
    day = work.work_date
    then = [ref for ref, one in known.contracts.items() if open_on(one, day)]
    own = {ref: [one for one in known.lines[ref] if wants(one, work)] for ref in then}
    first = [ref for ref in then if len(own[ref]) > len(shared(own[ref]))]
    wanting = first or [ref for ref in then if own[ref]] or then
    return wanting[0] if len(wanting) == 1 else None


def wants(line: ContractLine, work: Work) -> bool:
    open_then = (line.starts_on or date.min) <= work.work_date < (line.ends_on or date.max)
    usual = ["*"] if line.model in ("time_and_materials", "prepaid", "retainer") else []
    taken = line.terms.get("work_types", usual)
    return open_then and ("*" in taken or work.work_type in taken)


def open_on(contract: Contract, day: date) -> bool:
    end = contract.ends_on or date.max
    if contract.cancelled_on:
        notice = contract.cancelled_on.toordinal() + (contract.notice_days or 0)
        end = min(end, date.fromordinal(notice))
    return contract.starts_on <= day < end


def counted_by(incident: Incident, known: Known) -> str | None:
    if incident.contract:
        return incident.contract
    counting = [
        ref
        for ref, one in known.contracts.items()
        if open_on(one, incident.closed_on)
        and any(line.model == "per_incident" for line in known.lines[ref])
    ]
    return counting[0] if len(counting) == 1 else None


def tax_of(category: str, day: date, taxing: Taxing) -> Taxed:
    """The rate in force on `day`: for the client's country before one for anywhere, then the
    latest."""
    found = [
        ((one.country is not None, one.valid_from), one)
        for one in taxing.rates
        if one.category == category
        and one.valid_from <= day
        and one.country in (None, taxing.country)
    ]
    _, rate = max(found, key=lambda pair: pair[0])
    return Taxed(category, rate.percent, rate.included)


def taxes(
    parts: Iterable[tuple[Taxed, int]], taxing: Taxing, places: int
) -> dict[Taxed, tuple[int, int]]:
    """(net, tax) in minor units of a document whose lines come to `parts`."""
    by_tax: dict[Taxed, list[int]] = defaultdict(list)
    for tax, minor in parts:
        by_tax[tax].append(minor)
    found = {}
    for tax, minors in by_tax.items():
        percent = Fraction(tax.percent)
        share = percent / (100 + percent) if tax.included else percent / 100
        whole = sum(minors)
        bases = minors if taxing.rounding == "line" else [whole]
        amount = sum(rounded(Fraction(one, 10**places) * share, places) for one in bases)
        found[tax] = (whole - amount if tax.included else whole, amount)
    return found
