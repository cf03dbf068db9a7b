"""Write-downs: given up once, by two people, and never taken back or billed again."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from tallystick.cycle.write_down import void, write_down
from tallystick.errors import Stop
from tallystick.period import month
from tallystick.store.billing.schema import charge, invoice
from tallystick.store.billing.schema import write_down as write_downs

from .msp import AUGUST, JULY, SEPTEMBER, Msp, with_limit
from .test_approve import standing
from .told import booking, client, contract, fixed, prepaid

IN_JULY = JULY.start + timedelta(days=9)


def give_up(msp: Msp, number: str, amount: str, line: int | None = None, by: str = "anna") -> None:
    amounts = (number, Decimal(amount), line, "the server was down", by)
    write_down(msp.database, msp.terms, *amounts, msp.now)


@pytest.fixture
def billed(office: Msp) -> Msp:
    """July is billed: 100.00 and two hours at 95.00, 290.00 net."""
    office.tell(booking("1", day=IN_JULY, seconds=7200))
    assert office.bill(JULY) == ["INV-2026-0001"]
    return office


def test_a_second_person_approves_it_and_the_credit_note_has_the_tax(billed: Msp) -> None:
    give_up(billed, "INV-2026-0001", "29.00")
    assert billed.approve(JULY, by="anna").approved == []
    assert len(billed.approve(JULY, by="bernd").approved) == 1
    [(number, _)] = billed.issue(JULY).issued
    assert billed.lines(number) == [
        ("Write-down: fixed L1", "-10.00", ["INV-2026-0001"]),
        ("Write-down: time_and_materials L2", "-19.00", ["INV-2026-0001"]),
    ]
    row = billed.rows(invoice)[1]
    assert (row.kind, row.net_minor, row.tax_minor) == ("credit_note", -2900, -551)
    assert billed.balance("Income:WriteDown", service_month=JULY.start) == 29
    assert billed.balance("Income:Fixed") == -100, "what was earned stays visible"
    assert next(one.reason for one in billed.rows(charge) if one.invoice == number) == [
        "anna gives up 29.00 EUR of INV-2026-0001: the server was down"
    ]
    billed.must_hold()


def test_no_later_run_takes_it_back_or_bills_it_again(billed: Msp) -> None:
    give_up(billed, "INV-2026-0001", "29.00")
    assert len(billed.propose(JULY).unchanged) == 1, "the next run leaves it as it was asked for"
    billed.approve(JULY)
    billed.issue(JULY)
    for period in (JULY, AUGUST, SEPTEMBER):
        billed.bill(period)
        assert billed.propose(period).proposed == []
    nets = [row.net_minor for row in billed.rows(invoice)]
    assert nets == [29000, -2900, 10000, 10000]
    billed.tell(fixed(price="90.00"))
    billed.bill()
    assert billed.rows(invoice)[4].net_minor == -3000, "three months, and the write-down stands"
    billed.must_hold()


def test_an_open_one_survives_a_run_of_another_period(billed: Msp) -> None:
    give_up(billed, "INV-2026-0001", "29.00")
    billed.approve(JULY)
    report = billed.propose(AUGUST)
    assert [one.group for one in report.unchanged] == ["write-down INV-2026-0001:1"]
    assert len(billed.issue(JULY).issued) == 1


def test_the_asker_stays_the_preparer_when_it_is_proposed_anew(billed: Msp) -> None:
    give_up(billed, "INV-2026-0001", "290.00", by="bernd")
    billed.tell(booking("1", day=IN_JULY, billable="never"))
    billed.tell(fixed(price="many"))
    report = billed.propose(JULY, by="anna")
    assert list(report.failed) == ["psa:K1"]
    assert billed.approve(JULY, by="bernd", why="sure").approved == []
    assert len(billed.approve(JULY, by="anna", why="sure").approved) == 1


def test_one_line_only_and_two_of_one_invoice(billed: Msp) -> None:
    give_up(billed, "INV-2026-0001", "5.00", line=1)
    give_up(billed, "INV-2026-0001", "6.00", line=2)
    billed.approve(JULY)
    numbers = [number for number, _ in billed.issue(JULY).issued]
    assert [billed.lines(number) for number in numbers] == [
        [("Write-down: fixed L1", "-5.00", ["INV-2026-0001"])],
        [("Write-down: time_and_materials L2", "-6.00", ["INV-2026-0001"])],
    ]


@pytest.mark.parametrize(
    ("number", "amount", "line", "said"),
    [
        ("INV-2026-0009", "1.00", None, "There is no invoice 'INV-2026-0009' to write down."),
        ("INV-2026-0001", "290.01", None, "290.01 EUR cannot be given up of INV-2026-0001: 290.00"),
        ("INV-2026-0001", "0.00", None, "0.00 EUR cannot be given up"),
        ("INV-2026-0001", "100.01", 1, "100.01 EUR cannot be given up of INV-2026-0001: 100.00"),
        ("INV-2026-0001", "1.00", 3, "Invoice INV-2026-0001 has no line 3"),
        ("INV-2026-0001", "1.005", None, "1.005 is not an amount of whole EUR minor units."),
    ],
)
def test_what_cannot_be_given_up(
    billed: Msp, number: str, amount: str, line: int | None, said: str
) -> None:
    with pytest.raises(Stop) as caught:
        give_up(billed, number, amount, line)
    assert str(caught.value).startswith(said)
    assert billed.rows(write_downs) == []


def test_no_more_than_is_left_and_credit_notes_not_at_all(billed: Msp) -> None:
    give_up(billed, "INV-2026-0001", "200.00")
    with pytest.raises(Stop, match=r"90\.00 EUR net is left"):
        give_up(billed, "INV-2026-0001", "90.01")
    billed.approve(JULY)
    [(number, _)] = billed.issue(JULY).issued
    with pytest.raises(Stop, match="There is no invoice"):
        give_up(billed, number, "1.00")


def test_no_policy_lets_it_go_out(billed: Msp) -> None:
    billed.terms = with_limit("100000")
    give_up(billed, "INV-2026-0001", "29.00")
    billed.terms = with_limit("100000")
    report = standing(billed, JULY)
    assert report[0] == []
    [(_, why)] = report[1]
    assert why == "anna gives up 29.00 EUR net of INV-2026-0001: the server was down."


def test_given_back_twice_is_held(billed: Msp) -> None:
    """Written down whole, and then the fact itself is gone too."""
    give_up(billed, "INV-2026-0001", "290.00")
    billed.approve(JULY)
    billed.issue(JULY)
    billed.tell(booking("1", day=IN_JULY, billable="never"))
    [one] = billed.propose(JULY).proposed
    [hold] = one.holds
    assert hold.code == "negative_balance"
    assert (
        hold.what == "Contract psa:C1 was billed 0.00 EUR in all, and 190.00 EUR is given back now."
    )


def test_a_prepaid_package_is_given_up_where_it_was_deferred(office: Msp) -> None:
    office.tell(prepaid(), fixed(price="0.00"))
    [number] = office.bill(JULY)
    give_up(office, number, "100.00")
    office.approve(JULY)
    office.issue(JULY)
    office.recognise()
    office.bill(SEPTEMBER)
    office.recognise()
    assert office.balance("Liabilities:Deferred") == 100, "all was earned; October is not over"
    office.recognise(month(2026, 10))
    assert office.balance("Liabilities:Deferred") == office.balance("Income:WriteDown") == 0
    assert office.balance("Income:Prepaid") == 100 - 2400
    office.must_hold()


def test_void_drops_a_write_down_for_good_and_the_rest_until_the_next_run(billed: Msp) -> None:
    billed.tell(client("K2"), contract("C2", "K2"), fixed("L9", "C2"))
    give_up(billed, "INV-2026-0001", "29.00")
    billed.propose(AUGUST)
    done = void(billed.database, "psa:K1", None, "agreed otherwise", "carla")
    assert {one.group for one in done} == {"", "write-down INV-2026-0001:1"}
    assert billed.states() == ["issued", "void", "void", "proposed"]
    again = billed.propose(AUGUST)
    assert [one.group for one in again.proposed] == [""]
    assert [one.client for one in again.unchanged] == ["psa:K2"]
    give_up(billed, "INV-2026-0001", "290.00")
    assert [row.dropped for row in billed.rows(write_downs)] == [True, False]


def test_void_names_what_is_not_open(billed: Msp) -> None:
    with pytest.raises(Stop, match=r"There is no open proposal 1 of psa:K1\."):
        void(billed.database, "psa:K1", 1, "why not", "carla")
    with pytest.raises(Stop, match="needs a reason"):
        void(billed.database, "psa:K1", None, " ", "carla")
