"""Places for values in statements that are made once: to make one costs more than to run it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BindParameter, bindparam


def many(name: str) -> BindParameter[Any]:
    """A place for a list, as in `column.in_(many("keys"))`, filled by `{"keys": [...]}`."""
    return bindparam(name, expanding=True)
