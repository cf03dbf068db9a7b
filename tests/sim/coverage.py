"""What occurred in a run, so that one can see what was tested and what was not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Any

from tallystick.billing.tax.rates import Taxing
from tallystick.records import ContractLine

from .books import Known

VALUES = (
    "cycle",
    "every",
    "align",
    "anchor_day",
    "timing",
    "proration",
    "counted",
    "count_of",
    "aggregate",
    "unit",
    "bought",
    "drawn_per",
    "overage",
    "rate_card",
)
"""Terms whose values are counted each; of all others, that they are given."""


def seen(known: Known, taxing: Taxing, billed: Collection[tuple[str, str]]) -> Counter[str]:
    """Models, terms and conventions of the lines that came onto an invoice."""
    found: Counter[str] = Counter()
    for ref, lines in known.lines.items():
        for line in lines:
            if (ref, line.id) in billed:
                found.update(f"{line.model}: {what}" for what in said_by(line))
                found[f"{line.model}: lines"] += 1
    found.update(
        [
            f"clients: in {known.currency}",
            f"clients: tax rounded by {taxing.rounding}",
            f"clients: prices {'with' if taxing.rates[0].included else 'without'} tax",
        ]
    )
    return found


def said_by(line: ContractLine) -> list[str]:
    found = []
    for name, value in line.terms.items():
        if name in VALUES:
            found.append(f"{name} = {value}")
        elif name == "tiers":
            found.append(f"tiers, {value['mode']}")
        elif name == "covers":
            found += [f"covers.{part}" for part in value]
        elif given(value):
            found.append(name)
    return found


def given(value: Any) -> bool:
    return value not in (None, [], {}, 0)
