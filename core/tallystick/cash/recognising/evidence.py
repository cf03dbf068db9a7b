"""Why money may be an invoice's: the reasons, and what each is worth. Pure.

A candidate's score is the sum of its reasons, from 0 to 100. With the bars as they ship, two
strong reasons of different kind - who paid, and what was paid - carry it over the high one; none
does alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

Reason = Literal[
    "payer_account",
    "account_of_several",
    "payer_name",
    "name_alike",
    "name_of_several",
    "customer_number",
    "number",
    "number_without_prefix",
    "number_mistyped",
    "number_ending",
    "number_mistyped_of_several",
    "amount",
    "amount_of_no_other",
    "sum_of_invoices",
    "everything_open",
    "one_of_several_sums",
    "short_by_charges",
    "oldest_first",
    "amount_differs",
    "names_another",
    "another_payer",
]

POINTS: Final[dict[Reason, int]] = {
    "payer_account": 50,
    "account_of_several": 30,
    "payer_name": 40,
    "name_alike": 25,
    "name_of_several": 15,
    "customer_number": 45,
    "number": 60,
    "number_without_prefix": 50,
    "number_mistyped": 40,
    "number_mistyped_of_several": 15,
    "number_ending": 20,
    "amount": 35,
    "amount_of_no_other": 15,
    "sum_of_invoices": 35,
    "everything_open": 10,
    "one_of_several_sums": 15,
    "short_by_charges": 30,
    "oldest_first": 10,
    "amount_differs": -10,
    "names_another": -30,
    "another_payer": -40,
}
SCORE_MAX: Final = 100


def score(reasons: Iterable[Reason]) -> int:
    return max(0, min(SCORE_MAX, sum(POINTS[one] for one in reasons)))


def strongest(reasons: Iterable[Reason]) -> list[Reason]:
    """The one that says most, as reasons of one kind mostly say the same twice."""
    return sorted(reasons, key=lambda one: -POINTS[one])[:1]
