"""What payers were charged for each invoice, whoever charged them: the sum no vendor sees alone."""

from __future__ import annotations

from collections.abc import Callable

from tallystick.money import Money
from tallystick.testing.simulate.moments import Moments


class Obligations:
    """Charges that stand: paid, on their way, or waiting for the payer to act."""

    def __init__(self, moments: Moments, gross_minor: Callable[[str], int]) -> None:
        """`gross_minor` is what an invoice comes to, 0 for one nobody issued."""
        self._moments = moments
        self._gross_minor = gross_minor
        self._standing: dict[str, int] = {}

    def charge(self, invoice: str, amount: Money) -> None:
        """A payer is charged; a breach where that is more than the invoice comes to."""
        standing = self._standing.get(invoice, 0) + amount.minor
        self._standing[invoice] = standing
        if standing > self._gross_minor(invoice):
            self._moments.breach(f"{invoice} was charged beyond what it comes to")

    def release(self, invoice: str, amount: Money) -> None:
        """A charge failed, or its money went back for good."""
        self._standing[invoice] -= amount.minor
