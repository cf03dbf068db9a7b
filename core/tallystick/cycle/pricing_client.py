"""One client priced: the proposals it should get, and the case each of them makes."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from tallystick.billing.assemble import Assembled, ClientFacts, assemble
from tallystick.billing.charges import Charge, Earning, Placement
from tallystick.billing.facts import Facts, contract_end
from tallystick.billing.invoice import write_down
from tallystick.billing.invoice.difference import Billed, difference
from tallystick.billing.invoice.grouping import agreed, by_invoice
from tallystick.billing.invoice.proposal import Objection, compose
from tallystick.billing.objections.case import Case
from tallystick.billing.pricing import Pricing, price
from tallystick.billing.tax.rates import Taxing
from tallystick.billing.tax.taxation import settled
from tallystick.cycle.terms import BillingTerms
from tallystick.errors import SkipRecord, TallystickError
from tallystick.money import Money
from tallystick.period import Period
from tallystick.records import Contract


class PricedClient(Struct, frozen=True):
    """Everything pricing says about one client up to a date."""

    facts: ClientFacts
    assembled: Assembled
    pricings: dict[str, Pricing]

    @property
    def charges(self) -> list[Charge]:
        return [charge for pricing in self.pricings.values() for charge in pricing.charges]

    @property
    def placements(self) -> list[Placement]:
        routed = [one for pricing in self.pricings.values() for one in pricing.placements]
        return [*routed, *self.assembled.unrouted]

    @property
    def earnings(self) -> list[Earning]:
        return [one for pricing in self.pricings.values() for one in pricing.earnings]


def price_client(facts: ClientFacts, terms: BillingTerms, until: date) -> PricedClient:
    """Price every contract of the client from its start to before `until`.

    A contract that cannot be priced, since an index value is not published yet, is one that cannot
    be read: its bookings are held.
    """
    assembled = assemble(facts, terms.models)
    pricings: dict[str, Pricing] = {}
    failed: dict[str, SkipRecord] = {}
    held: list[Placement] = []
    for one in assembled.contracts:
        try:
            pricings[one.contract.id] = price(one, until, terms.models, terms.book)
        except SkipRecord as error:
            failed[one.contract.id] = error
            held += _all_held(one, until, error)
    if failed:
        assembled = replace(
            assembled,
            unrouted=(*assembled.unrouted, *held),
            unreadable={**assembled.unreadable, **failed},
        )
    return PricedClient(facts, assembled, pricings)


def _all_held(facts: Facts, until: date, error: SkipRecord) -> Iterator[Placement]:
    why = (f"contract {facts.contract.id} cannot be priced: {error.what}",)
    for work in facts.works:
        if work.work_date < until:
            yield Placement(work.ref, "held", None, work.seconds, 0, why)


class Draft(Struct, frozen=True):
    """A case about to be reviewed, and what is said about it already."""

    case: Case
    objections: tuple[Objection, ...] = ()
    asked_by: str | None = None


def drafts(
    priced: PricedClient,
    billed: Sequence[Billed],
    terms: BillingTerms,
    period: Period,
    quarantined: int,
    invoiced: Container[tuple[str, str]],
) -> list[Draft]:
    """What is left to bill, one draft per currency and group.

    A contract that cannot be read, or was billed in another currency, is left as it was billed:
    its charges are neither added nor taken back, and the drafts are held. Raises `SkipRecord` when
    a tax rate is missing, and when such a contract is all there is. `invoiced` are the currencies
    and groups in which the client has invoices.
    """
    contracts = {contract.id: contract for contract, _ in priced.facts.contracts}
    left_alone = {
        **currency_changed(contracts.values(), billed),
        **priced.assembled.unreadable,
    }
    since = terms.bill_from
    comparable = [
        one
        for one in write_down.without(billed)
        if one.contract not in left_alone and one.service.start >= since
    ]
    taxing = terms.taxing(priced.facts.client)
    ours = [
        settled(one, taxing)
        for one in priced.charges
        if one.service.start >= since and one.contract not in left_alone
    ]
    dues = difference(ours, comparable, period.end, priced.facts.later)
    if left_alone and not dues:
        raise next(iter(left_alone.values()))
    found = tuple(_left_alone(ref, error, priced) for ref, error in left_alone.items())
    held = [one for one in priced.placements if one.bucket == "held"]
    waiting = {one.ref for one in priced.facts.works if one.approved is False}
    client = priced.facts.client.id
    sums, line_sums = _sums(billed)
    result = []
    for (currency, group), own in by_invoice(dues, contracts).items():
        named = agreed(own, contracts)
        proposal = compose(
            client, currency, period, own, taxing, terms.tax, group=group, contracts=named
        )
        refs = {one.contract for one in named}
        case = Case(
            proposal=proposal,
            taxing=taxing,
            held=held,
            unapproved=frozenset(waiting),
            uncounted=priced.assembled.uncounted,
            quarantined=quarantined,
            contracts=[contracts[one.contract] for one in named],
            charges=[one for one in ours if one.contract in refs],
            billed=sums,
            billed_lines=line_sums,
            first=(currency, group) not in invoiced,
            deviation_percent=terms.policy.deviation_percent,
        )
        result.append(Draft(case, found))
    return result


def drafts_of_write_downs(
    downs: Iterable[write_down.WriteDown], billed: Sequence[Billed], terms: BillingTerms
) -> list[Draft]:
    """The credit notes of write-downs that wait for theirs."""
    asked = list(downs)
    if not asked:
        return []
    sums, _ = _sums(billed)
    taxing = Taxing(terms.taxes, terms.tax_category, rounding=terms.tax_rounding)
    return [
        Draft(
            Case(write_down.propose(one, taxing, terms.tax), billed=sums),
            (write_down.asked(one),),
            one.asked_by,
        )
        for one in asked
    ]


def currency_changed(
    contracts: Iterable[Contract], billed: Iterable[Billed]
) -> dict[str, SkipRecord]:
    """The contracts that were billed in another currency than they have now."""
    now = {one.id: one for one in contracts}
    found: dict[str, SkipRecord] = {}
    for one in billed:
        contract = now.get(one.contract)
        if contract is None or one.amount.currency == contract.currency:
            continue
        found[contract.id] = SkipRecord(
            f"{contract.name} was billed in {one.amount.currency} and is in "
            f"{contract.currency} now.",
            do="Put the currency back, end the contract and start another one, and sync.",
            record="contract",
            ref=contract.id,
        )
    return found


def quiet(priced: PricedClient, billed: Sequence[Billed], period: Period) -> str:
    """Why a client with nothing left to bill is worth a look, empty when it is not.

    Something in force in the period, for which nothing was charged: nothing was done, nothing was
    counted, or a cycle is not over.
    """
    in_force = [
        contract.id
        for contract, _ in priced.facts.contracts
        if contract.starts_on < period.end and contract_end(contract) > period.start
    ]
    if not in_force:
        return ""
    if any(one.amount and one.service.overlap(period) for one in billed):
        return ""
    named = ", ".join(sorted(in_force))
    return f"Nothing was charged for {named} in {period}: no work, no count, or a cycle not over."


def _sums(billed: Iterable[Billed]) -> tuple[dict[str, Money], dict[str, Money]]:
    """What was billed in all, per contract and per contract line, in its latest currency."""
    contracts: dict[str, Money] = {}
    lines: dict[str, Money] = {}
    for one in billed:
        for sums, key in ((contracts, one.contract), (lines, one.line)):
            before = sums.get(key)
            same = before is not None and before.currency == one.amount.currency
            sums[key] = before + one.amount if before is not None and same else one.amount
    return contracts, lines


def _left_alone(ref: str, error: TallystickError, priced: PricedClient) -> Objection:
    unreadable = ref in priced.assembled.unreadable
    code = "unreadable_contract" if unreadable else "currency_changed"
    return Objection(code, "hold", str(error), error.do)
