"""`bill_from`: an MSP that starts with Tallystick is not billed again for what it billed before."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from .msp import AUGUST, SEPTEMBER, TERMS, Msp
from .told import booking


def test_service_before_the_day_is_not_proposed(office: Msp) -> None:
    office.tell(booking("old", work_date=date(2026, 8, 31)), booking("new"))
    office.terms = replace(TERMS, bill_from=SEPTEMBER.start)
    [draft] = office.propose().proposed
    bases = {due.charge.basis for due in draft.dues}
    assert "booking:psa:new" in bases
    assert not {basis for basis in bases if "old" in basis or "2026-08" in basis}


def test_what_was_billed_here_before_the_day_stays_billed(office: Msp) -> None:
    office.tell(booking("old", work_date=date(2026, 8, 31)))
    office.bill(AUGUST)
    office.terms = replace(TERMS, bill_from=SEPTEMBER.start)
    [draft] = office.propose().proposed
    assert all(due.charge.amount.minor > 0 and not due.corrects for due in draft.dues)
