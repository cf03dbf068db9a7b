"""Many workers, one line: whoever is faster, each client is billed once and no number is lost.

`TALLYSTICK_WORKERS=50 TALLYSTICK_ROUNDS=200` asks for more than a quick run does, as `make sim`
does of one client.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Barrier, Thread
from time import sleep

import pytest
from sqlalchemy import URL, select, update
from sqlalchemy.exc import DBAPIError

from tallystick.billing.invoice.proposal import Objection, Proposal
from tallystick.connector import Raw, Ref
from tallystick.cycle.issue import issue
from tallystick.cycle.post import Posted, post_invoices
from tallystick.cycle.standing import approve_standing
from tallystick.period import month
from tallystick.store.billing.proposals import TURN
from tallystick.store.billing.schema import charge, invoice, number_series, outbound, proposal
from tallystick.store.database import Database, open_database
from tallystick.store.facts.schema import FACTS
from tallystick.store.turn import take_turn

from .msp import SEPTEMBER, TERMS, TODAY, Msp, with_limit
from .told import booking, client, contract, fixed, hourly, prepaid

WORKERS = int(os.environ.get("TALLYSTICK_WORKERS", "8"))
ROUNDS = int(os.environ.get("TALLYSTICK_ROUNDS", "12"))
ROUNDS_OF_ONE = int(os.environ.get("TALLYSTICK_ROUNDS", "3"))
CLIENTS = ("K1", "K2", "K3")


@pytest.fixture
def workers(msp: Msp, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[list[Msp]]:
    """Workers with connections of their own, as processes have."""
    url = "sqlite:///test.db"
    if msp.database.dialect == "postgresql":
        with msp.database.read() as connection:
            name = connection.exec_driver_sql("SELECT current_database()").scalar_one()
        server: URL = request.getfixturevalue("postgres")
        url = server.set(database=name).render_as_string(hide_password=False)
    opened = [open_database(url, tmp_path) for _ in range(WORKERS)]
    yield [Msp(database, with_limit("100000")) for database in opened]
    for database in opened:
        database.close()


def whole_line(worker: Msp) -> None:
    worker.propose()
    approve_standing(worker.database, SEPTEMBER, worker.terms, worker.now)
    worker.issue()
    worker.recognise()


def at_once(workers: list[Msp], work: Callable[[Msp], object]) -> None:
    with ThreadPoolExecutor(len(workers)) as pool:
        for done in [pool.submit(work, worker) for worker in workers]:
            done.result()


def test_each_fact_is_billed_once_by_many_workers(msp: Msp, workers: list[Msp]) -> None:
    rounds = ROUNDS if msp.database.dialect == "postgresql" else max(ROUNDS // 4, 1)
    for ref in CLIENTS:
        msp.tell(client(ref), contract(f"C{ref}", ref), fixed(f"F{ref}", f"C{ref}"))
        msp.tell(prepaid(f"P{ref}", f"C{ref}"))
    for number in range(rounds):
        msp.tell(*(booking(f"{ref}-{number}", ref, seconds=7200) for ref in CLIENTS))
        at_once(workers, whole_line)
        whole_line(workers[0])
    msp.must_hold()
    billed = Counter((row.contract, row.basis) for row in msp.rows(charge))
    assert set(billed.values()) == {1}, "no fact is on two invoices"
    assert {row.amount_minor for row in msp.rows(charge) if "booking" in row.basis} <= {9500, 19000}
    assert msp.propose().proposed == []
    found = msp.rows(invoice)
    assert [row.next for row in msp.rows(number_series)] == [len(found) + 1]
    for ref in CLIENTS:
        assert msp.balance("Income:Prepaid", client=f"psa:{ref}") == -3 * 800
    assert msp.balance("Liabilities:Deferred") == 0


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_one_client_gets_one_invoice_a_round(msp: Msp, workers: list[Msp]) -> None:
    """All workers begin each round at the same moment, with one more fact to bill."""
    msp.tell(client("K1"), contract("C1", "K1"), hourly())
    whole_line(msp)
    before = len(msp.rows(invoice))
    together = Barrier(len(workers))

    def bill(worker: Msp) -> None:
        together.wait()
        worker.propose()
        approve_standing(worker.database, SEPTEMBER, worker.terms, worker.now)
        worker.issue()

    for number in range(1, ROUNDS_OF_ONE + 1):
        msp.tell(booking(f"B{number}", "K1", seconds=3600))
        at_once(workers, bill)
        found = msp.rows(invoice)
        assert len(found) == before + number, f"round {number} of {len(workers)} workers"
    assert [row.next for row in msp.rows(number_series)] == [len(found) + 1]
    assert set(Counter(row.basis for row in msp.rows(charge)).values()) == {1}
    msp.must_hold()


def in_between(msp: Msp, happens: Callable[[], object]) -> None:
    """A review during which something happens, once: pricing has read what was billed by then."""
    todo = [happens]

    def review(_: Proposal) -> list[Objection]:
        if todo:
            todo.pop()()
        return []

    msp.terms = replace(TERMS, review=review)


def test_an_invoice_issued_while_pricing_is_not_billed_again(office: Msp) -> None:
    office.propose()
    office.approve()
    other = Msp(office.database)
    in_between(office, other.issue)
    report = office.propose()
    assert [row.state for row in office.rows(proposal)] == ["issued"]
    assert str(report.failed["psa:K1"]).startswith("An invoice to psa:K1 was issued while")
    assert office.propose().nothing == ["psa:K1"]
    assert office.bill() == []


def test_a_reading_is_of_one_moment(office: Msp) -> None:
    with office.database.read() as connection:
        before = connection.execute(select(FACTS["client"])).all()
        office.tell(client("K2"))
        assert connection.execute(select(FACTS["client"])).all() == before
    assert len(office.facts()) == 2


@contextmanager
def voiding(msp: Msp) -> Iterator[None]:
    """A worker that has made the open proposal void, and commits when the block ends."""
    with msp.database.write() as connection:
        take_turn(connection, TURN)
        connection.execute(update(proposal).values(state="void"))
        yield
        sleep(0.2)


@pytest.mark.parametrize("step", ["approve", "approve_standing", "issue"])
def test_a_proposal_made_void_meanwhile_stays_void(office: Msp, step: str) -> None:
    office.propose()
    if step == "issue":
        office.approve()
    done: list[object] = []

    def act() -> None:
        other = Msp(office.database, with_limit("100000"))
        if step == "approve_standing":
            done.append(approve_standing(other.database, SEPTEMBER, other.terms, other.now))
        else:
            done.append(getattr(other, step)())

    actor = Thread(target=act)
    with voiding(office):
        actor.start()
    actor.join()
    [report] = done
    assert getattr(report, "approved", []) == getattr(report, "issued", []) == []
    assert office.states() == ["void"]
    assert office.rows(invoice) == []


def test_whom_another_worker_issued_is_not_called_lapsed(office: Msp) -> None:
    office.tell(client("K2"), contract("C2", "K2"), fixed("L9", "C2"))
    office.propose()
    office.approve()
    others: list[str] = []

    def progress(_: int) -> None:
        others.extend(one.client for _, one in Msp(office.database).issue().issued)

    report = issue(
        office.database,
        office.terms,
        SEPTEMBER,
        TODAY,
        office.now,
        progress,
        lambda *told: None,
    )
    assert [one.client for _, one in report.issued] == ["psa:K1"]
    assert (others, report.lapsed) == (["psa:K2"], [])
    office.must_hold()


def test_readers_cannot_write(shared_postgres: Database) -> None:
    """What changed inside a reading transaction would change out of turn."""
    with pytest.raises(DBAPIError, match="read-only"), shared_postgres.read() as reading:
        reading.execute(update(proposal).values(state="void"))


def test_many_workers_post_each_invoice_once(msp: Msp, workers: list[Msp]) -> None:
    """The journal obeys keys, as every sink must; so two who send at once book once. What one
    passed by while another was sending is sent at the next run."""
    for ref in CLIENTS:
        msp.tell(client(ref), contract(f"C{ref}", ref), fixed(f"F{ref}", f"C{ref}"))
    ledger = KeyedLedger()
    for period in (month(2026, number) for number in range(7, 10)):
        msp.bill(period)

        def post(worker: Msp) -> Posted:
            return post_invoices(worker.database, "books", ledger, worker.now, lambda _: None)

        at_once(workers, post)
        post(msp)
    assert {row.state for row in msp.rows(invoice)} == {"posted"}
    assert {row.state for row in msp.rows(outbound)} == {"confirmed"}
    assert len(ledger.booked) == len(msp.rows(outbound)) == 3 + 9


class KeyedLedger:
    """A ledger that takes each key once, and answers slowly enough for others to come between."""

    def __init__(self) -> None:
        self.booked: dict[tuple[str, str], Raw] = {}

    def whoami(self) -> str:
        return "a slow ledger"

    def push(self, record: str, raw: Raw, key: str) -> Ref:
        sleep(0.01)
        return Ref(key, self.booked.setdefault((record, key), raw))

    def find(self, record: str, key: str) -> Ref | None:
        raw = self.booked.get((record, key))
        return None if raw is None else Ref(key, raw)
