"""Lines over other lines: percentages, discounts, minimums and caps price what others charge.

A line names the lines it stands on in `of`, by their ids; `*` is every line that stands on
none. A line over another such line is priced after it:

    fee, hours  ->  discount of fee  ->  minimum of (fee, hours, discount)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tallystick.billing.charges import Charge, Earning, LineTerms
from tallystick.billing.coverage import ReadyLine
from tallystick.billing.facts import spelled
from tallystick.errors import SkipRecord
from tallystick.period import Period


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


@dataclass(frozen=True, slots=True)
class Others:
    """What the lines that a line stands on charge and earn, so far as they are priced."""

    charges: tuple[Charge, ...] = ()
    earnings: tuple[Earning, ...] = ()


def others_of(
    ready: ReadyLine,
    charges: Sequence[Charge],
    earnings: Sequence[Earning],
    lines: Sequence[ReadyLine],
) -> Others:
    """The charges and earnings of the lines that `ready` stands on, in the order of their facts."""
    standing = {other.line.id for other in lines if _names(ready, other)}
    return Others(
        tuple(sorted((one for one in charges if one.line in standing), key=_fact)),
        tuple(one for one in earnings if one.line in standing),
    )


def check(lines: Sequence[ReadyLine]) -> None:
    """Raises `SkipRecord` for a line that names one the contract does not have, and for a
    circle."""
    over = [one for one in lines if one.model.takes == "over_lines"]
    for one in over:
        for name in _of(one):
            if name != "*" and not any(_called(other, name) for other in lines):
                known = ", ".join(sorted(other.line.id for other in lines if other is not one))
                raise SkipRecord(
                    f"The line is priced from line {name!r}, which its contract does not have;"
                    f" there is {known or 'no other'}.",
                    do="Correct `of` in its terms at its source.",
                    record="contract_line",
                    ref=one.line.id,
                )
    in_order(over)


def _fact(charge: Charge) -> tuple[Period, str, str]:
    return (charge.service, charge.line, charge.basis)


def _names(ready: ReadyLine, other: ReadyLine) -> bool:
    named = _of(ready)
    if any(_called(other, name) for name in named):
        return True
    return "*" in named and other.model.takes != "over_lines"


def _of(ready: ReadyLine) -> tuple[str, ...]:
    named: tuple[str, ...] = getattr(ready.terms, "of", ("*",))
    return named


def _called(other: ReadyLine, name: str) -> bool:
    """A line is called by its id, with or without its connection."""
    return name in spelled(other.line.id)
