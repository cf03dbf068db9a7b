"""Routing: which contract a booking or ticket belongs to.

    source        client K               care: remote        block: prepaid, shared
    ticket T1 ──▶ names care ──────────▶ does not take it ──▶ draws on it

Only facts and terms decide, never what was priced before, so that every booking has one contract
whatever the horizon, and its effort the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property, lru_cache

from msgspec import Struct

from tallystick.billing.charges import ChargeModel, LineTerms, takes
from tallystick.billing.coverage import ReadyLine, refused_by_kind
from tallystick.billing.facts import Incident, Work, contract_end, in_force
from tallystick.billing.over.lines import check
from tallystick.billing.prepaid.terms import PrepaidTerms
from tallystick.billing.schedule.pauses import contract_terms, pauses
from tallystick.errors import SkipRecord
from tallystick.period import Period
from tallystick.records import Contract, ContractLine

ALWAYS = Period(date.min, date.max)


class Route(Struct, frozen=True, gc=False):
    """The contract, or None with the reason why nobody can tell; work that is `held` is not priced
    there, since it is not clear which shared balance it should draw on."""

    contract: str | None
    reason: str
    held: bool = False


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

    def takes(self, work: Work, *, shared: bool) -> bool:
        """Whether a line takes work of that type; either `shared` balances are asked, or the other
        lines."""
        return any(
            takes(terms, work.work_type)
            and (line.starts_on or date.min) <= work.work_date < (line.ends_on or date.max)
            for line, terms in self.lines
            if _is_shared(terms) == shared
        )

    @cached_property
    def shares(self) -> bool:
        """Whether there is a balance that work of other contracts may draw on."""
        return any(_is_shared(terms) for _, terms in self.lines)

    def wants(self, work: Work, *, shared_only: bool = False) -> bool:
        """Whether a line takes work of that kind on its day."""
        return any(
            not refused_by_kind(work, terms, span, paused)
            for terms, span, paused in self._spans
            if _is_shared(terms) or not shared_only
        )

    @property
    def turns(self) -> Iterator[date]:
        """The days on which the contract, a line or a pause begins or is over."""
        yield from (self.contract.starts_on, self.end)
        for _, span, paused in self._spans:
            for days in (*paused, *([span] if span else ())):
                yield from days

    @cached_property
    def _spans(self) -> list[tuple[LineTerms, Period | None, tuple[Period, ...]]]:
        return [
            (terms, in_force(line, self.contract, date.max), pauses(self.contract, terms))
            for line, terms in self.lines
        ]


def _is_shared(terms: LineTerms) -> bool:
    return isinstance(terms, PrepaidTerms) and terms.shared


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
    that is in force on the day and takes such work; or, where none of that contract's lines
    takes it, the one contract whose shared balance does."""
    own = _own(work, of_ticket, of_client)
    if own.contract is None or not any(terms.shares for terms in of_client):
        return own
    return _shared(own, work, of_client)


ASKED = ("contract", "client", "work_date", "work_type", "ticket_type", "priority", "billable")
"""The fields of work that `route` asks: where they are the same, and the contract its ticket names,
so is the contract under the same terms."""


def turns(of_client: Sequence[Terms]) -> list[date]:
    """The days on which `route` may begin to say something else of the same work, in their order;
    between two of them it says the same of every day."""
    return sorted({day for terms in of_client for day in terms.turns})


def _own(work: Work, of_ticket: str | None, of_client: Sequence[Terms]) -> Route:
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
    fitting = (
        [terms for terms in open_then if terms.takes(work, shared=False)]
        or [terms for terms in open_then if terms.takes(work, shared=True)]
        or open_then
    )
    if len(fitting) == 1:
        return _only(fitting[0].contract.id, "only contract taking such work", work.client)
    names = ", ".join(sorted(terms.contract.id for terms in fitting))
    return Route(None, f"contracts {names} could all take it; name one on the booking or ticket")


def _shared(own: Route, work: Work, of_client: Sequence[Terms]) -> Route:
    """The contract with the shared balance that takes work its own contract has no line for; held
    where there are several, or it is in another currency.

    Work that is not billed stays where it is, and so does work of a contract that was not in force
    that day: that is an error to correct, not work to draw.
    """
    home = next((terms for terms in of_client if terms.contract.id == own.contract), None)
    if home is None or not home.in_force(work.work_date) or home.wants(work):
        return own
    sharing = [terms.contract for terms in of_client if terms.wants(work, shared_only=True)]
    if not sharing or work.billable != "billable":
        return own
    why = f"{own.reason}; none of its lines takes it"
    currency = home.contract.currency
    alike = sorted(one.id for one in sharing if one.currency == currency)
    if len(alike) == 1:
        return Route(alike[0], f"{why}, so it draws on the shared balance of contract {alike[0]}")
    if alike:
        why = f"{why}, and contracts {', '.join(alike)} each share a balance with it"
        return Route(own.contract, f"{why}; name one on the booking or ticket", held=True)
    others = ", ".join(sorted(one.id for one in sharing))
    why = f"{why}, and the shared balance of contract {others} is not in {currency}"
    return Route(own.contract, why, held=True)


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
