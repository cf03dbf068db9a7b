"""Laws of billing that hold for whatever contract, bookings, tickets and devices there are."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import TypeVar

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tallystick.billing.charges import Charge
from tallystick.billing.facts import Facts
from tallystick.billing.invoice.difference import Billed, difference
from tallystick.billing.invoice.proposal import compose
from tallystick.billing.models import SHIPPED
from tallystick.billing.pricing import Pricing, price
from tallystick.billing.tax.taxation import settled
from tallystick.money import Money
from tallystick.period import Period

from .issued import by_tax, issue
from .strategies import FINAL, OVER, TAXING, book, changed, facts

T = TypeVar("T")


def priced(of: Facts, until: date = FINAL) -> Pricing:
    pricing = price(of, until, SHIPPED, book("EUR"))
    charges = tuple(settled(one, TAXING) for one in pricing.charges)
    return replace(pricing, charges=charges)


def bill(of: Facts, untils: Sequence[date], billed: Sequence[Billed] = ()) -> list[Billed]:
    """Bill at each date in turn, each time proposing only the difference."""
    for until in untils:
        billed = issue(billed, difference(priced(of, until).charges, billed, until), f"I{until}")
    return list(billed)


def by_basis(amounts: Iterable[Charge | Billed]) -> dict[tuple[str, str], int]:
    """Minor units per (line, basis), zeros left out."""
    found: dict[tuple[str, str], int] = defaultdict(int)
    for one in amounts:
        found[one.line, one.basis] += one.amount.minor
    return {key: minor for key, minor in found.items() if minor}


horizons = st.lists(st.dates(date(2026, 1, 2), FINAL), max_size=5).map(sorted)


@given(facts(), st.dates(date(2026, 2, 1), FINAL))
def test_hours_are_conserved(of: Facts, until: date) -> None:
    placements = defaultdict(list)
    for placement in priced(of, until).placements:
        placements[placement.booking].append(placement)
    works_then = {work.ref: work for work in of.works if work.work_date < until}
    assert placements.keys() == works_then.keys()
    for ref, parts in placements.items():
        work = works_then[ref]
        assert sum(part.seconds for part in parts) == work.seconds
        buckets = sorted(part.bucket for part in parts)
        beyond = {one for one in buckets if one != "drawn"}
        assert len(parts) == 1 or beyond in (set(), {"billed"}, {"held"})
        assert all(part.reason and all(part.reason) for part in parts)
        assert all(part.seconds >= 0 for part in parts) or buckets == ["held"]
        never = work.billable != "billable" or work.invoice is not None
        assert (buckets == ["never"]) == (never and 0 <= work.seconds < 86401)


@given(facts(), horizons, st.data())
def test_billed_and_proposed_make_what_is_charged(
    of: Facts, untils: list[date], data: st.DataObject
) -> None:
    billed = bill(of, untils)
    now = data.draw(changed(of))
    dues = difference(priced(now).charges, billed, FINAL)
    assert by_basis([*(due.charge for due in dues), *billed]) == by_basis(priced(now).charges)
    assert all(due.charge.amount for due in dues)


@given(facts(), horizons, st.data())
def test_billing_month_by_month_and_correcting_is_billing_right_the_first_time(
    of: Facts, untils: list[date], data: st.DataObject
) -> None:
    now = data.draw(changed(of))
    once = bill(now, [FINAL])
    step_by_step = bill(now, [FINAL], bill(of, untils))
    assert by_tax(step_by_step) == by_tax(once) == by_tax(priced(now).charges)


@given(facts(), horizons)
def test_a_second_run_proposes_nothing_whatever_was_run_before(
    of: Facts, untils: list[date]
) -> None:
    billed = bill(of, [*untils, FINAL])
    assert difference(priced(of).charges, billed, FINAL) == []
    for until in untils:
        assert difference(priced(of, until).charges, billed, until) == []


@given(facts(), horizons, st.randoms(use_true_random=False))
def test_no_order_of_arrival_changes_anything(
    of: Facts, untils: list[date], chance: random.Random
) -> None:
    def shuffled(records: Sequence[T]) -> tuple[T, ...]:
        return tuple(chance.sample(records, len(records)))

    other = Facts(
        of.contract,
        shuffled(of.lines),
        shuffled(of.works),
        shuffled(of.incidents),
        shuffled(of.assets),
        shuffled(of.users),
        shuffled(of.licences),
        shuffled(of.usages),
        completed=dict(shuffled([*of.completed.items()])),
    )
    assert priced(other) == priced(of)
    hashes = {
        compose(
            "K",
            "EUR",
            Period(date(2026, 9, 1), FINAL),
            difference(shuffled(priced(some).charges), shuffled(bill(some, untils)), FINAL),
            TAXING,
        ).content_hash
        for some in (of, other)
    }
    assert len(hashes) == 1


@given(facts(), st.dates(date(2026, 2, 1), FINAL))
def test_prepaid_money_is_earned_once_and_prepaid_are_drawn_once(of: Facts, until: date) -> None:
    pricing = priced(of, until)
    over = {line.id for line in of.lines if line.model in OVER}
    charges = [one for one in pricing.charges if one.line not in over]
    feeing = [one for one in of.lines if one.model != "retainer"]
    advance = {one.id for one in feeing if one.terms.get("timing") == "advance"}
    packages = ("prepaid", "topup", "retainer")
    late = {one.id for one in of.lines if one.terms.get("timing") == "arrears"}
    for one in charges:
        bought = one.basis.partition(":")[0] in packages and one.line not in late
        assert one.deferred == (bought or one.line in advance)
    sold = {(one.line, one.basis): one.amount.minor for one in charges if one.deferred}
    earned: dict[tuple[str, str], int] = defaultdict(int)
    for earning in pricing.earnings:
        if earning.line in over:
            continue
        assert earning.amount.minor > 0
        earned[earning.line, earning.basis] += earning.amount.minor
    assert all(earned[key] <= sold[key] for key in earned)
    assert all(earned[key] == sold[key] for key in sold if key[0] in advance)
    for line in of.lines:
        if line.model not in ("prepaid", "retainer") or line.id in late:
            continue
        over = (of.contract.ends_on or date.max) <= until or (line.ends_on or date.max) <= until
        if over:
            assert all(earned[key] == sold[key] for key in sold if key[0] == line.id)
    for one in pricing.balances:
        assert one.bought == one.drawn + one.left + one.expired
        assert min(one.drawn, one.left, one.expired) >= 0
        assert not (one.left and one.valid.end <= until)


@given(facts(), horizons)
def test_a_proposal_adds_up(of: Facts, untils: list[date]) -> None:
    dues = difference(priced(of).charges, bill(of, untils), FINAL)
    draft = compose("K", "EUR", Period(date(2026, 9, 1), FINAL), dues, TAXING)
    assert draft.net.minor == sum(due.charge.amount.minor for due in dues)
    assert sorted(index for line in draft.lines for index in line.charges) == [*range(len(dues))]
    assert draft.net == sum((tax.net for tax in draft.taxes), Money.zero("EUR"))
    assert draft.gross == draft.net + draft.tax
    for line in draft.lines:
        for index in line.charges:
            assert (dues[index].charge.line, dues[index].corrects) == (line.line, line.corrects)
            assert line.service.overlap(dues[index].charge.service) == dues[index].charge.service
