"""The policy at work: what a run collects, what waits, and what needs a person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection
from tests.cash.outside import Vendor
from tests.cash.world import HOMES, World, copy_of, laid, movement

from tallystick.cash.collecting.channels import Channel
from tallystick.cash.collecting.collect import CollectReport, collect, intend
from tallystick.cash.collecting.collection import Collection
from tallystick.cash.collecting.holds import hold, lift
from tallystick.cash.collecting.plans import agree, end
from tallystick.cash.collecting.release import release
from tallystick.cash.collecting.sending import Batch
from tallystick.cash.policy.caps import Caps
from tallystick.cash.policy.decision import Agreed, Ask, Case, Person, Terms, Wait, decide
from tallystick.cash.policy.instalments import instalments
from tallystick.cash.policy.ladder import Failure, Ladder
from tallystick.cash.policy.timing import Timing
from tallystick.connector import Collects
from tallystick.errors import Stop
from tallystick.money import Money
from tallystick.store.database import Database

BERLIN = ZoneInfo("Europe/Berlin")
ALONE = Collects(frozenset({"sepa_debit"}), key_lifetime=timedelta(hours=20))
FILES = Collects(frozenset({"sepa_debit"}), batched=True)


def eur(amount: str) -> Money:
    return Money.exact(amount, "EUR")


class Line:
    """A world whose clock is turned by hand, and a provider."""

    def __init__(self, world: World) -> None:
        self.world, self.vendor = world, Vendor()
        self.at = datetime(2026, 10, 1, 12, tzinfo=UTC)
        world.mandate()

    def now(self) -> datetime:
        return self.at

    def on(self, day: date) -> Line:
        self.at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        self.world.today = day
        return self

    def run(
        self, terms: Terms | None = None, how: Collects = ALONE
    ) -> tuple[CollectReport, Collection]:
        policy = Collection(terms or Terms(), BERLIN)
        channels = {"debits": Channel(self.vendor, how)}
        given = (self.world.database, channels, HOMES, self.now, self.world.today)
        return collect(*given, lambda _: None, policy.open), policy

    def collected(self, terms: Terms | None = None, how: Collects = ALONE) -> list[str]:
        report, _ = self.run(terms, how)
        return [f"{number} {amount.amount}" for number, amount in report.collected]

    def fail(self, key: str, code: str, day: date) -> None:
        """The bank shows a payment and its return."""
        amount = self.world.column(key, "amount_minor")
        text = str(Money(amount, "EUR").amount)
        more = {"end_to_end_id": key, "booked_on": day}
        self.world.bank(
            movement(f"in-{key}", text, **more),
            movement(f"out-{key}", f"-{text}", **more, returned=True, return_reason=code),
        )
        self.world.settle()


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return laid(tmp_path_factory.mktemp("policy"), lambda world: None)


@pytest.fixture
def line(template: Path) -> Iterator[Line]:
    with copy_of(template) as world:
        yield Line(world)


def test_both_databases_agree(database: Database) -> None:
    line = Line(World(database))
    caps = Terms(caps=Caps({"EUR": Decimal(500)}, day={"EUR": Decimal(150)}))
    line.world.invoice("INV-1", "119.00", due_on=date(2026, 10, 1))
    line.world.invoice("INV-2", "100.00", due_on=date(2026, 10, 1))
    line.world.invoice("CN-3", "-19.00")
    assert line.collected(caps) == ["INV-1 100.00"]
    line.fail("INV-1-1", "AM04", date(2026, 10, 5))
    report, policy = line.on(date(2026, 10, 6)).run(caps)
    assert report.collected == [("INV-2", eur("100"))]
    assert [one[:2] for one in policy.waiting] == [("INV-1", date(2026, 10, 8))]
    agree(database, "INV-1", 2, "week", date(2026, 10, 9), "ben", line.now)
    hold(database, "INV-1", "anna", "x", line.now)
    assert "held by anna" in str(line.on(date(2026, 10, 9)).run(caps)[0].held[0])
    lift(database, "INV-1", "ben", line.now)
    assert line.collected(caps) == ["INV-1 50.00"]
    line.world.must_hold()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_what_is_posted_while_it_is_decided_is_for_the_next_run(database: Database) -> None:
    line = Line(World(database))
    line.world.invoice("INV-1", "119.00", due_on=date(2026, 10, 1))
    policy = Collection(Terms(), BERLIN)

    def opens(connection: Connection, now: datetime, today: date) -> Any:
        opened = policy.open(connection, now, today)
        line.world.invoice("INV-2", "119.00", due_on=date(2026, 10, 1))
        return opened

    channels = {"debits": Channel(line.vendor, ALONE)}
    collect(database, channels, HOMES, line.now, line.world.today, lambda _: None, opens)
    assert line.world.attempts() == {"INV-1-1": "processing"}
    assert line.collected() == ["INV-2 119.00"]


def test_a_provider_is_asked_on_the_day_and_a_file_at_once(line: Line) -> None:
    line.world.invoice("INV-1", "119.00")
    report, policy = line.run()
    assert report.collected == []
    assert policy.waiting == [("INV-1", date(2026, 10, 15), "it is debited then")]
    assert line.collected(Terms(Timing(days=-2)), FILES) == ["INV-1 119.00"]
    [[request]] = line.vendor.batches.values()
    assert request.due_on == date(2026, 10, 13)
    line.world.invoice("INV-2", "50.00")
    assert line.on(date(2026, 10, 14)).collected() == []
    assert line.on(date(2026, 10, 15)).collected() == ["INV-2 50.00"]


def test_a_return_is_tried_again_on_the_day_of_the_ladder_and_no_oftener(line: Line) -> None:
    line.world.invoice("INV-1", "119.00", due_on=date(2026, 10, 1))
    assert line.collected() == ["INV-1 119.00"]
    failed, key = date(2026, 10, 5), 1
    for days in (3, 5, 7):
        line.fail(f"INV-1-{key}", "AM04", failed)
        again = failed + timedelta(days=days)
        report, policy = line.on(again - timedelta(days=1)).run()
        assert (report.collected, policy.waiting[0][:2]) == ([], ("INV-1", again))
        assert line.on(again).collected() == ["INV-1 119.00"]
        failed, key = again + timedelta(days=1), key + 1
    line.fail(f"INV-1-{key}", "AM04", failed)
    report, _ = line.on(date(2026, 12, 31)).run()
    assert "collected 4 times" in str(report.held[0])
    line.world.must_hold()


@pytest.mark.parametrize(
    ("code", "said"),
    [("MD01", "no valid mandate"), ("AC04", "closed"), ("MS03", "no reason"), ("XX", "XX")],
)
def test_what_needs_a_person_is_not_tried_again(line: Line, code: str, said: str) -> None:
    line.world.invoice("INV-1", "119.00", due_on=date(2026, 10, 1))
    line.collected()
    line.fail("INV-1-1", code, date(2026, 10, 5))
    report, _ = line.on(date(2027, 10, 1)).run()
    assert (len(report.held), len(line.vendor.debits())) == (1, 1)
    assert said in report.held[0].what


def test_credit_notes_pay_before_anything_is_collected(line: Line) -> None:
    line.world.invoice("INV-1", "119.00", due_on=date(2026, 10, 1))
    line.world.invoice("CN-1", "-19.00")
    assert line.collected() == ["INV-1 100.00"]
    assert all(one.ties for one in line.world.overview().currencies)
    assert line.world.states()["CN-1"] == ("paid", Decimal("-19.00"))


def test_too_little_waits_for_the_next_invoice(line: Line) -> None:
    terms = Terms(Timing("issue", minimum={"EUR": Decimal(5)}))
    line.world.invoice("INV-1", "3.00")
    assert line.collected(terms) == []
    line.world.invoice("INV-2", "4.00")
    assert line.collected(terms) == ["INV-1 3.00", "INV-2 4.00"]


def test_what_is_above_a_cap_waits_for_a_second_person(line: Line) -> None:
    caps = Caps({"EUR": Decimal(100)}, {"EUR": Decimal(150)}, {"EUR": Decimal(200)})
    terms = Terms(Timing("issue"), caps=caps)
    line.world.invoice("INV-1", "119.00")
    line.world.invoice("INV-2", "90.00")
    line.world.invoice("INV-3", "90.00")
    report, _ = line.run(terms)
    assert report.collected == [("INV-2", eur("90"))]
    assert [problem.what.split(",")[0] for problem in report.held] == [
        "119.00 EUR is above the cap of 100.00 EUR for an invoice.",
        "With it the run would collect 180.00 EUR",
    ]
    assert line.collected(terms) == ["INV-3 90.00"]
    given = (line.world.database, "INV-1", "ben", "agreed", line.now, caps)
    release(*given, sole_operator=False)
    assert line.collected(terms) == ["INV-1 119.00"]
    line.world.invoice("INV-4", "10.00")
    report, _ = line.run(terms)
    assert "the day would collect 309.00 EUR" in report.held[0].what
    assert line.on(date(2026, 10, 2)).collected(terms) == ["INV-4 10.00"]


def test_the_switch_stops_the_intent(line: Line) -> None:
    line.world.invoice("INV-1", "119.00", due_on=date(2026, 10, 1))
    hold(line.world.database, "payments", "anna", "wrong file", line.now)
    report, _ = line.run()
    assert (line.world.attempts(), line.vendor.debits()) == ({}, [])
    assert "held by anna: wrong file" in str(report.held[0])
    lift(line.world.database, "payments", "ben", line.now)
    assert line.collected() == ["INV-1 119.00"]


def test_the_switch_stops_what_is_committed_and_not_sent_yet(line: Line) -> None:
    line.world.invoice("INV-1", "119.00", due_on=date(2026, 10, 1))
    channel = Channel(line.vendor, ALONE)
    given = (line.world.database, {"debits": channel}, HOMES, line.now(), line.world.today)
    _, [(source, key, _)] = intend(*given)
    hold(line.world.database, "payments", "anna", "wrong file", line.now)
    report = CollectReport()
    Batch(line.world.database, channel, source, key, line.now, report).send()
    assert "held by anna" in str(report.unanswered[0])
    assert line.world.column("INV-1-1", "ask_at") > line.now(), "not looked at again at once"
    assert "held by anna" in line.world.column("INV-1-1", "reason")
    assert (line.world.attempts(), line.vendor.debits()) == ({"INV-1-1": "intended"}, [])
    assert line.run()[0].collected == []
    lift(line.world.database, "payments", "ben", line.now)
    assert line.collected() == ["INV-1 119.00"]
    assert line.vendor.debits() == ["INV-1-1"]


def test_a_held_invoice_and_a_held_client_are_not_collected(line: Line) -> None:
    for number in ("INV-1", "INV-2"):
        line.world.invoice(number, "119.00", due_on=date(2026, 10, 1))
    hold(line.world.database, "INV-1", "anna", "disputed", line.now)
    report, _ = line.run()
    assert [number for number, _ in report.collected] == ["INV-2"]
    assert report.held[0].what == "It is held by anna: disputed."


def plan_of(line: Line) -> None:
    line.world.invoice("INV-1", "1000.00", due_on=date(2026, 10, 1))
    agree(line.world.database, "INV-1", 3, "month", date(2026, 10, 15), "ben", line.now)


def pay(line: Line, key: str, amount: str, day: date) -> None:
    line.world.bank(movement(f"paid-{key}", amount, end_to_end_id=key, booked_on=day))
    line.world.settle()


def test_a_plan_is_collected_instalment_by_instalment(line: Line) -> None:
    plan_of(line)
    assert line.on(date(2026, 10, 14)).collected() == []
    assert line.on(date(2026, 10, 15)).collected() == ["INV-1 333.34"]
    pay(line, "INV-1-1", "333.34", date(2026, 10, 16))
    assert line.collected() == []
    assert line.on(date(2026, 11, 15)).collected() == ["INV-1 333.33"]
    pay(line, "INV-1-2", "333.33", date(2026, 11, 16))
    assert line.on(date(2026, 12, 15)).collected() == ["INV-1 333.33"]
    pay(line, "INV-1-3", "333.33", date(2026, 12, 16))
    assert line.world.states()["INV-1"] == ("paid", Decimal("1000.00"))
    assert line.on(date(2027, 1, 15)).collected() == []
    line.world.must_hold()


def test_the_ladder_of_an_instalment_begins_anew(line: Line) -> None:
    plan_of(line)
    line.on(date(2026, 10, 15)).collected()
    line.fail("INV-1-1", "AM04", date(2026, 10, 16))
    assert line.on(date(2026, 10, 19)).collected() == ["INV-1 333.34"]
    pay(line, "INV-1-2", "333.34", date(2026, 10, 20))
    assert line.on(date(2026, 11, 15)).collected() == ["INV-1 333.33"]
    line.fail("INV-1-3", "AM04", date(2026, 11, 16))
    assert line.on(date(2026, 11, 18)).collected() == []
    assert line.on(date(2026, 11, 19)).collected() == ["INV-1 333.33"]


def test_what_never_went_out_does_not_count_towards_the_day(line: Line) -> None:
    terms = Terms(Timing("issue"), caps=Caps(day={"EUR": Decimal(150)}))
    line.world.invoice("INV-1", "119.00")
    line.vendor.refused = {"INV-1-1": "The mandate is odd."}
    line.run(terms)
    assert line.world.attempts() == {"INV-1-1": "parked"}
    hold(line.world.database, "INV-1", "anna", "x", line.now)
    line.world.invoice("INV-2", "100.00")
    assert line.collected(terms) == ["INV-2 100.00"]


def test_a_release_is_for_what_was_open_then(line: Line) -> None:
    terms = Terms(Timing("issue"), caps=Caps({"EUR": Decimal(90)}))
    line.world.invoice("INV-1", "119.00")
    given = (line.world.database, "INV-1", "ben", "agreed", line.now, terms.caps)
    release(*given, sole_operator=False)
    line.world.bank(movement("t1", "19.00", remittance="INV-1", day=1, counterparty="Acme GmbH"))
    line.world.settle()
    assert line.collected(terms) == []
    release(*given, sole_operator=False)
    assert line.collected(terms) == ["INV-1 100.00"]


def test_a_file_carries_the_next_instalment_ahead_of_its_day(line: Line) -> None:
    plan_of(line)
    assert line.collected(how=FILES) == ["INV-1 333.34"]
    [[request]] = line.vendor.batches.values()
    assert request.due_on == date(2026, 10, 15)
    assert line.on(date(2026, 11, 20)).collected(how=FILES) == [], "one of it is under way"


def test_a_missed_instalment_ends_the_plan(line: Line) -> None:
    plan_of(line)
    line.on(date(2026, 10, 15)).collected()
    line.fail("INV-1-1", "MS03", date(2026, 10, 18))
    terms = Terms(ladder=Ladder(unknown=(1,)))
    report, _ = line.on(date(2026, 10, 21)).run(terms)
    assert report.held[0].what == (
        "Its payment plan has ended: the instalment of 2026-10-15 was not paid."
    )
    end(line.world.database, "INV-1", "ben", "all at once", line.now)
    assert line.collected(terms) == ["INV-1 1000.00"]
    with pytest.raises(Stop, match="no payment plan"):
        end(line.world.database, "INV-1", "ben", "again", line.now)


def test_a_plan_that_cannot_be_agreed(line: Line) -> None:
    database = line.world.database
    line.world.invoice("INV-1", "119.00", due_on=date(2026, 10, 1))
    with pytest.raises(Stop, match="Nothing is open"):
        agree(database, "INV-9", 3, "month", date(2026, 10, 15), "ben", line.now)
    with pytest.raises(Stop, match="2 to 60 parts"):
        agree(database, "INV-1", 1, "month", date(2026, 10, 15), "ben", line.now)
    line.collected()
    with pytest.raises(Stop, match="under way"):
        agree(database, "INV-1", 3, "month", date(2026, 10, 15), "ben", line.now)


DAY = date(2026, 10, 1)


@given(
    st.integers(-5, 60),
    st.lists(st.tuples(st.integers(0, 30), st.sampled_from(["AM04", "MD01", "MS03"])), max_size=4),
    st.booleans(),
    st.sampled_from([None, 2, 5]),
    st.integers(0, 100),
)
def test_never_more_than_is_open_is_asked_for_and_never_in_the_past_of_a_retry(
    today: int, failed: list[tuple[int, str]], at_once: bool, parts: int | None, paid: int
) -> None:
    open_, settled = Money(100 - paid, "EUR"), Money(paid, "EUR")
    if not open_:
        return
    failures = [Failure(DAY + timedelta(days=day), code) for day, code in sorted(failed)]
    plan = None
    if parts:
        plan = Agreed(instalments(Money(100, "EUR"), parts, "week", DAY), Money(0, "EUR"))
    case = Case(open_, settled, DAY, DAY, failures, plan, at_once=at_once)
    verdict = decide(case, Terms(), DAY + timedelta(days=today))
    if isinstance(verdict, Ask):
        assert 0 < verdict.amount.minor <= open_.minor
        assert not failures or failures[-1].code == "AM04"
        assert not at_once or verdict.on <= DAY + timedelta(days=today)
        if failures:
            assert DAY + timedelta(days=today) >= failures[-1].on + timedelta(days=3)
    else:
        assert isinstance(verdict, Wait | Person)
