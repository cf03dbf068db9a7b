"""Routing: which contract a booking or ticket belongs to when its source does not say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property, lru_cache

from msgspec import Struct

from tallystick.billing.charges import ChargeModel, LineTerms, takes
from tallystick.billing.coverage import ReadyLine
from tallystick.billing.facts import Incident, Work, contract_end
from tallystick.billing.over.lines import check
from tallystick.billing.schedule.pauses import contract_terms
from tallystick.errors import SkipRecord
from tallystick.period import Period
from tallystick.records import Contract, ContractLine

ALWAYS = Period(date.min, date.max)


class Route(Struct, frozen=True, gc=False):
    """The contract, or None with the reason why nobody can tell."""

    contract: str | None
    reason: str


NOWHERE = Route(None, "")


class Terms(Struct, frozen=True, dict=True):
    """One contract with the typed terms of its lines, as far as they can be read."""

    contract: Contract
    lines: Sequence[tuple[ContractLine, LineTerms]]

    def in_force(self, day: date) -> bool:
        return self.contract.starts_on <= day < self.end

    @cached_property
    def end(self) -> date:
        return contract_end(self.contract)

    @property
    def counts_incidents(self) -> bool:
        return any(line.model == "per_incident" for line, _ in self.lines)

    def takes(self, work: Work) -> bool:
        return any(
            takes(terms, work.work_type)
            and (line.starts_on or date.min) <= work.work_date < (line.ends_on or date.max)
            for line, terms in self.lines
        )


def read_lines(
    contract: Contract, lines: Sequence[ContractLine], models: Mapping[str, ChargeModel]
) -> Terms:
    """The contract's terms; raises `SkipRecord` for terms of the contract or of a line that do not
    fit, for dates that contradict each other, and for lines over other lines that cannot be priced
    from those they name."""
    contract_terms(contract)
    _check_dates(contract)
    for line in lines:
        _check_dates(line)
    for line in lines:
        if line.model not in models:
            raise SkipRecord(
                f"There is no charge model {line.model!r}; known are {', '.join(sorted(models))}.",
                do="Correct the model of the contract line or install the plugin that brings it.",
                record="contract_line",
                ref=line.id,
            )
    read = [(line, models[line.model].read_terms(line, contract)) for line in lines]
    check([ReadyLine(line, models[line.model], terms, ALWAYS) for line, terms in read])
    return Terms(contract, read)


def _check_dates(one: Contract | ContractLine) -> None:
    if one.starts_on and one.ends_on and one.ends_on < one.starts_on:
        raise SkipRecord(
            f"It starts on {one.starts_on} and ends before that, on {one.ends_on}.",
            do="Correct the dates at their source.",
            record="contract" if isinstance(one, Contract) else "contract_line",
            ref=one.id,
        )


def route(work: Work, of_ticket: str | None, of_client: Sequence[Terms]) -> Route:
    """The contract the booking names, else its ticket's, else the one contract of its client
    that is in force on the day and takes such work."""
    if work.contract is not None:
        return _named("the booking", work.contract)
    if of_ticket is not None:
        return _named(f"ticket {work.ticket}", of_ticket)
    if work.client is None:
        return Route(None, "neither the booking nor its ticket names a known client")
    open_then = [terms for terms in of_client if terms.in_force(work.work_date)]
    if not open_then:
        return Route(None, f"client {work.client} has no contract in force on {work.work_date}")
    if len(open_then) == 1:
        return _only(open_then[0].contract.id, "only contract", work.client)
    fitting = [terms for terms in open_then if terms.takes(work)] or open_then
    if len(fitting) == 1:
        return _only(fitting[0].contract.id, "only contract taking such work", work.client)
    names = ", ".join(sorted(terms.contract.id for terms in fitting))
    return Route(None, f"contracts {names} could all take it; name one on the booking or ticket")


@lru_cache
def _named(by: str, contract: str) -> Route:
    return Route(contract, f"{by} names contract {contract}")


@lru_cache
def _only(contract: str, only: str, client: str) -> Route:
    return Route(contract, f"{contract} is the {only} of client {client} on that day")


def route_incident(incident: Incident, of_client: Sequence[Terms]) -> Route:
    """The contract an incident counts under: the one its ticket names, else the only contract
    of the client that counts incidents and is in force on the day it was closed. Where none
    does, nothing is missing and the reason is empty."""
    if incident.contract is not None:
        return Route(incident.contract, f"the ticket names contract {incident.contract}")
    open_then = [terms for terms in of_client if terms.in_force(incident.closed_on)]
    counting = sorted(terms.contract.id for terms in open_then if terms.counts_incidents)
    if len(counting) > 1:
        names = ", ".join(counting)
        return Route(None, f"contracts {names} could all count it; name one on the ticket")
    return Route(counting[0], "the only contract counting incidents") if counting else NOWHERE
