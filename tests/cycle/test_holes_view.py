"""Holes over the store: bookings are read only where it matters what there is."""

from __future__ import annotations

from datetime import date

from tallystick.billing.holes import holes
from tallystick.views.holes import find_holes

from .msp import Msp
from .told import booking, client, contract, fixed

TODAY = date(2026, 9, 20)


def test_work_without_a_line_in_force_is_told_of_every_client_that_has_it(msp: Msp) -> None:
    ended = {"starts_on": date(2026, 1, 1), "ends_on": date(2026, 8, 31)}
    msp.tell(*(client(f"K{number}") for number in range(1, 7)))
    msp.tell(contract("C1", "K1"), fixed("L1", "C1"), booking("1", "K1", TODAY))
    msp.tell(booking("2", "K2", TODAY))
    msp.tell(contract("C3", "K3", **ended), fixed("L3", "C3"), booking("3", "K3", TODAY))
    msp.tell(contract("C4", "K4"), booking("4", "K4", TODAY))
    msp.tell(booking("5", "K5", date(2026, 8, 31)))
    told = find_holes(msp.database, msp.terms, TODAY, lambda _: None)
    expected = {
        facts.client.id: own
        for facts in msp.facts()
        if (own := holes(facts, msp.terms.models, msp.terms.book, TODAY, ()))
    }
    assert {one.of: one.holes for one in told} == expected
    assert {one.of: [hole.code for hole in one.holes] for one in told} == {
        "psa:K2": ["no_contract"],
        "psa:K3": ["no_contract"],
        "psa:K4": ["covers_nothing", "no_contract"],
    }
