"""Facts come back by client: references joined through links, strays apart, in one order."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from datetime import UTC, date, datetime

import msgspec
import pytest
from sqlalchemy import event

from tallystick.billing.assemble import ClientFacts
from tallystick.records import Record, Technician
from tallystick.store.facts.by_client import client_facts

from .msp import HOMES, SEPTEMBER, TERMS, Msp
from .test_profit_cells import change_at_random
from .told import asset, booking, client, contract, fixed, ticket

AWKWARD = ["Z", "a", "Ä", "ß", "é", "zz", "K 1", "K-1", "k1", "K1", "日本", "\U0001f600", "_", "%"]


def refs(facts: list[ClientFacts]) -> list[str]:
    return [one.client.id for one in facts]


def bookings(facts: list[ClientFacts]) -> dict[str, list[str]]:
    return {one.client.id: sorted(work.ref for work in one.works) for one in facts}


def test_references_become_refs_of_the_home_connection(msp: Msp) -> None:
    closed = datetime(2026, 9, 30, 22, 30, tzinfo=UTC)
    msp.tell(client(), contract(), fixed(), Technician(id="T1", name="Tina", role="senior"))
    msp.tell(ticket("7", None, contract="C1", closed_at=closed))
    msp.tell(booking("1", ticket="7", contract="C1"))
    [facts] = msp.facts()
    [(agreed, [line])] = facts.contracts
    assert (facts.client.id, agreed.id, agreed.client) == ("psa:K1", "psa:C1", "psa:K1")
    assert (line.id, line.contract) == ("psa:L1", "psa:C1")
    [work] = facts.works
    assert (work.ref, work.contract, work.ticket) == ("psa:1", "psa:C1", "psa:7")
    assert (work.technician, work.role, work.client) == ("psa:T1", "senior", "psa:K1")
    [incident] = facts.incidents
    assert (incident.ref, incident.contract) == ("psa:7", "psa:C1")
    assert incident.closed_on == date(2026, 10, 1), "half past midnight in Berlin"
    assert facts.ticket_contracts == {"psa:7": "psa:C1"}


def test_sites_reach_their_client_through_links_only(msp: Msp) -> None:
    msp.tell(client("K1"), client("K2"), client("S3"))
    for kind in ("asset", "ticket"):
        msp.link("S2", "K2", kind=kind)
    msp.link("S1", "K1")
    msp.link("S2", "K1", source="other")
    msp.tell(asset("1", "S1"), asset("2", "S2"), asset("3", "S3"), asset("4", None), source="rmm")
    assert {one.client.id: [pc.id for pc in one.assets] for one in msp.facts()} == {
        "psa:K1": ["rmm:1"],
        "psa:K2": [],
        "psa:S3": [],
    }


@pytest.mark.parametrize(
    ("names", "belongs_to"),
    [
        ({"of": "K2"}, "K2"),
        ({"of": None, "contract": "C1"}, "K1"),
        ({"of": "K2", "contract": "C1"}, "K1"),
        ({"of": "K2", "contract": "C9"}, "K2"),
        ({"of": None, "ticket": "of K2"}, "K2"),
        ({"of": None, "ticket": "of C1"}, "K1"),
        ({"of": "K2", "ticket": "of C1"}, "K1"),
        ({"of": "K1", "ticket": "of K2"}, "K1"),
        ({"of": None, "ticket": "lost"}, None),
        ({"of": None}, None),
        ({"of": "K9"}, None),
    ],
    ids=str,
)
def test_a_booking_belongs_to_one_client(
    msp: Msp, names: dict[str, str | None], belongs_to: str | None
) -> None:
    msp.tell(client("K1"), client("K2"), contract("C1", "K1"))
    msp.tell(ticket("of K2", "K2"), ticket("of C1", "K2", contract="C1"))
    msp.tell(booking("b", **names))  # type: ignore[arg-type]  # `of` is among the names
    found = {ref: works for ref, works in bookings(msp.facts()).items() if works}
    assert found == ({f"psa:{belongs_to}": ["psa:b"]} if belongs_to else {})


def test_strays_disturb_nobody(msp: Msp) -> None:
    """Clients nobody knows sort before, between and after those that are known."""
    known = ["B", "D", "F"]
    msp.tell(*(client(ref) for ref in known))
    for ref in ["A", *known, "C", "E", "G", "É"]:
        msp.tell(contract(f"C{ref}", ref), fixed(f"L{ref}", f"C{ref}"), booking(f"b{ref}", ref))
    msp.tell(booking("nobody", None))
    found = msp.facts()
    assert bookings(found) == {f"psa:{ref}": [f"psa:b{ref}"] for ref in known}
    for one in found:
        [(agreed, [line])] = one.contracts
        assert agreed.client == one.client.id
        assert line.contract == agreed.id


def test_any_id_keeps_its_facts_in_the_order_of_code_points(msp: Msp) -> None:
    msp.tell(*(client(ref) for ref in AWKWARD))
    for ref in AWKWARD:
        msp.tell(contract(f"C{ref}", ref), fixed(f"L{ref}", f"C{ref}"), booking(f"b{ref}", ref))
    found = msp.facts()
    assert refs(found) == sorted(f"psa:{ref}" for ref in AWKWARD)
    assert bookings(found) == {f"psa:{ref}": [f"psa:b{ref}"] for ref in AWKWARD}
    for one in found:
        [(_, lines)] = one.contracts
        assert len(lines) == 1


def test_the_database_never_sorts_by_language(msp: Msp) -> None:
    """No PostgreSQL here has a German dictionary, so the statements themselves are asked."""
    asked: list[str] = []
    collation = {"sqlite": '"BINARY"', "postgresql": '"C"'}[msp.database.dialect]

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    with msp.database.read() as connection:
        event.listen(connection, "before_cursor_execute", note)
        list(client_facts(connection, HOMES, SEPTEMBER.end, TERMS.zone))
    ordered = [one for one in asked if "ORDER BY" in one]
    assert len(ordered) == 10
    assert all(one.strip().strip("()").endswith(f"COLLATE {collation}") for one in ordered)


def test_only_reads_the_same_as_reading_all(msp: Msp) -> None:
    for ref in AWKWARD:
        msp.tell(client(ref), contract(f"C{ref}", ref), fixed(f"L{ref}", f"C{ref}"))
        msp.tell(booking(f"b{ref}", ref), ticket(f"t{ref}", ref))
        msp.link(f"S{ref}", ref)
        msp.tell(asset(f"a{ref}", f"S{ref}"), source="rmm")
    for whole in msp.facts():
        assert msp.facts(only=whole.client.id) == [whole]
    assert msp.facts(only="psa:nobody") == msp.facts(only="") == []


def test_only_reads_the_same_whoever_names_whom(fresh: Callable[[], Msp]) -> None:
    msp = fresh()
    for seed in range(3):
        change_at_random(msp, seed, changes=1000, batch=125)
        everybody = msp.facts()
        assert sum(len(one.works) for one in everybody) > 50
        for whole in everybody:
            [alone] = msp.facts(only=whole.client.id)
            assert told(alone) == told(whole)


def told(facts: ClientFacts) -> dict[str, list[str]]:
    """Field by field; the order within each does not matter."""
    return {
        name: sorted(map(repr, value.items() if isinstance(value, dict) else value))
        for name, value in msgspec.structs.asdict(facts).items()
        if name != "client"
    }


def test_work_counts_before_the_day_given(msp: Msp) -> None:
    msp.tell(client())
    for day, closed in ((29, 29), (30, 30)):
        msp.tell(booking(f"b{day}", day=date(2026, 9, day)))
        msp.tell(ticket(f"t{day}", closed_at=datetime(2026, 9, closed, 12, tzinfo=UTC)))
    msp.tell(ticket("open"))
    [facts] = msp.facts(until=date(2026, 9, 30))
    assert [work.ref for work in facts.works] == ["psa:b29"]
    assert [one.ref for one in facts.incidents] == ["psa:t29"]


def test_another_connection_with_the_same_ids_changes_nothing(msp: Msp) -> None:
    records = [client(), contract(), fixed(), ticket("7"), booking("1", ticket="7")]
    msp.tell(*records, Technician(id="T1", name="Tina", role="senior"))
    before = msp.facts()
    msp.tell(*records, Technician(id="T1", name="Tom", role="junior"), source="copy")
    assert msp.facts() == before
    assert [(len(one.contracts), len(one.works)) for one in before] == [(1, 1)]


def test_memory_holds_one_client_at_a_time(msp: Msp) -> None:
    """Six times the clients, and hardly more memory."""

    def peak_bytes() -> int:
        tracemalloc.start()
        with msp.database.read() as connection:
            for facts in client_facts(connection, HOMES, SEPTEMBER.end, TERMS.zone):
                assert len(facts.works) == 300
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    def clients(numbers: range) -> list[Record]:
        works = [booking(f"{n}-{i}", f"K{n:03}") for n in numbers for i in range(300)]
        return [*(client(f"K{n:03}") for n in numbers), *works]

    msp.tell(*clients(range(4)))
    few = peak_bytes()
    msp.tell(*clients(range(4, 24)))
    assert peak_bytes() < 2 * few


def test_a_client_keeps_every_field_but_the_id(msp: Msp) -> None:
    told = client(vat_id="DE123456789", payment_terms_days=0, country="DE")
    msp.tell(told)
    [facts] = msp.facts()
    assert facts.client == msgspec.structs.replace(told, id="psa:K1", version=1)
