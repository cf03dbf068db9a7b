"""What the annex of an invoice adds to its charges: what they count, and work a fee includes.

Both are settled with the proposal and part of its content, so that the document says what was
approved, whatever becomes of the facts.

Work a fee includes costs nothing and has no charge. It is told by difference, as charges are:

    included now   booking:7  1.5 h   booking:9  0.5 h
    told before    booking:7  2 h
    told now       booking:7 -0.5 h   booking:9  0.5 h
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from msgspec import Struct


class Unit(Struct, frozen=True, gc=False):
    """A device, user or licence that the charge of the proposal's due at index `due` counts:
    `quantity` of it, from `since` to before `until` within the days charged."""

    due: int
    name: str
    kind: str
    quantity: Decimal
    since: date
    until: date


class Included(Struct, frozen=True, gc=False):
    """`seconds` of a booking that the fee of `line`, named `text`, includes; less than none where
    more was told before."""

    contract: str
    line: str
    text: str
    booking: str
    on: date
    seconds: int

    @property
    def key(self) -> Key:
        return self.contract, self.line, self.booking


Key = tuple[str, str, str]


class AnnexFacts(Struct, frozen=True, gc=False):
    """What the annex of one proposal says beyond its charges."""

    units: tuple[Unit, ...] = ()
    included: tuple[Included, ...] = ()
