"""Flowing: what a record of one connection changes of its copy in another. Pure.

Each field is held against what was last pushed of it, so that it is known who changed it:

    source as pushed, copy as pushed     nothing
    source changed,   copy as pushed     the source's value goes over
    source as pushed, copy changed       somebody changed it there: the flow's rule decides
    source changed,   copy changed       both did: the flow's rule decides
    both the same                        nothing, whoever changed what: so loops end

What was never pushed counts as changed on both sides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal, NamedTuple

Rule = Literal["source", "target", "newest", "ask"]
FEW: Final = 10
SHARE: Final = 10
MISSING: Final = object()


@dataclass(frozen=True, slots=True)
class Flow:
    """Records of `kind` go from connection `source` to connection `target`; `fields` are those the
    source has a say about, and `rule` decides where both were changed. Records that agree in the
    fields `same` are one at the target (tallystick.sync.gathering), `again` after it was closed."""

    kind: str
    source: str
    target: str
    fields: tuple[str, ...]
    rule: Rule
    create: bool
    same: tuple[str, ...] = ()
    again: timedelta = timedelta()

    @property
    def name(self) -> str:
        return f"{self.kind} from {self.source} to {self.target}"


class Side(NamedTuple):
    """A record as one connection has it: its id there, its values, and when it was changed."""

    id: str
    values: Mapping[str, Any]
    updated_at: datetime | None = None


class Difference(NamedTuple):
    """One field: what the copy has and what it is to have."""

    field: str
    theirs: Any
    ours: Any


@dataclass(frozen=True, slots=True)
class Step:
    """What is to be done with one record: `create` it where it has no copy, or push `changes`;
    `asked` are differences a person decides. `after` is when the copy was last given something:
    the same change after another one is another push; `told` is everything it was given."""

    source: Side
    copy: Side | None
    changes: tuple[Difference, ...] = ()
    asked: tuple[Difference, ...] = ()
    after: datetime | None = None
    told: Mapping[str, Any] = field(default_factory=dict)

    @property
    def creates(self) -> bool:
        return self.copy is None

    @property
    def values(self) -> dict[str, Any]:
        """What is pushed."""
        return {one.field: one.ours for one in self.changes}


def step(flow: Flow, source: Side, copy: Side | None, pushed: Mapping[str, Any]) -> Step | None:
    """What `source` makes of its `copy`, None where that is nothing; `pushed` is what of it the
    copy was last given."""
    if copy is None:
        told = [Difference(name, None, source.values.get(name)) for name in flow.fields]
        given = tuple(one for one in told if one.ours not in (None, "", ()))
        return Step(source, None, given) if flow.create else None
    changes, asked = [], []
    for name in flow.fields:
        mine, theirs = source.values.get(name), copy.values.get(name)
        if mine == theirs:
            continue
        last = pushed.get(name, MISSING)
        difference = Difference(name, theirs, mine)
        if theirs == last or _goes_over(flow.rule, source, copy):
            changes.append(difference)
        elif flow.rule == "ask":
            asked.append(difference)
    return Step(source, copy, tuple(changes), tuple(asked)) if changes or asked else None


def _goes_over(rule: Rule, source: Side, copy: Side) -> bool:
    """Whether the source's value wins over one that was changed in the copy."""
    if rule == "newest":
        if source.updated_at is None or copy.updated_at is None:
            return False
        return source.updated_at >= copy.updated_at
    return rule == "source"


def too_much(steps: Sequence[Step], known: int) -> bool:
    """Whether a flow would write more than a few records and more than one in ten of those that
    are `known`: then somebody looks first."""
    return len(steps) > max(FEW, known // SHARE)


def sendable(steps: Iterable[Step]) -> list[Step]:
    return [one for one in steps if one.changes]
