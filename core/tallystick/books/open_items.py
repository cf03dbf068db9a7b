"""Open items compared: what we say is open of each invoice, and what accounting says.

    open here    on its way there    open there
     119.00             0.00            119.00     agrees
       0.00          -119.00            119.00     agrees once the payment is posted
     119.00             0.00                -      accounting does not have it as open
          -             0.00             50.00     open there only

Pure. What is on its way is the sum of payments accounting has not confirmed, negative as they
lower what is open; of an invoice it does not have yet, all of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tallystick.money import Money

Item = tuple[str, str]
"""A number and a currency: an open item is of one currency."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Of one document: `ours` is open here, `coming` is still on its way there, `theirs` is open
    there, all zero where there is none."""

    number: str
    ours: Money
    coming: Money
    theirs: Money

    @property
    def explained(self) -> bool:
        """Whether it is gone once what is on its way has arrived."""
        return self.theirs + self.coming == self.ours

    @property
    def unexplained(self) -> Money:
        return self.theirs + self.coming - self.ours


def compare(
    ours: Mapping[str, Money],
    coming: Iterable[tuple[str, Money]],
    theirs: Iterable[tuple[str, Money]],
) -> list[Difference]:
    """Every document of which the two say something else, by number. Several items of one number
    at accounting are one."""
    sums: dict[Item, list[int]] = {}
    for place, items in enumerate((ours.items(), coming, theirs)):
        for number, amount in items:
            sums.setdefault((number, amount.currency), [0, 0, 0])[place] += amount.minor
    return list(_differences(sums))


def _differences(sums: Mapping[Item, list[int]]) -> Iterator[Difference]:
    for (number, currency), minors in sorted(sums.items()):
        ours, coming, theirs = (Money(minor, currency) for minor in minors)
        if ours != theirs:
            yield Difference(number, ours, coming, theirs)
