"""What proposing tells beside the proposals: unapproved time, quiet clients, skipped periods."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from tallystick.money import Money
from tallystick.period import Period

from .msp import AUGUST, JULY, SEPTEMBER, Msp
from .told import asset, booking, client, contract, devices, hourly


def codes(msp: Msp, period: Period = SEPTEMBER) -> list[tuple[str, str]]:
    [one] = msp.propose(period).proposed
    return [(each.code, each.severity) for each in one.objections]


def test_unapproved_time_is_held_told_and_billed_once_approved(office: Msp) -> None:
    office.bill(AUGUST)
    office.tell(booking("1", approved=False), booking("2", approved=True), booking("3"))
    report = office.propose()
    assert [(one.booking, one.reason[-1]) for one in report.held] == [
        ("psa:1", "it waits for approval in the service desk")
    ]
    [one] = report.proposed
    assert [each.code for each in one.objections] == ["unapproved_time"]
    assert str(one.net) == "290.00 EUR"
    office.bill()
    office.tell(booking("1", approved=True))
    [late] = office.propose().proposed
    assert [str(line.net) for line in late.lines] == ["95.00 EUR"]


def test_work_without_a_rate_holds_the_proposal(office: Msp) -> None:
    office.bill(AUGUST)
    office.tell(hourly(card="nowhere"), booking("1"))
    assert codes(office) == [("missing_rate", "hold")]


def test_devices_that_vanish_are_held(office: Msp) -> None:
    office.tell(devices())
    office.link("S1", "K1")
    office.tell(asset("1"), source="rmm")
    office.bill(AUGUST)
    office.tell(asset("1", retired_on=SEPTEMBER.start), source="rmm")
    assert codes(office) == [("zero_quantity", "hold")]


def test_a_month_far_from_the_others_is_held(office: Msp) -> None:
    months = [Period(date(2026, n, 1), date(2026, n + 1, 1)) for n in range(3, 9)]
    office.tell(contract(starts_on=date(2026, 3, 1)))
    for period in months:
        office.bill(period)
    office.tell(*(booking(str(n)) for n in range(3)))
    [one] = office.propose().proposed
    [hold] = one.holds
    assert hold.what == (
        "385.00 EUR net for 2026-09 is far from 100.00 EUR, the median of the last 6 periods, "
        "+285 %."
    )


def test_a_quiet_client_and_one_without_a_contract(office: Msp) -> None:
    office.tell(client("K2"), contract("C2", "K2"), hourly("L9", "C2"), client("K3"))
    report = office.propose().report
    assert report.quiet == {
        "psa:K2": "Nothing was charged for psa:C2 in 2026-09: no work, no count, or a cycle not "
        "over."
    }
    assert (report.clients, report.due, report.nothing, report.failed) == (3, 1, 2, {})
    assert report.gross == {"EUR": Money(35_700, "EUR")}
    office.bill()
    assert office.propose().report.quiet == report.quiet, "who was billed is not quiet"


def test_a_skipped_period_is_told(office: Msp) -> None:
    assert office.propose(JULY).report.skipped is None, "nothing came before the first"
    office.bill(JULY)
    assert office.propose(SEPTEMBER).report.skipped == AUGUST
    office.bill(SEPTEMBER)
    assert office.propose(AUGUST).report.skipped is None


def test_an_asset_of_nobody_is_noted_and_fails_nobody(office: Msp) -> None:
    office.tell(asset("1", "S9"), asset("2", None), source="rmm")
    office.tell(asset("3", None, retired_on=SEPTEMBER.start), source="rmm")
    report = office.propose().report
    assert report.failed == {}
    assert [note.partition(".")[0] for note in report.notes] == [
        "Asset rmm:1 belongs to client rmm:S9, which nobody knows",
        "Asset rmm:2 belongs to no client",
    ]


def test_memory_holds_counts_and_no_proposals(office: Msp) -> None:
    report = office.propose().report
    assert (report.proposed, report.unchanged) == (1, 0)
    assert report.gross["EUR"].amount == Decimal("357.00")
