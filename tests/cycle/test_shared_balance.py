"""A balance that a client's contracts share, through the store: billed, drawn, earned, told."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tallystick.billing.what_if import Change, LineChange
from tallystick.records import Contract, Record
from tallystick.store.profit.rebuilding import ensure, rebuild
from tallystick.store.profit.schema import effort
from tallystick.views.balances import balances
from tallystick.views.explain_booking import explain_booking
from tallystick.views.simulate import simulate

from .msp import SEPTEMBER, TODAY, Msp
from .told import booking, client, contract, cost_rate, fixed, prepaid, ticket

HOUR = 3600


@pytest.fixture
def sharing(msp: Msp) -> Msp:
    """`C1` includes remote work; `C2` sells ten hours for 800.00 to whatever is left out."""
    msp.tell(client(), contract(starts_on=date(2026, 9, 1)), cost_rate("R1"))
    msp.tell(fixed(work_types=["remote"]), *block())
    msp.tell(ticket("7", contract="C1"))
    msp.tell(booking("1", ticket="7", work_type="remote"))
    msp.tell(booking("2", ticket="7", work_type="onsite", seconds=8 * HOUR))
    return msp


def block(**more: Any) -> tuple[Contract, Record]:
    terms = {"bought": "once", "shared": True, **more}
    return contract("C2", starts_on=date(2026, 9, 1)), prepaid(of="C2", **terms)


def drawn(msp: Msp) -> list[Decimal]:
    view = balances(msp.database, msp.terms, "psa:K1", date(2026, 9, 30))
    return [one.drawn for one in view.packages]


def contracts_of_effort(msp: Msp) -> dict[str, str]:
    with msp.database.read() as connection:
        return {row.booking: row.contract for row in connection.execute(effort.select())}


def test_it_is_drawn_earned_and_explained(sharing: Msp) -> None:
    sharing.bill()
    sharing.recognise()
    assert drawn(sharing) == [Decimal(8)]
    assert sharing.balance("Income:Prepaid", contract="psa:C2") == -640
    assert sharing.balance("Liabilities:Deferred") == -160
    story = explain_booking(sharing.database, sharing.terms, "2", TODAY)
    assert story.route == (
        "ticket psa:7 names contract psa:C1; none of its lines takes it, so it draws on the "
        "shared balance of contract psa:C2"
    )
    assert [(one.bucket, one.line) for one in story.placements] == [("drawn", "psa:L4")]
    assert sharing.bill() == []
    sharing.must_hold()


def test_what_goes_beyond_a_late_booking_is_billed_by_the_difference(sharing: Msp) -> None:
    sharing.bill()
    late = booking("late", day=date(2026, 9, 1), contract="C1", work_type="onsite")
    sharing.tell(late, booking("3", contract="C1", work_type="onsite", seconds=3 * HOUR))
    [number] = sharing.bill()
    assert [(text, net) for text, net, _ in sharing.lines(number)] == [
        ("prepaid L4: onsite", "190.00")
    ]
    assert drawn(sharing) == [Decimal(10)]
    assert sharing.bill() == []


def test_the_effort_is_where_billing_says_and_follows_the_terms(sharing: Msp) -> None:
    ensure(sharing.database, sharing.cells)
    shared = {"psa:1": "psa:C1", "psa:2": "psa:C2"}
    assert contracts_of_effort(sharing) == shared
    sharing.tell(*block(shared=False))
    assert contracts_of_effort(sharing) == {"psa:1": "psa:C1", "psa:2": "psa:C1"}
    sharing.tell(*block())
    assert contracts_of_effort(sharing) == shared
    sharing.tell(contract("C3"), prepaid("L5", "C3", shared=True))
    held = contracts_of_effort(sharing)
    assert held == {"psa:1": "psa:C1", "psa:2": "psa:C1"}
    rebuild(sharing.database, sharing.cells)
    assert contracts_of_effort(sharing) == held


def test_two_shared_balances_hold_the_proposal_with_the_reason(sharing: Msp) -> None:
    sharing.tell(contract("C3"), prepaid("L5", "C3", shared=True))
    told = sharing.propose(SEPTEMBER)
    [held] = told.held
    [why] = held.reason
    assert why == (
        "ticket psa:7 names contract psa:C1; none of its lines takes it, and contracts psa:C2, "
        "psa:C3 each share a balance with it; name one on the booking or ticket"
    )
    [objection] = [
        one for made in told.proposed for one in made.objections if one.code == "held_work"
    ]
    assert why in objection.what


def test_what_if_it_were_not_shared(sharing: Msp) -> None:
    alone = Change(lines=[LineChange("L4", terms={"shared": False})])
    found = simulate(sharing.database, sharing.terms, sharing.terms, "C2", alone, SEPTEMBER)
    hours = {one.bucket: (one.before_s // HOUR, one.after_s // HOUR) for one in found.hours}
    assert hours == {"drawn": (8, 0), "held": (0, 8), "covered": (1, 1)}
    assert [str(one.difference) for one in found.months] == ["0.00 EUR"]
