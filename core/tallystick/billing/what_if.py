"""What if: one contract under changed terms, and the difference that makes month by month.

The changed contract is priced by the same function over the same facts; nothing here prices.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from msgspec import convert
from msgspec.structs import asdict

from tallystick.billing.charges import Bucket, Charge, Placement
from tallystick.billing.facts import spelled
from tallystick.billing.months import by_month
from tallystick.errors import Stop
from tallystick.money import Money
from tallystick.period import Period
from tallystick.records import Contract, ContractLine, Record

R = TypeVar("R", bound=Record)
Agreed = tuple[Contract, Sequence[ContractLine]]


@dataclass(frozen=True, slots=True)
class LineChange:
    """What becomes of the line `id` (a new one if there is none): its `fields` are replaced, each
    of its `terms` likewise, those in `drop` are taken out. Another model begins without terms."""

    id: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    terms: Mapping[str, Any] = field(default_factory=dict)
    drop: frozenset[str] = frozenset()
    remove: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """Fields of the contract to replace, and what becomes of its lines."""

    contract: Mapping[str, Any] = field(default_factory=dict)
    lines: Sequence[LineChange] = ()


@dataclass(frozen=True, slots=True)
class MonthOfLine:
    """What one line comes to in one service month, net, before and after the change."""

    month: date
    contract: str
    line: str
    text: str
    before: Money
    after: Money

    @property
    def difference(self) -> Money:
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class HoursInBucket:
    """Seconds of work in one bucket, before and after the change."""

    bucket: Bucket
    before_s: int
    after_s: int


def changed(agreed: Agreed, change: Change) -> Agreed:
    """The contract and lines under `change`; raises `Stop` for what does not fit."""
    contract, lines = agreed
    contract = _with(contract, change.contract, f"Contract {contract.id}")
    kept = {line.id: line for line in lines}
    for one in change.lines:
        ref = _ref(one.id, kept)
        if one.remove:
            if ref is None:
                raise _unknown(one.id, kept)
            del kept[ref]
        elif ref is None:
            line = _new(one, contract, kept)
            kept[line.id] = line
        else:
            kept[ref] = _edited(kept[ref], one)
    return contract, list(kept.values())


def _ref(wanted: str, lines: Iterable[str]) -> str | None:
    return next((ref for ref in lines if wanted in spelled(ref)), None)


def _new(one: LineChange, contract: Contract, known: Iterable[str]) -> ContractLine:
    if "model" not in one.fields:
        raise _unknown(one.id, known)
    connection = contract.id.partition(":")[0]
    made = {"description": one.id, **one.fields, "terms": dict(one.terms)}
    return _read({**made, "id": f"{connection}:{one.id}", "contract": contract.id}, one.id)


def _edited(line: ContractLine, one: LineChange) -> ContractLine:
    other_model = one.fields.get("model", line.model) != line.model
    kept = {} if other_model else {k: v for k, v in line.terms.items() if k not in one.drop}
    return _read({**asdict(line), **one.fields, "terms": {**kept, **one.terms}}, line.id)


def _read(values: Mapping[str, Any], ref: str) -> ContractLine:
    return _as(values, ContractLine, f"Line {ref}")


def _with(record: R, values: Mapping[str, Any], what: str) -> R:
    return _as({**asdict(record), **values}, type(record), what)


def _as(values: Mapping[str, Any], kind: type[R], what: str) -> R:
    try:
        return convert(values, kind, strict=False)
    except ValueError as error:
        raise Stop(
            f"{what} cannot be changed like that: {error}.", do="Correct the file of changes."
        ) from None


def _unknown(ref: str, known: Iterable[str]) -> Stop:
    return Stop(
        f"The contract has no line {ref}; it has {', '.join(sorted(known)) or 'none'}.",
        do="Correct the id, or give the new line a `model`.",
    )


def compare(
    before: Iterable[Charge], after: Iterable[Charge], over: Period, texts: Mapping[str, str]
) -> list[MonthOfLine]:
    """Every (month, line) of `over` that either comes to something in, by month, contract, line.

    An amount belongs to the months of its service by days, whenever it is billed. `texts` are
    the lines' descriptions.
    """
    sums: dict[tuple[date, str, str], list[Money]] = {}
    for which, charges in enumerate((before, after)):
        for charge in charges:
            for month, amount in by_month(charge.amount, charge.service):
                if not over.covers(month.start):
                    continue
                key = (month.start.replace(day=1), charge.contract, charge.line)
                nothing = Money.zero(amount.currency)
                cell = sums.setdefault(key, [nothing, nothing])
                cell[which] = cell[which] + amount
    return [
        MonthOfLine(*key, texts.get(key[2], key[2]), was, comes_to)
        for key, (was, comes_to) in sorted(sums.items())
    ]


def hours_by_bucket(before: Iterable[Placement], after: Iterable[Placement]) -> list[HoursInBucket]:
    """How much work ends in which bucket, most first."""
    seconds: dict[Bucket, list[int]] = defaultdict(lambda: [0, 0])
    for which, placements in enumerate((before, after)):
        for one in placements:
            seconds[one.bucket][which] += one.seconds
    found = [HoursInBucket(bucket, was, now) for bucket, (was, now) in seconds.items()]
    return sorted(found, key=lambda one: (-one.before_s - one.after_s, one.bucket))
