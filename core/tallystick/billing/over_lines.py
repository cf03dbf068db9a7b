"""Lines over other lines: percentages, discounts, minimums and caps price what others charge.

A line names the lines it stands on in `of`, by their ids; `*` is every line that stands on
none. A line over another such line is priced after it:

    fee, hours  ->  discount of fee  ->  minimum of (fee, hours, discount)
"""

from __future__ import annotations

from collections.abc import Sequence

from tallystick.billing.charges import Charge, LineTerms
from tallystick.billing.coverage import ReadyLine
from tallystick.errors import SkipRecord


class OverLinesTerms(LineTerms, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`of` names the contract's lines by id, as the source spells them."""

    of: tuple[str, ...] = ("*",)


def in_order(lines: Sequence[ReadyLine]) -> list[ReadyLine]:
    """`lines` so that each comes after those it names; raises `SkipRecord` for a circle."""
    waiting = {one.line.id: one for one in lines}
    ordered: list[ReadyLine] = []
    while waiting:
        free = sorted(
            ref
            for ref, one in waiting.items()
            if not any(_names(one, other) for other in waiting.values())
        )
        if not free:
            circle = ", ".join(sorted(waiting))
            raise SkipRecord(
                f"Lines {circle} are priced from each other in a circle.",
                do="Correct `of` in the terms of one of them at its source.",
                record="contract_line",
                ref=min(waiting),
            )
        ordered += [waiting.pop(ref) for ref in free]
    return ordered


def charges_of(
    ready: ReadyLine, charges: Sequence[Charge], lines: Sequence[ReadyLine]
) -> list[Charge]:
    """The charges of the lines that `ready` stands on, so far as they are priced."""
    standing = {other.line.id for other in lines if _names(ready, other)}
    return [charge for charge in charges if charge.line in standing]


def _names(ready: ReadyLine, other: ReadyLine) -> bool:
    named: tuple[str, ...] = getattr(ready.terms, "of", ("*",))
    plain = other.line.id.partition(":")[2]
    if other.line.id in named or (plain and plain in named):
        return True
    return "*" in named and other.model.takes != "over_lines"
