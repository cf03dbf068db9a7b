"""A billed fact that moves behind the horizon is left to the period it lies in now."""

from __future__ import annotations

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from tallystick.billing.facts import Facts
from tallystick.billing.invoice.difference import difference

from .issued import by_tax, issue
from .strategies import FINAL, changed, facts
from .test_laws import bill, horizons, priced


@settings(max_examples=50)
@given(facts(), horizons, st.dates(date(2026, 2, 1), FINAL), st.data())
def test_what_moved_is_neither_taken_back_nor_charged_twice(
    of: Facts, untils: list[date], until: date, data: st.DataObject
) -> None:
    billed = bill(of, untils)
    now = data.draw(changed(of))
    refs = [work.ref for work in now.works if work.work_date >= until]
    tickets = [one.ref for one in now.incidents if one.closed_on >= until]
    later = {f"booking:{ref}" for ref in refs}
    later |= {f"{kind}:{ref}" for kind in ("ticket", "sla") for ref in tickets}
    dues = difference(priced(now, until).charges, billed, until, later)
    said = [due.charge.basis.split(":")[:2] for due in dues]
    assert not [what for what in said if ":".join(what) in later]
    then = issue(billed, dues, "in between")
    assert by_tax(bill(now, [FINAL], then)) == by_tax(bill(now, [FINAL]))
