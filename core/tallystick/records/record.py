"""What every record has, and the values they share."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct

Text = Annotated[str, Meta(min_length=1, max_length=10_000)]
Instant = Annotated[datetime, Meta(tz=True)]
CurrencyCode = Annotated[str, Meta(pattern="^[A-Z]{3}$")]
Terms = dict[str, Any]


class Record(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every kind has: the vendor's id, and the vendor's version of the row if it has one.

    Of two versions of one id the higher (`version`, `updated_at`) stands, so the order in
    which they arrive does not matter.
    """

    id: Text
    version: int = 0
    updated_at: Instant | None = None
