"""A billed fact that moves behind the horizon is left to the period it lies in now."""

from __future__ import annotations

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tallystick.billing.facts import Facts, Incident, Work
from tallystick.billing.invoice.difference import difference
from tallystick.records import Contract, ContractLine

from .issued import by_tax, issue
from .strategies import FINAL
from .test_laws import bill, priced

CONTRACT = Contract(id="C", client="K", name="C", currency="EUR", starts_on=date(2026, 1, 1))
LINES = (
    ("prepaid", {"quantity": "5", "unit_price": "400", "overage": "pass", "rate_card": "exact"}),
    ("time_and_materials", {"rate_card": "quarter"}),
    ("per_incident", {"unit_price": "40", "included": 1, "sla_credit_percent": "25"}),
)
days = st.dates(date(2026, 1, 1), date(2026, 4, 30))
worked = st.lists(st.tuples(days, st.integers(1, 20_000)), max_size=8)
closed = st.lists(days, max_size=4)


@st.composite
def sold(draw: st.DrawFn) -> Facts:
    lines = [
        ContractLine(id=f"L{n}", contract="C", description=model, model=model, terms=terms)
        for n, (model, terms) in enumerate(LINES)
    ]
    works = [Work(f"w{n}", day, seconds) for n, (day, seconds) in enumerate(draw(worked))]
    tickets = [Incident(f"t{n}", day, sla_met=False) for n, day in enumerate(draw(closed))]
    return Facts(CONTRACT, tuple(lines), tuple(works), tuple(tickets))


@st.composite
def moved(draw: st.DrawFn, of: Facts) -> Facts:
    """The same, some of it on another day or gone."""
    some = st.sampled_from([True, True, False])
    works = [replace(one, work_date=draw(days)) if draw(some) else one for one in of.works]
    tickets = [replace(one, closed_on=draw(days)) if draw(some) else one for one in of.incidents]
    gone = draw(st.integers(0, 1))
    return replace(of, works=tuple(works[gone:]), incidents=tuple(tickets))


@settings(max_examples=60)
@given(sold(), st.lists(days, max_size=3).map(sorted), days, st.data())
def test_what_moved_is_neither_taken_back_nor_charged_twice(
    of: Facts, untils: list[date], until: date, data: st.DataObject
) -> None:
    billed = bill(of, untils)
    now = data.draw(moved(of))
    tickets = [one.ref for one in now.incidents if one.closed_on >= until]
    later = {f"booking:{work.ref}" for work in now.works if work.work_date >= until}
    later |= {f"{kind}:{ref}" for kind in ("ticket", "sla") for ref in tickets}
    dues = difference(priced(now, until).charges, billed, until, later)
    assert not later & {":".join(due.charge.basis.split(":")[:2]) for due in dues}
    then = issue(billed, dues, "in between")
    assert by_tax(bill(now, [FINAL], then)) == by_tax(bill(now, [FINAL]))
