"""What is billed in advance becomes revenue once, whatever changes meanwhile."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from tallystick.billing.facts import Facts
from tallystick.billing.invoice.difference import Billed
from tallystick.books.recognition import Key, Recognised, as_invoiced, due

from .schedule_strategies import days
from .strategies import FINAL, OVER, changed, facts
from .test_laws import bill, priced

AFTER_ALL = date(2040, 1, 1)


def recognise(
    of: Facts, billed: Sequence[Billed], before: dict[Key, Recognised], horizon: date, until: date
) -> dict[Key, Recognised]:
    """What is recognised once the months over by `until` are posted."""
    pricing = priced(of, horizon)
    prices = {(one.contract, one.line, one.basis): one.amount for one in pricing.charges}
    deferred = {one.key: one.amount for one in billed if one.deferred}
    found = dict(before)
    for one in due(as_invoiced(pricing.earnings, prices, deferred), before, "K", until):
        key = (one.contract, one.line, one.month)
        was = found.get(key)
        assert one.ordinal == (was.entries + 1 if was else 1)
        amount = was.amount + one.amount if was else one.amount
        found[key] = Recognised(amount, one.ordinal, one.account)
    return found


@given(facts(), st.lists(days, max_size=4).map(sorted), st.data())
def test_advance_revenue_of_all_months_is_what_was_billed(
    of: Facts, untils: list[date], data: st.DataObject
) -> None:
    billed: list[Billed] = []
    recognised: dict[Key, Recognised] = {}
    for until in untils:
        billed = bill(of, [until], billed)
        recognised = recognise(of, billed, recognised, until, until)
        assert recognise(of, billed, recognised, until, until) == recognised
    now = data.draw(changed(of))
    billed = bill(now, [FINAL], billed)
    recognised = recognise(now, billed, recognised, FINAL, AFTER_ALL)
    whole: dict[str, int] = defaultdict(int)
    for one in billed:
        if one.deferred:
            whole[one.line] += one.amount.minor
    earned: dict[str, int] = defaultdict(int)
    for (_, line, _), posted in recognised.items():
        earned[line] += posted.amount.minor
    for line in of.lines:
        if line.model == "retainer":  # its last packages can still be used
            assert earned[line.id] <= whole[line.id]
        elif line.terms.get("timing") == "advance" and line.model not in OVER:
            assert earned[line.id] == whole[line.id]
