"""Laws that hold for all that was billed: nothing lost, nothing twice, in whatever order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from random import Random

from tests.billing.contract_oracle import PLACES
from tests.billing.issued import by_tax, issue

from tallystick.billing.invoice.difference import Billed, difference
from tallystick.billing.tax.rates import Taxing

from .books import MONTHS, Known, first_of
from .client_oracle import expected
from .pricing import Priced, priced, proposals

FINAL = first_of(MONTHS)


def obey(known: Known, taxing: Taxing, billed: Sequence[Billed], chance: Random) -> None:
    """Raises `AssertionError` with the law that does not hold after the last month."""
    now = priced(known.facts, taxing, FINAL)
    at_once = issue([], difference(now.charges, [], FINAL), "at once")
    assert by_tax(billed) == by_tax(at_once) == by_tax(now.charges), "corrected is not as at first"
    seconds_are_conserved(known, now)
    balances_are_conserved(known, taxing, now)
    older = first_of(chance.randint(1, MONTHS - 1))
    then = priced(known.facts, taxing, older).charges
    assert difference(then, at_once, older) == [], f"an older run, {older}, proposes something"
    in_any_order(known, taxing, billed, older, chance)


def seconds_are_conserved(known: Known, now: Priced) -> None:
    placed: Counter[str] = Counter()
    everywhere = [one for pricing in now.pricings for one in pricing.placements]
    for one in [*everywhere, *now.unrouted]:
        placed[one.booking] += one.seconds
    worked = {one.ref: one.seconds for one in known.works if one.work_date < FINAL}
    late = {one.ref for one in known.works if one.work_date >= FINAL}
    assert {ref: placed[ref] for ref in placed if ref not in late} == worked, "seconds are lost"


def balances_are_conserved(known: Known, taxing: Taxing, now: Priced) -> None:
    """Every package as the oracle drew it; of its price no more is earned than was paid."""
    theirs = expected(known, taxing, FINAL).packages
    scale = {"hours": 3600, "tokens": 1, "money": 10 ** PLACES[known.currency]}
    balances = [one for pricing in now.pricings for one in pricing.balances]
    assert {(one.line, one.basis) for one in balances} == theirs.keys()
    for one in balances:
        package, units = theirs[one.line, one.basis], scale[one.unit]
        assert one.bought == one.drawn + one.left + one.expired
        assert one.bought * units == package.bought
        assert (one.left + one.expired) * units == package.left, f"{one.line} {one.basis}"
    sold = {(one.line, one.basis): one.amount.minor for one in now.charges if one.deferred}
    earned: Counter[tuple[str, str]] = Counter()
    for pricing in now.pricings:
        for one in pricing.earnings:
            earned[one.line, one.basis] += one.amount.minor
    assert all(abs(minor) <= abs(sold[key]) for key, minor in earned.items()), "earned, not sold"


def in_any_order(
    known: Known, taxing: Taxing, billed: Sequence[Billed], since: date, chance: Random
) -> None:
    """What was billed by some day, and all facts, in another order: the same documents."""
    before = [one for one in billed if one.due_before(since)]
    hashes = []
    for facts, owed in (
        (known.facts, before),
        (known.shuffled(chance), chance.sample(before, len(before))),
    ):
        charges = priced(facts, taxing, FINAL).charges
        dues = difference(chance.sample(charges, len(charges)), owed, FINAL)
        hashes.append([one.content_hash for one in proposals(dues, facts, taxing, FINAL)])
    assert hashes[0] == hashes[1], "the order of arrival matters"
