"""Propose: once per fact, void with any change, held or failed with a sentence, never silent."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tallystick.billing.invoice.proposal import Objection
from tallystick.store.billing.schema import invoice, proposal

from .msp import AUGUST, JULY, SEPTEMBER, TERMS, Msp
from .told import asset, booking, client, contract, devices, fixed, hourly, ticket


def test_proposing_again_changes_nothing(office: Msp) -> None:
    office.tell(booking("1"), booking("2", seconds=600))
    first = office.propose()
    before = office.rows(proposal)
    again = office.propose(by="carla")
    assert (len(first.proposed), len(again.proposed)) == (1, 0)
    assert again.unchanged == first.proposed
    assert office.rows(proposal) == before


def test_after_issue_there_is_nothing_left(office: Msp) -> None:
    office.tell(booking("1"))
    assert len(office.bill()) == 1
    assert office.propose().nothing == ["psa:K1"]
    assert office.bill(AUGUST) == office.bill(JULY) == []
    office.must_hold()


CHANGES = {
    "a late booking": booking("late"),
    "a longer booking": booking("1", seconds=7200),
    "a booking never billable": booking("1", billable="never"),
    "a new price": fixed(price="110.00"),
    "a line": fixed("L9"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_fact_voids_the_proposal_and_its_approval(office: Msp, change: str) -> None:
    office.tell(booking("1"))
    office.propose()
    office.approve()
    office.tell(CHANGES[change])
    assert len(office.propose().proposed) == 1
    assert office.states() == ["void", "proposed"]
    assert office.issue().issued == []


def test_a_fact_that_bills_nothing_leaves_the_approval(office: Msp) -> None:
    office.propose()
    office.approve()
    office.tell(hourly("L9"), booking("1", billable="never"))
    assert office.propose().proposed == []
    assert len(office.issue().issued) == 1


def test_another_period_replaces_the_open_proposal(office: Msp) -> None:
    office.propose(JULY)
    office.propose(AUGUST)
    assert office.states() == ["void", "proposed"]
    assert office.propose(JULY).proposed[0].period == JULY


def test_what_is_no_longer_due_is_void(office: Msp) -> None:
    office.propose()
    office.tell(fixed(price="0.00"))
    assert office.propose().nothing == ["psa:K1"]
    assert office.states() == ["void"]


@pytest.mark.parametrize(
    "refs", [{"client": "K1"}, {"contract": "C1"}, {"ticket": "of C1"}], ids=str
)
def test_open_quarantine_holds_its_client_only(office: Msp, refs: dict[str, str]) -> None:
    office.tell(client("K2"), contract("C2", "K2"), fixed("L9", "C2"))
    office.tell(ticket("of C1", None, contract="C1"))
    office.set_aside("booking", "odd", **refs)
    office.propose()
    report = office.approve()
    assert [one.client for one in report.approved] == ["psa:K2"]
    [(left, why)] = report.left
    assert left.client == "psa:K1"
    assert why.startswith("1 record of this client is quarantined and not priced.")
    assert [one.client for _, one in office.issue().issued] == ["psa:K2"]
    assert [one.client for one in office.approve(why="checked by hand").approved] == ["psa:K1"]
    assert office.rows(proposal)[0].accepted_why == "checked by hand"


def test_a_contracts_quarantine_goes_to_the_contracts_client(office: Msp) -> None:
    """As its bookings would: the contract's client comes before one the row names itself."""
    office.tell(client("K2"), contract("C2", "K2"), fixed("L9", "C2"))
    office.set_aside("booking", "odd", client="K2", contract="C1")
    held = {one.client: [hold.code for hold in one.holds] for one in office.propose().proposed}
    assert held == {"psa:K1": ["open_quarantine"], "psa:K2": []}


def test_quarantine_of_a_copy_goes_through_its_link(office: Msp) -> None:
    office.link("S1", "K1")
    office.set_aside("asset", "pc", source="rmm", client="S1")
    office.set_aside("asset", "other", source="rmm", client="S9")
    [one] = office.propose().proposed
    assert [hold.what[:2] for hold in one.holds] == ["1 "]


def test_an_unreadable_contract_holds_and_takes_nothing_back(office: Msp) -> None:
    office.tell(contract("C2"), fixed("L9", "C2", price="50.00"))
    [number] = office.bill(AUGUST)
    office.tell(fixed("L9", "C2", price="many"))
    [one] = office.propose().proposed
    assert [line.contract for line in one.lines] == ["psa:C1"]
    [hold] = one.holds
    assert "psa:L9" in hold.what and "unit_price" in hold.what
    office.tell(fixed("L9", "C2", price="50.00"))
    [healed] = office.propose().proposed
    assert [(line.contract, str(line.net)) for line in healed.lines] == [
        ("psa:C1", "100.00 EUR"),
        ("psa:C2", "50.00 EUR"),
    ]
    assert not any(line.corrects for line in healed.lines), f"{number} stands"


def test_a_client_with_nothing_but_an_unreadable_contract_fails_loudly(office: Msp) -> None:
    office.bill(AUGUST)
    office.propose()
    office.approve()
    office.tell(fixed(price="many"))
    report = office.propose()
    assert report.nothing == []
    assert "unit_price" in str(report.failed["psa:K1"])
    assert office.states() == ["issued", "void"], "an approval of other facts is no approval"
    assert office.issue().issued == []


def test_a_changed_currency_fails_its_client_with_a_sentence(office: Msp) -> None:
    office.tell(client("K0"), contract("C0", "K0"), fixed("L0", "C0"))
    office.tell(client("K2"), contract("C2", "K2"), fixed("L9", "C2"))
    assert len(office.bill(AUGUST)) == 3
    office.propose()
    office.approve()
    office.tell(contract("C1", currency="CHF"))
    report = office.propose()
    assert [one.client for one in report.unchanged] == ["psa:K0", "psa:K2"]
    assert list(report.failed) == ["psa:K1"]
    said = str(report.failed["psa:K1"])
    assert said.startswith("Contract C1 was billed in EUR and is in CHF now. (contract psa:C1)")
    assert [one.client for _, one in office.issue().issued] == ["psa:K0", "psa:K2"]
    office.must_hold()


def test_a_changed_currency_holds_the_rest_and_takes_nothing_back(office: Msp) -> None:
    office.tell(contract("C2"), fixed("L9", "C2", price="50.00"))
    office.bill(AUGUST)
    office.tell(contract("C1", currency="CHF"))
    [one] = office.propose().proposed
    assert [line.contract for line in one.lines] == ["psa:C2"]
    assert [hold.code for hold in one.holds] == ["currency_changed"]
    office.tell(contract("C1"))
    [healed] = office.propose().proposed
    assert [line.contract for line in healed.lines] == ["psa:C1", "psa:C2"]
    assert healed.holds == ()


def test_each_currency_is_a_proposal_of_its_own(office: Msp) -> None:
    office.tell(contract("C2", currency="CHF"), fixed("L9", "C2", price="50.00"))
    report = office.propose()
    assert [(one.currency, str(one.net)) for one in report.proposed] == [
        ("CHF", "150.00 CHF"),
        ("EUR", "300.00 EUR"),
    ]
    office.tell(fixed("L9", "C2", price="60.00"))
    again = office.propose()
    assert [one.currency for one in again.proposed] == ["CHF"]
    assert [one.currency for one in again.unchanged] == ["EUR"]
    assert len(office.bill()) == 2
    assert [row.sequence for row in office.rows(invoice)] == [1, 1]


def test_a_missing_tax_rate_fails_its_client_only(office: Msp) -> None:
    office.tell(client("K2", tax_category="luxury"), contract("C2", "K2"), fixed("L9", "C2"))
    report = office.propose()
    assert [one.client for one in report.proposed] == ["psa:K1"]
    assert "Tax category 'luxury' has no rate" in str(report.failed["psa:K2"])


def test_a_plugin_may_object(office: Msp) -> None:
    doubt = Objection("too_much", "hold", "That is a lot.", "Ask.")
    office.terms = replace(TERMS, review=lambda draft: [doubt] if draft.net.minor > 20000 else [])
    assert office.propose(AUGUST).proposed[0].holds == ()
    assert office.propose(SEPTEMBER).proposed[0].holds == (doubt,)


def test_every_client_is_told_once(office: Msp) -> None:
    office.tell(client("K2"), client("K3"), contract("C3", "K3", currency="XAU"), fixed("L9", "C3"))
    report = office.propose()
    assert [one.client for one in report.proposed] == ["psa:K1"]
    assert (report.nothing, list(report.failed)) == (["psa:K2"], ["psa:K3"])


def test_what_no_client_owns_is_told(office: Msp) -> None:
    """A contract, a line and bookings that nobody would miss, were they left out in silence."""
    office.tell(contract("C9", "K9"), fixed("L9", "C9"), fixed("L8", "C8"))
    office.tell(booking("1", "K9"), booking("2", "K9", contract="C9"), booking("3", None))
    office.tell(booking("later", "K9", day=SEPTEMBER.end), booking("fine"))
    report = office.propose()
    said = {name: str(error) for name, error in report.failed.items()}
    assert {name: text.partition(".")[0] for name, text in said.items()} == {
        "client psa:K9, contract": "Contract psa:C9 belongs to client psa:K9, which nobody knows",
        "client psa:K9, booking": "2 bookings belong to client psa:K9, which nobody knows, "
        "for example psa:1",
        "no client, booking": "Booking psa:3 belongs to no client",
        "contract psa:C8, contract_line": "Contract line psa:L8 belongs to contract psa:C8, "
        "which nobody knows",
    }
    assert [(one.booking, one.seconds) for one in report.held] == [
        (f"psa:{ref}", 3600) for ref in (1, 2, 3)
    ]


def test_devices_count_through_the_link(office: Msp) -> None:
    office.tell(devices())
    office.link("S1", "K1")
    retired = date(2026, 8, 31) + timedelta(days=1)
    office.tell(asset("1"), asset("2", retired_on=retired), asset("3", "S9"), source="rmm")
    office.propose()
    nets = {
        str(line.service.start): str(line.net)
        for line in office.propose().unchanged[0].lines
        if line.line == "psa:L3"
    }
    assert nets == {"2026-07-01": "20.00 EUR", "2026-08-01": "20.00 EUR", "2026-09-01": "10.00 EUR"}
