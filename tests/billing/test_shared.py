"""Shared balances: which contract the work goes to that its own contract has no line for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tallystick.billing.assemble import Assembled, ClientFacts, assemble
from tallystick.billing.charges import Charge, Placement
from tallystick.billing.facts import Work
from tallystick.billing.holes import holes
from tallystick.billing.invoice.difference import Billed, difference
from tallystick.billing.models import SHIPPED
from tallystick.billing.pricing import price
from tallystick.billing.routing import read_lines, route
from tallystick.billing.tax.taxation import settled
from tallystick.records import Client, Contract, ContractLine

from .issued import by_tax, issue
from .strategies import FINAL, TAXING, book, facts

T = TypeVar("T")
CLIENT = Client(id="K", name="Harbour Clinic")
DAY = date(2026, 7, 1)
WORK = Work("7", DAY, 3600, work_type="onsite", client="K", contract="A", ticket_type="incident")
BOOK = book("EUR")
Agreed = tuple[Contract, list[ContractLine]]


def agreed(ref: str, *lines: ContractLine, currency: str = "EUR", **more: Any) -> Agreed:
    plain: dict[str, Any] = {"starts_on": date(2026, 1, 1), **more}
    return Contract(id=ref, client="K", name=ref, currency=currency, **plain), list(lines)


def fee(ref: str, *work_types: str, starts: date | None = None, **terms: Any) -> ContractLine:
    terms = {"unit_price": "100", "work_types": list(work_types), **terms}
    return ContractLine(
        id=f"{ref}1", contract=ref, description=ref, model="fixed", terms=terms, starts_on=starts
    )


def block(ref: str, starts: date | None = None, **more: Any) -> ContractLine:
    terms = {"quantity": "2", "unit_price": "180", "rate_card": "exact", "shared": True, **more}
    return ContractLine(
        id=f"{ref}2", contract=ref, description=ref, model="prepaid", terms=terms, starts_on=starts
    )


def assembled(work: Work, *contracts: Agreed, ticket: str = "") -> Assembled:
    named = {"T1": ticket} if ticket else {}
    return assemble(ClientFacts(CLIENT, contracts, works=(work,), ticket_contracts=named), SHIPPED)


def routed(work: Work, *contracts: Agreed, ticket: str = "") -> str:
    found = assembled(work, *contracts, ticket=ticket)
    homes = [one.contract.id for one in found.contracts for each in one.works]
    assert [each.contract for one in found.contracts for each in one.works] == homes
    for one in found.unrouted:
        assert (one.bucket, one.line, one.seconds) == ("held", None, work.seconds)
        assert one.reason == (found.routes["7"],)
    assert len(homes) + len(found.unrouted) == 1
    return f"{(homes or ['held'])[0]}: {found.routes['7']}"


A, B, D = agreed("A", fee("A", "remote")), agreed("B", block("B")), agreed("D", block("D"))
NAMED = "the booking names contract A"
NONE = f"{NAMED}; none of its lines takes it"
NAME_ONE = "name one on the booking or ticket"
DRAWS = f"B: {NONE}, so it draws on the shared balance of contract B"


@pytest.mark.parametrize(
    ("said", "work", "contracts"),
    [
        (DRAWS, WORK, [A, B]),
        (f"A: {NAMED}", replace(WORK, work_type="remote"), [A, B]),
        (f"A: {NAMED}", WORK, [A, agreed("B", block("B", shared=False))]),
        (f"A: {NAMED}", WORK, [A, agreed("B", block("B", work_types=["project"]))]),
        (DRAWS, WORK, [agreed("A", fee("A", "*", covers={"ticket_types": ["request"]})), B]),
        (f"A: {NAMED}", WORK, [agreed("A", fee("A", "*", covers={"priorities": ["*"]})), B]),
        (f"A: {NAMED}", WORK, [agreed("A", fee("A", "*", covers={"assets": ["x"]})), B]),
        (f"A: {NAMED}", WORK, [agreed("A", fee("A", "*", covers={"allowance_hours": 0})), B]),
        (f"A: {NAMED}", WORK, [A, agreed("B", block("B", covers={"priorities": ["P1"]}))]),
        (f"A: {NAMED}", WORK, [A, agreed("B", fee("B", "*"), block("B", work_types=["project"]))]),
        (f"A: {NAMED}", replace(WORK, billable="never"), [A, B]),
        (DRAWS, replace(WORK, approved=False), [A, B]),
        (f"A: {NAMED}", WORK, [agreed("A", fee("A"), block("A")), B]),
        ("B: the booking names contract B", replace(WORK, contract="B"), [A, B, D]),
        (
            f"held: {NONE}, and contracts B, D each share a balance with it; {NAME_ONE}",
            WORK,
            [D, A, B],
        ),
        (
            f"held: {NONE}, and the shared balance of contract B is not in CHF",
            WORK,
            [agreed("A", fee("A"), currency="CHF"), B],
        ),
        (DRAWS, WORK, [A, B, agreed("D", block("D"), currency="CHF")]),
    ],
)
def test_work_no_line_takes_goes_to_the_one_shared_balance(
    said: str, work: Work, contracts: list[Agreed]
) -> None:
    assert routed(work, *contracts) == said
    assert routed(work, *reversed(contracts)) == said


@pytest.mark.parametrize(
    ("goes_to", "contracts"),
    [
        ("A", [A, agreed("B", block("B"), starts_on=DAY + timedelta(1))]),
        ("B", [A, agreed("B", block("B"), starts_on=DAY)]),
        ("A", [A, agreed("B", block("B"), ends_on=DAY)]),
        ("B", [A, agreed("B", block("B"), ends_on=DAY + timedelta(1))]),
        ("A", [A, agreed("B", block("B", starts=DAY + timedelta(1)))]),
        ("B", [A, agreed("B", block("B", starts=DAY))]),
        ("A", [agreed("A", fee("A"), ends_on=DAY), B]),
        ("B", [agreed("A", fee("A"), ends_on=DAY + timedelta(1)), B]),
        ("B", [agreed("A", fee("A", "*", starts=DAY + timedelta(1))), B]),
        ("A", [agreed("A", fee("A", "*", starts=DAY)), B]),
        ("B", [agreed("A", fee("A", "*", pauses=[{"since": DAY}])), B]),
        ("A", [agreed("A", fee("A", "*", pauses=[{"since": DAY + timedelta(1)}])), B]),
        ("B", [agreed("A", fee("A", "*"), terms={"pauses": [{"since": DAY}]}), B]),
    ],
)
def test_what_is_in_force_that_day_decides(goes_to: str, contracts: list[Agreed]) -> None:
    assert routed(WORK, *contracts).startswith(f"{goes_to}: ")


def test_work_that_names_nothing_goes_to_any_other_line_before_a_shared_one() -> None:
    nobody = replace(WORK, contract=None)
    only = "is the only contract taking such work of client K on that day"
    remote = replace(nobody, work_type="remote")
    assert routed(remote, A, B) == f"A: A {only}"
    assert routed(nobody, A, B) == f"B: B {only}"
    assert routed(nobody, A, B, D).startswith("held: contracts B, D could all take it")
    narrow = agreed("A", fee("A", "*", covers={"ticket_types": ["request"]}))
    assert routed(nobody, narrow, B).startswith(f"B: A {only}; none of its lines takes it, so")


def test_work_that_is_held_for_a_shared_balance_stays_with_its_own_contract() -> None:
    francs = agreed("A", fee("A"), currency="CHF")
    for contracts in ([A, B, D], [francs, B]):
        terms = [read_lines(one, lines, SHIPPED) for one, lines in contracts]
        found = route(WORK, None, terms)
        assert (found.contract, found.held) == ("A", True)


def test_the_contract_of_its_ticket_is_asked_first() -> None:
    work = replace(WORK, contract=None, ticket="T1")
    assert routed(work, A, B, ticket="A").startswith("B: ticket T1 names contract A; none of its")


def test_it_is_drawn_and_goes_beyond_under_the_terms_of_the_balance() -> None:
    found = assembled(replace(WORK, work_type="remote", seconds=3 * 3600), agreed("A", fee("A")), B)
    [pricing] = [
        price(one, date(2026, 7, 2), SHIPPED, BOOK)
        for one in found.contracts
        if one.contract.id == "B"
    ]
    placed = [(one.bucket, one.line, one.seconds) for one in pricing.placements]
    assert placed == [("drawn", "B2", 7200), ("billed", "B2", 3600)]
    assert [(one.contract, str(one.amount)) for one in pricing.charges if one.unit == "hour"] == [
        ("B", "77.77 EUR")
    ]


def test_work_that_a_shared_balance_takes_is_no_hole() -> None:
    def codes(*contracts: Agreed) -> list[str]:
        facts = ClientFacts(CLIENT, contracts)
        return [one.code for one in holes(facts, SHIPPED, BOOK, DAY, ["onsite", "remote"])]

    assert codes(A) == ["unpriced_work"]
    assert codes(A, B) == []


# --- laws -------------------------------------------------------------------------------------

REFS = ("A", "B", "D")


def named(of: Any, ref: str) -> Agreed:
    """The contract and lines of random facts under references of their own."""
    lines = [
        replace(one, id=f"{ref}-{one.id}", contract=ref, terms=_of(one.terms, ref))
        for one in of.lines
    ]
    return replace(of.contract, id=ref), lines


def _of(terms: Mapping[str, Any], ref: str) -> dict[str, Any]:
    of = terms.get("of")
    return (
        {**terms, "of": [one if one == "*" else f"{ref}-{one}" for one in of]} if of else {**terms}
    )


@st.composite
def clients(draw: st.DrawFn) -> ClientFacts:
    """Up to three contracts of which one at least shares a balance; work that names any of them."""
    found = [draw(facts()) for _ in range(draw(st.integers(1, 2)))]
    contracts = [named(one, ref) for one, ref in zip(found, REFS, strict=False)]
    for ref in REFS[len(found) : draw(st.integers(len(found) + 1, 3))]:
        overage = draw(st.sampled_from(["rate", "refuse", "pass"]))
        bought = {"bought": draw(st.sampled_from(["once", "every_cycle"])), "overage": overage}
        kinds = draw(st.sampled_from([["*"], ["remote"], ["onsite", "project"]]))
        contracts.append(agreed(ref, block(ref, work_types=kinds, **bought)))
    names = st.sampled_from([None, *(one.id for one, _ in contracts)])
    works = [
        replace(work, ref=f"{n}{work.ref}", client="K", contract=draw(names))
        for n, one in enumerate(found)
        for work in one.works
    ]
    return ClientFacts(CLIENT, contracts, works=works)


@st.composite
def corrected(draw: st.DrawFn, of: ClientFacts) -> ClientFacts:
    """The same client with other terms of one contract, with bookings lost and named anew."""
    contracts = [*of.contracts]
    at = draw(st.integers(0, len(contracts) - 1))
    contract, lines = contracts[at]
    if draw(st.booleans()):
        lines = [
            replace(one, terms={**one.terms, "shared": draw(st.booleans())})
            if one.model == "prepaid"
            else one
            for one in lines
        ]
    else:
        start = contract.starts_on + timedelta(days=draw(st.integers(-40, 40)))
        contract = replace(contract, starts_on=start, ends_on=None)
    contracts[at] = contract, lines
    names = st.sampled_from([None, *(one.id for one, _ in contracts)])
    works = [
        replace(work, contract=draw(names)) if draw(st.booleans()) else work
        for work in of.works
        if draw(st.integers(0, 3))
    ]
    return ClientFacts(CLIENT, contracts, works=works)


def all_priced(of: ClientFacts, until: date) -> tuple[list[Charge], list[Placement]]:
    found = assemble(of, SHIPPED)
    pricings = [price(one, until, SHIPPED, BOOK) for one in found.contracts]
    placed = [one for pricing in pricings for one in pricing.placements]
    charges = [settled(one, TAXING) for pricing in pricings for one in pricing.charges]
    return charges, [*placed, *found.unrouted]


def bill(of: ClientFacts, untils: Sequence[date], billed: Sequence[Billed] = ()) -> list[Billed]:
    for until in untils:
        charges, _ = all_priced(of, until)
        billed = issue(billed, difference(charges, billed, until), f"I{until}")
    return list(billed)


few = settings(max_examples=20)
horizons = st.lists(st.dates(date(2026, 1, 2), FINAL), max_size=3).map(sorted)


@few
@given(clients())
def test_every_second_of_a_client_ends_in_one_bucket(of: ClientFacts) -> None:
    _, placed = all_priced(of, date(2027, 1, 1))
    seconds: dict[str, int] = defaultdict(int)
    for one in placed:
        seconds[one.booking] += one.seconds
    assert seconds == {work.ref: work.seconds for work in of.works}
    lines = {line.id: line.contract for _, own in of.contracts for line in own}
    homes = defaultdict(set)
    for one in placed:
        homes[one.booking].add(lines.get(one.line or ""))
    assert all(len(found - {None}) <= 1 for found in homes.values()), "under two contracts"


@few
@given(clients(), st.randoms(use_true_random=False))
def test_no_order_of_contracts_lines_or_work_matters(of: ClientFacts, chance: Any) -> None:
    def shuffled(records: Sequence[T]) -> list[T]:
        return chance.sample(records, len(records))

    contracts = [(one, shuffled(lines)) for one, lines in shuffled(of.contracts)]
    other = ClientFacts(CLIENT, contracts, works=shuffled(of.works))
    assert assemble(other, SHIPPED).routes == assemble(of, SHIPPED).routes
    for mine, theirs in zip(all_priced(of, FINAL), all_priced(other, FINAL), strict=True):
        assert sorted(mine, key=repr) == sorted(theirs, key=repr)


@few
@given(clients(), horizons)
def test_a_second_run_proposes_nothing_to_a_client(of: ClientFacts, untils: list[date]) -> None:
    billed = bill(of, [*untils, FINAL])
    for until in (*untils, FINAL):
        assert difference(all_priced(of, until)[0], billed, until) == []


@few
@given(clients(), horizons, st.data())
def test_a_client_billed_and_corrected_is_a_client_billed_right_at_first(
    of: ClientFacts, untils: list[date], data: st.DataObject
) -> None:
    now = data.draw(corrected(of))
    assert by_tax(bill(now, [FINAL], bill(of, untils))) == by_tax(bill(now, [FINAL]))
