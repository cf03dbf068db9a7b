"""Approve: two people or the policy, for exactly this content, for a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import update

from tallystick.cycle.standing import NO_POLICY, STANDING, approve_standing
from tallystick.period import Period
from tallystick.store.billing.schema import invoice, proposal

from .msp import AUGUST, JULY, SEPTEMBER, Msp, with_limit
from .told import booking, client, contract, fixed

DAY = timedelta(hours=24)


def test_whoever_prepared_it_cannot_approve_it(office: Msp) -> None:
    office.propose(by="anna")
    [(_, why)] = office.approve(by="anna").left
    assert why == "anna prepared it; a second person must approve it (--as NAME)."
    assert office.issue().issued == []
    assert len(office.approve(by="bernd").approved) == 1
    [row] = office.rows(proposal)
    assert (row.approved_by, row.approved_at, row.approved_hash) == (
        "bernd",
        office.clock,
        row.content_hash,
    )


def test_a_replaced_proposal_belongs_to_whoever_replaced_it(office: Msp) -> None:
    office.propose(by="anna")
    office.tell(booking("1"))
    office.propose(by="bernd")
    assert office.approve(by="bernd").approved == []
    assert len(office.approve(by="anna").approved) == 1


def test_only_the_named_clients_and_period(office: Msp) -> None:
    office.tell(client("K2"), contract("C2", "K2"), fixed("L9", "C2"))
    office.propose()
    assert office.approve(AUGUST).approved == []
    assert [one.client for one in office.approve(only=["psa:K2"]).approved] == ["psa:K2"]
    assert office.states() == ["proposed", "approved"]


def test_approving_twice_approves_once(office: Msp) -> None:
    office.propose()
    office.approve()
    before = office.rows(proposal)
    assert office.approve(by="carla").approved == []
    assert office.rows(proposal) == before


@pytest.mark.parametrize(("age", "issued"), [(DAY, 1), (DAY + timedelta(seconds=1), 0)], ids=str)
def test_an_approval_lives_a_day(office: Msp, age: timedelta, issued: int) -> None:
    office.propose()
    office.approve()
    office.clock += age
    report = office.issue()
    assert (len(report.issued), len(report.lapsed)) == (issued, 1 - issued)
    assert office.states() == ["issued" if issued else "proposed"]
    if not issued:
        assert office.issue().lapsed == []
        office.approve()
        assert len(office.issue().issued) == 1
    office.must_hold()


@pytest.mark.parametrize("column", ["body", "approved_hash"])
def test_an_approval_is_for_the_content_it_saw(office: Msp, column: str) -> None:
    office.propose()
    office.approve()
    [row] = office.rows(proposal)
    edited = {
        "body": row.body.replace("100.00", "999.00", 1),
        "approved_hash": "0" * 64,
    }[column]
    assert edited != getattr(row, column)
    with office.database.write() as connection:
        connection.execute(update(proposal).values({column: edited}))
    report = office.issue()
    assert (report.issued, len(report.lapsed)) == ([], 1)
    assert office.rows(invoice) == []


def standing(office: Msp, period: Period = SEPTEMBER) -> tuple[list[str], list[tuple[str, str]]]:
    report = approve_standing(office.database, period, office.terms, office.now)
    return [one.client for one in report.approved], [(one.client, why) for one, why in report.left]


def test_the_policy_approves_up_to_its_limit_and_nothing_held(office: Msp) -> None:
    """A gross of 357.00 is at the limit, 357.01 above it."""
    for ref, price in (("K2", "100.003333"), ("K3", "100.00"), ("K4", "100.01")):
        office.tell(client(ref), contract(f"C{ref}", ref), fixed(f"L{ref}", f"C{ref}", price))
    office.set_aside("booking", "odd", client="K3")
    office.propose()
    approved, left = standing(office)
    assert (approved, {why for _, why in left}) == ([], {NO_POLICY}), "no policy, no approval"
    office.terms = with_limit("357.00")
    approved, left = standing(office)
    assert approved == ["psa:K1", "psa:K2"]
    assert left == [
        ("psa:K3", "1 record of this client is quarantined and not priced."),
        ("psa:K4", "357.04 EUR is above the standing limit of 357.00."),
    ]
    assert {row.approved_by for row in office.rows(proposal)} == {STANDING, None}
    assert len(office.issue().issued) == 2


def test_the_policy_limits_credit_notes_too(office: Msp) -> None:
    office.bill()
    office.tell(fixed(price="0.00"))
    office.propose()
    office.terms = with_limit("356.99")
    assert standing(office) == (
        [],
        [("psa:K1", "-357.00 EUR is above the standing limit of 356.99.")],
    )
    office.terms = with_limit("357.00")
    assert standing(office)[0] == ["psa:K1"]


def policy(office: Msp, **more: Any) -> None:
    limited = with_limit("100000")
    office.terms = replace(limited, policy=replace(limited.policy, **more))


def test_a_run_above_its_limit_is_left_whole(office: Msp) -> None:
    """Two clients of 357.00 each: what went out before counts too."""
    office.tell(client("K2"), contract("C2", "K2"), fixed("L9", "C2"))
    office.propose()
    policy(office, run_limit=Decimal("713.99"))
    why = "The run comes to 714.00 EUR, above the run limit of 713.99."
    assert standing(office) == ([], [("psa:K1", why), ("psa:K2", why)])
    policy(office, run_limit=Decimal("714.00"))
    assert standing(office)[0] == ["psa:K1", "psa:K2"]
    office.issue()
    office.tell(booking("late", "K1"))
    office.propose()
    assert standing(office)[1][0][1].startswith("The run comes to 827.05 EUR, above")


def test_a_first_invoice_needs_a_person_once(office: Msp) -> None:
    policy(office, first_run_hold=True)
    office.propose(JULY)
    [(ref, why)] = standing(office, JULY)[1]
    assert (ref, why) == (
        "psa:K1",
        "This is the first invoice to this client. Have a person compare it with the contract.",
    )
    assert len(office.approve(JULY).approved) == 1, "and no more than that: it is no hold"
    office.issue(JULY)
    office.propose(AUGUST)
    assert standing(office, AUGUST) == (["psa:K1"], [])


def test_credit_notes_need_a_person_unless_the_policy_says_so(office: Msp) -> None:
    office.bill()
    office.tell(fixed(price="0.00"))
    office.propose()
    policy(office, credit_notes=False)
    why = "It is a credit note of 357.00 EUR, and those need a person."
    assert standing(office) == ([], [("psa:K1", why)])
    policy(office)
    assert standing(office)[0] == ["psa:K1"]


@pytest.mark.parametrize("early", [timedelta(seconds=1), timedelta(0)], ids=str)
def test_a_sole_operator_waits_a_day_and_is_flagged(office: Msp, early: timedelta) -> None:
    office.propose(by="anna")
    office.clock += DAY - early
    assert office.approve(by="anna").approved == [], "with a second person there is no waiting"
    report = office.approve(by="anna", alone=True)
    if early:
        assert report.left[0][1].startswith("anna prepared it less than 24 hours ago")
        return
    [row] = office.rows(proposal)
    assert report.alone == {row.id}
    assert row.accepted_why == (
        "approved alone, a day after it was prepared, as there is no second person"
    )
    assert len(office.issue().issued) == 1
