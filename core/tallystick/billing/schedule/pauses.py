"""Spans of days on which a line is paused or free, and the terms all lines of a contract share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from msgspec import Struct, convert

from tallystick.errors import SkipRecord
from tallystick.period import Period
from tallystick.records import Contract


class Span(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`since <= day < until` in local dates; for good without `until`."""

    since: date
    until: date = date.max

    def __post_init__(self) -> None:
        if self.until <= self.since:
            raise ValueError(f"until {self.until} is not after since {self.since}")

    @property
    def period(self) -> Period:
        return Period(self.since, self.until)


def check_spans(name: str, spans: Sequence[Span]) -> None:
    """Raises `ValueError` for spans that are out of order or share days."""
    for one, following in pairwise(spans):
        if following.since < one.until:
            raise ValueError(
                f"{name} from {following.since} begins before the one from {one.since} is over"
            )


class ContractTerms(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What `Contract.terms` may say: paused days are not charged and take no work."""

    pauses: tuple[Span, ...] = ()

    def __post_init__(self) -> None:
        check_spans("pauses", self.pauses)


NONE = ContractTerms()


def contract_terms(contract: Contract) -> ContractTerms:
    """The contract's own terms, typed; raises `SkipRecord` naming the term that does not fit."""
    if not contract.terms:
        return NONE
    try:
        return convert(contract.terms, ContractTerms, strict=False)
    except ValueError as error:
        raise SkipRecord(
            f"The terms of the contract do not fit: {error}.",
            do="Correct the contract at its source or its mapping.",
            record="contract",
            ref=contract.id,
        ) from None


def pauses(contract: Contract, terms: object) -> tuple[Period, ...]:
    """The days on which a line with these terms is paused, by itself or with its contract."""
    own: tuple[Span, ...] = getattr(terms, "pauses", ())
    return tuple(one.period for one in (*contract_terms(contract).pauses, *own))
