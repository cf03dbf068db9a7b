"""Routing: the contract of a booking or ticket that does not name one."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tallystick.billing.assemble import ClientFacts, assemble
from tallystick.billing.facts import Incident, Work
from tallystick.billing.models import SHIPPED
from tallystick.billing.routing import ASKED, Terms, read_lines, route, turns
from tallystick.records import Asset, Client, Contact, Contract, ContractLine

CLIENT = Client(id="K", name="Harbour Clinic")
WORK = Work("7", date(2026, 7, 1), 3600, work_type="remote", client="K", ticket="T1")
INCIDENT = Incident("T1", date(2026, 7, 1))


def contract(
    ref: str,
    *work_types: str,
    model: str = "fixed",
    ends_on: date | None = None,
    line_starts: date | None = None,
    line_ends: date | None = None,
) -> tuple[Contract, list[ContractLine]]:
    agreement = Contract(
        id=ref,
        client="K",
        name=ref,
        currency="EUR",
        starts_on=date(2026, 1, 1),
        ends_on=ends_on,
    )
    terms = {"unit_price": "100", "work_types": list(work_types)}
    return agreement, [
        ContractLine(
            id=f"{ref}1",
            contract=ref,
            description=ref,
            model=model,
            terms=terms,
            starts_on=line_starts,
            ends_on=line_ends,
        )
    ]


def routed(work: Work, *contracts: tuple[Contract, list[ContractLine]], ticket: str = "") -> str:
    facts = ClientFacts(
        CLIENT, contracts, works=(work,), ticket_contracts={"T1": ticket} if ticket else {}
    )
    result = assemble(facts, SHIPPED)
    homes = [one.contract.id for one in result.contracts for each in one.works if each.ref == "7"]
    assert all(each.contract == one.contract.id for one in result.contracts for each in one.works)
    assert len(homes) + len(result.unrouted) == 1
    for placement in result.unrouted:
        assert (placement.booking, placement.bucket, placement.line) == ("7", "held", None)
        assert (placement.seconds, placement.counted_seconds) == (3600, 0)
        assert placement.reason[-1].startswith(result.routes["7"])
        return f"held: {placement.reason[-1]}"
    return f"{homes[0]}: {result.routes['7']}"


A, B = contract("A", "remote"), contract("B", "onsite")
COUNTING = contract("I", model="per_incident")
OVER = contract("OVER", "*", ends_on=date(2026, 7, 1))


@pytest.mark.parametrize(
    ("said", "work", "contracts", "ticket"),
    [
        ("B: the booking names contract B", replace(WORK, contract="B"), [A, B], "A"),
        ("B: ticket T1 names contract B", WORK, [A, B], "B"),
        ("A: A is the only contract taking such work of client K on that day", WORK, [A, B], ""),
        ("A: A is the only contract of client K on that day", WORK, [A, OVER], ""),
        (
            "B: B is the only contract of client K on that day",
            replace(WORK, work_type="project"),
            [B],
            "",
        ),
        (
            "held: contracts A, B could all take it; name one on the booking or ticket",
            replace(WORK, work_type="project"),
            [B, A],
            "",
        ),
        (
            "held: contracts A, C could all take it; name one on the booking or ticket",
            WORK,
            [contract("C", "*"), B, A],
            "",
        ),
        (
            "A: A is the only contract taking such work of client K on that day",
            WORK,
            [A, contract("C", "*", ends_on=date(2027, 1, 1), line_starts=date(2026, 7, 2))],
            "",
        ),
        (
            "A: A is the only contract taking such work of client K on that day",
            WORK,
            [A, (contract("C")[0], [])],
            "",
        ),
        ("held: client K has no contract in force on 2026-07-01", WORK, [OVER], ""),
        ("held: client K has no contract in force on 2026-07-01", WORK, [], ""),
        (
            "held: neither the booking nor its ticket names a known client",
            replace(WORK, client=None),
            [A],
            "",
        ),
        (
            "held: the booking names contract Z, which nobody knows",
            replace(WORK, contract="Z"),
            [A],
            "",
        ),
        (
            "held: the booking names contract X, which cannot be read",
            replace(WORK, contract="X"),
            [A, contract("X", model="bespoke")],
            "",
        ),
    ],
)
def test_routes(
    said: str, work: Work, contracts: list[tuple[Contract, list[ContractLine]]], ticket: str
) -> None:
    assert routed(work, *contracts, ticket=ticket) == said


def test_only_lines_in_force_on_the_day_take_work() -> None:
    day = WORK.work_date
    ended, starting = contract("E", "*", line_ends=day), contract("S", "*", line_starts=day)
    assert routed(WORK, ended, starting).startswith("S: S is the only contract taking such work")


def test_a_contract_with_an_unknown_model_is_unreadable_and_says_so() -> None:
    result = assemble(ClientFacts(CLIENT, [A, contract("X", model="bespoke")]), SHIPPED)
    assert [one.contract.id for one in result.contracts] == ["A"]
    assert str(result.unreadable["X"]) == (
        f"There is no charge model 'bespoke'; known are {', '.join(sorted(SHIPPED))}."
        " (contract_line X1) Correct the model of the "
        "contract line or install the plugin that brings it."
    )


def test_dates_that_contradict_each_other_make_a_contract_unreadable() -> None:
    of_contract = contract("X", ends_on=date(2025, 12, 31))
    of_line = contract("Y", line_starts=date(2026, 3, 2), line_ends=date(2026, 3, 1))
    result = assemble(ClientFacts(CLIENT, [A, of_contract, of_line]), SHIPPED)
    assert [one.contract.id for one in result.contracts] == ["A"]
    assert {ref: str(error) for ref, error in result.unreadable.items()} == {
        "X": "It starts on 2026-01-01 and ends before that, on 2025-12-31. (contract X)"
        " Correct the dates at their source.",
        "Y": "It starts on 2026-03-02 and ends before that, on 2026-03-01. (contract_line Y1)"
        " Correct the dates at their source.",
    }


@pytest.mark.parametrize(
    ("incident", "contracts", "counts_under"),
    [
        (replace(INCIDENT, contract="A"), [A, B], "A"),
        (INCIDENT, [A, COUNTING], "I"),
        (INCIDENT, [contract("I", model="per_incident", ends_on=date(2026, 7, 1))], None),
        (
            INCIDENT,
            [contract("I", model="per_incident"), contract("J", model="per_incident")],
            None,
        ),
        (INCIDENT, [A], None),
        (replace(INCIDENT, contract="Z"), [A], None),
    ],
)
def test_incidents_count_under_one_contract_or_none(
    incident: Incident,
    contracts: list[tuple[Contract, list[ContractLine]]],
    counts_under: str | None,
) -> None:
    result = assemble(ClientFacts(CLIENT, contracts, incidents=(incident,)), SHIPPED)
    found = [one.contract.id for one in result.contracts if incident in one.incidents]
    assert found == ([counts_under] if counts_under else [])


def test_one_line_that_counts_incidents_is_enough() -> None:
    agreement, counting = contract("I", model="per_incident")
    mixed = (agreement, [*counting, *contract("A")[1]])
    (found,) = assemble(ClientFacts(CLIENT, [mixed], incidents=(INCIDENT,)), SHIPPED).contracts
    assert found.incidents == (INCIDENT,)


def test_every_contract_sees_every_device_and_user_of_the_client() -> None:
    devices = (Asset(id="1", name="srv"), Asset(id="2", name="nb"))
    users = (Contact(id="1", client="K", name="Ada"), Contact(id="2", client="K", name="Bob"))
    result = assemble(ClientFacts(CLIENT, [A, B], assets=devices, users=users), SHIPPED)
    assert [one.assets for one in result.contracts] == [devices, devices]
    assert [one.users for one in result.contracts] == [users, users]


def test_an_incident_two_contracts_could_count_is_told() -> None:
    contracts = [contract(ref, model="per_incident") for ref in ("J", "I")]
    result = assemble(ClientFacts(CLIENT, contracts, incidents=(INCIDENT,)), SHIPPED)
    assert result.uncounted == {"T1": "contracts I, J could all count it; name one on the ticket"}


def test_an_incident_where_none_is_counted_is_nothing_to_tell() -> None:
    result = assemble(ClientFacts(CLIENT, [contract("F")], incidents=(INCIDENT,)), SHIPPED)
    assert result.uncounted == {}


def test_an_incident_of_a_contract_nobody_knows_is_told() -> None:
    named = replace(INCIDENT, contract="X")
    result = assemble(ClientFacts(CLIENT, [COUNTING], incidents=(named,)), SHIPPED)
    assert result.uncounted == {"T1": "the ticket names contract X"}


def test_the_contract_depends_on_what_is_asked_and_on_nothing_else() -> None:
    """One thing about work changes at a time: those that move it are those that are asked."""
    kinds = {"ticket_types": ["incident"], "priorities": ["high"]}
    places = {"assets": ["M1"], "asset_types": ["server"], "locations": ["Bremen"]}
    block = {"quantity": "2", "unit_price": "180", "rate_card": "exact", "shared": True}
    sharing, [line] = contract("B", model="prepaid")
    shared = replace(line, terms=block | {"covers": kinds | places})
    agreed = [contract("A", "remote"), contract("C", "project"), (sharing, [shared])]
    terms = [read_lines(*one, SHIPPED) for one in agreed]
    named = replace(WORK, contract="A", work_type="onsite", ticket_type="incident", priority="high")
    other = {
        "ref": "8",
        "seconds": 1,
        "technician": "T9",
        "role": "senior",
        "ticket": "T2",
        "note": "again",
        "started_at": datetime(2026, 7, 1, tzinfo=UTC),
        "approved": False,
        "invoice": "PSA-9",
        "asset": "M2",
        "asset_type": "printer",
        "location": "Kiel",
        "work_date": date(2025, 7, 1),
        "work_type": "remote",
        "billable": "never",
        "client": None,
        "contract": "C",
        "ticket_type": "request",
        "priority": "low",
    }
    assert other.keys() == set(Work.__struct_fields__)
    moving = set()
    for work in (named, replace(named, contract=None, work_type="remote")):
        for name, value in other.items():
            changed = replace(work, **{name: value})
            moved = route(changed, None, terms).contract != route(work, None, terms).contract
            moving |= {name} if moved else set()
    assert moving == set(ASKED)


few_days = st.integers(0, 5).map(lambda n: date(2026, 7, 1) + timedelta(days=n))
always = st.just((None, None))
spans = always | st.lists(few_days, min_size=2, max_size=2).map(sorted)
pauses = st.lists(few_days, max_size=4, unique=True).map(sorted)


@st.composite
def agreed(draw: st.DrawFn) -> Terms:
    """A contract with a line, either of which may begin, end and pause within a few days."""
    one, [line] = contract(draw(st.sampled_from("ABCD")), draw(st.sampled_from(["remote", "*"])))
    starts_on, ends_on = draw(spans)
    line_starts, line_ends = draw(spans)
    off = [{"since": str(a), "until": str(b)} for a, b in pairwise(draw(pauses))][::2]
    if draw(st.booleans()):
        block = {"quantity": "2", "unit_price": "180", "rate_card": "exact", "shared": True}
        line = replace(line, model="prepaid", terms=block)
    one = replace(one, starts_on=starts_on or date(2026, 1, 1), ends_on=ends_on)
    line = replace(line, starts_on=line_starts, ends_on=line_ends)
    return read_lines(replace(one, terms={"pauses": off}), [line], SHIPPED)


@given(
    st.lists(agreed(), min_size=1, max_size=3, unique_by=lambda one: one.contract.id),
    few_days,
    st.sampled_from(["remote", "onsite"]),
)
def test_between_two_turns_the_same_work_belongs_to_the_same_contract(
    of_client: list[Terms], day: date, work_type: str
) -> None:
    known = [date.min, *turns(of_client)]
    begun = known[bisect_right(known, day) - 1]
    work = replace(WORK, work_date=day, work_type=work_type)
    then = route(replace(work, work_date=begun), None, of_client)
    assert then.contract == route(work, None, of_client).contract
