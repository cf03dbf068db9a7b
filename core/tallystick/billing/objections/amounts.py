"""Figures rarely meant: nothing counted, less than nothing, more given back than was billed."""

from __future__ import annotations

from collections.abc import Iterator

from tallystick.billing.invoice.proposal import Objection
from tallystick.billing.objections.case import Case
from tallystick.money import Money


def quantities(case: Case) -> Iterator[Objection]:
    """Lines that count nothing, or less, in this period."""
    found: dict[tuple[str, bool], str] = {}
    for charge in case.charges:
        if charge.quantity > 0 or charge.service.end <= case.proposal.period.start:
            continue
        if not charge.unit_price or charge.basis.startswith("booking:"):
            continue
        found.setdefault((charge.line, charge.quantity < 0), charge.group)
    for (line, negative), text in sorted(found.items()):
        before = case.billed_lines.get(line)
        if negative:
            yield Objection(
                "negative_quantity",
                "hold",
                f"{text} counts less than nothing ({line}).",
                "Correct the quantity at its source.",
            )
        else:
            yield Objection(
                "zero_quantity",
                "hold" if before is not None and before.minor > 0 else "note",
                f"{text} counts nothing ({line})"
                + (f", and was billed {before} before." if before else "."),
                "Check that what it counts still comes in, or end the line.",
            )


def credit(case: Case) -> Iterator[Objection]:
    """Corrections that outweigh the new charges."""
    if case.proposal.gross.minor < 0:
        yield Objection(
            "credit",
            "note",
            f"Corrections outweigh new charges: this is a credit note of {-case.proposal.gross}.",
            "Check the lines marked Correction.",
        )


def negative_balance(case: Case) -> Iterator[Objection]:
    """More given back on a contract than was ever billed on it."""
    for contract in sorted({line.contract for line in case.proposal.lines}):
        net = case.net_of(contract)
        before = case.billed.get(contract, Money.zero(net.currency))
        if net.minor < 0 and before.currency == net.currency and (before + net).minor < 0:
            yield Objection(
                "negative_balance",
                "hold",
                f"Contract {contract} was billed {before} in all, and {-net} is given back now.",
                "Check whether a write-down and a correction give back the same thing twice.",
            )
