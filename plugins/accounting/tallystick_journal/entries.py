"""What one block of the books says, whichever syntax it is written in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

Meta = Mapping[str, str | date]

TRANSACTION: Literal["*"] = "*"
CUSTOM: Literal["custom"] = "custom"


@dataclass(frozen=True, slots=True)
class Posting:
    """One leg: `amount` in major units with exactly the currency's places, debit positive."""

    account: str
    amount: Decimal
    currency: str
    meta: Meta = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """A transaction (`*`: payee and narration), or a `custom` note without postings.

    `meta` starts with `key` and `record`, then the record's own name (`number` or `id`).
    """

    on: date
    kind: Literal["*", "custom"]
    texts: tuple[str, ...]
    meta: Meta
    postings: tuple[Posting, ...] = ()
    link: str = ""
