"""How the proposal compares with what the client was billed before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from statistics import median

from tallystick.billing.invoice.proposal import Objection
from tallystick.billing.objections.case import Case
from tallystick.money import Money

LEAST_PERIODS = 4
"""Fewer say nothing about what is usual."""
USUAL_SPREAD = Fraction("4.4478")
"""Three standard deviations, as 1.4826 median absolute deviations make one of a normal
distribution (Rousseeuw and Croux 1993): what varies widely every month is not unusual."""


def first_invoice(case: Case) -> Iterator[Objection]:
    """The first a client ever gets: whether it is right nobody has seen yet."""
    if case.first:
        of = f" for {case.proposal.group}" if case.proposal.group else ""
        yield Objection(
            "first_invoice",
            "note",
            f"This is the first invoice to this client{of}.",
            "Have a person compare it with the contract.",
        )


def deviation(case: Case) -> Iterator[Objection]:
    """Further from the client's median than the policy allows, and than the client varies."""
    if len(case.history) < LEAST_PERIODS:
        return
    now = case.proposal.net if case.same_period is None else case.proposal.net + case.same_period
    usual, spread = median_and_deviation([one.minor for one in case.history])
    apart = abs(now.minor - usual)
    if apart <= abs(usual) * Fraction(case.deviation_percent) / 100:
        return
    if apart <= USUAL_SPREAD * spread:
        return
    sign = "+" if now.minor > usual else "-"
    by = f", {sign}{round(100 * apart / abs(usual))} %" if usual else ""
    middle = Money(round(usual), now.currency)
    yield Objection(
        "deviation",
        "hold",
        f"{now} net for {case.proposal.period} is far from {middle}, the median of the "
        f"last {len(case.history)} periods{by}.",
        "Check what changed; then approve it with the reason.",
    )


def median_and_deviation(minors: Sequence[int]) -> tuple[Fraction, Fraction]:
    """The median, and the median of the distances from it, in minor units."""
    middle = median(map(Fraction, minors))
    return middle, median(abs(one - middle) for one in minors)
