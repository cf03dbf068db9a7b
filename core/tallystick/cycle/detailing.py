"""The detail of proposals: read and settled only where an annex is written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from tallystick.billing.facts import Facts, Work
from tallystick.billing.invoice.detail import Detail, Included, Unit, untold
from tallystick.billing.invoice.proposal import Proposal
from tallystick.billing.models.per_incident import MODEL as PER_INCIDENT
from tallystick.billing.models.per_unit import PerUnitTerms
from tallystick.billing.quantities.listing import listed
from tallystick.billing.quantities.tiers import shown
from tallystick.cycle.pricing_client import Draft, PricedClient
from tallystick.cycle.terms import BillingTerms
from tallystick.records import ContractLine
from tallystick.store.billing.details import ToldByClient

COUNTED = "units:"


def detailed(
    drafts: Sequence[Draft], priced: PricedClient, terms: BillingTerms, before: ToldByClient
) -> list[Draft]:
    """`drafts` of one client, each with the detail of its proposal; `before` is what issued
    invoices told."""
    if not drafts:
        return []
    client = priced.facts.client.id
    told = before.take(client)
    since = max(terms.bill_from, before.since(client))
    facts = {one.contract.id: one for one in priced.assembled.contracts}
    works = {one.ref: one for one in priced.facts.works}
    found = []
    for draft in drafts:
        proposal = draft.case.proposal
        own = [one.contract for one in proposal.contracts if one.contract in priced.pricings]
        now = [
            one
            for ref in own
            for one in _included(priced, ref, facts[ref], works)
            if one.on >= since or one.key in told
        ]
        own_told = {
            key: one
            for key, one in told.items()
            if one.contract in own and one.on < proposal.period.end
        }
        units = tuple(_units(proposal, facts, terms))
        detail = Detail(units, untold(now, own_told))
        case = replace(draft.case, proposal=replace(proposal, detail=detail))
        found.append(replace(draft, case=case))
    return found


def _included(
    priced: PricedClient, ref: str, facts: Facts, works: dict[str, Work]
) -> Iterator[Included]:
    """All work that the fees of a contract include and its prepaid balances pay, a booking once for
    each line, as it counts; work on tickets priced one by one is what their price is for."""
    texts = {line.id: line.description for line in facts.lines if line.model != PER_INCIDENT.name}
    seconds: dict[tuple[str, str], int] = {}
    for one in priced.pricings[ref].placements:
        if one.bucket in ("covered", "drawn") and one.line in texts:
            key = (one.line, one.booking)
            seconds[key] = seconds.get(key, 0) + one.counted_seconds
    for (line, booking), of_it in seconds.items():
        yield Included(ref, line, texts[line], booking, works[booking].work_date, of_it)


def _units(proposal: Proposal, facts: dict[str, Facts], terms: BillingTerms) -> Iterator[Unit]:
    """What each charge of counted things counts; a correction of one lists nothing."""
    lines: dict[str, ContractLine] = {
        line.id: line
        for one in proposal.contracts
        if one.contract in facts
        for line in facts[one.contract].lines
    }
    for index, due in enumerate(proposal.dues):
        charge = due.charge
        if due.corrects or not charge.basis.startswith(COUNTED) or charge.line not in lines:
            continue
        line = lines[charge.line]
        read = terms.models[line.model].read_terms(line)
        if isinstance(read, PerUnitTerms) and read.count_of != "literal":
            what = (read.count_of, read.rule, read.products, read.counted)
            for one in listed(facts[charge.contract], *what, charge.service):
                yield Unit(index, one.name, one.kind, shown(one.quantity), one.days)
