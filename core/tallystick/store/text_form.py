"""Columns as texts that PostgreSQL reads: what COPY takes, and arrays.

Its driver looks at every value of a list twice, and again as it writes it. A column is looked at as
a whole here, and its values only where one holds a character that means something.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_IN_COPY = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_IN_ARRAY = str.maketrans({"\\": "\\\\", '"': '\\"'})


def copied(column: Sequence[Any]) -> Sequence[Any]:
    """Each value as COPY takes it."""
    return _texts(column, _IN_COPY, r"\N")


def array(column: Sequence[Any]) -> str:
    """All values as the text of one array."""
    texts = _texts(column, _IN_ARRAY, None)
    if None in texts:
        parts = ["NULL" if text is None else f'"{text}"' for text in texts]
        return "{" + ",".join(parts) + "}"
    return '{"' + '","'.join(texts) + '"}'


def _texts(column: Sequence[Any], escapes: Mapping[int, str], nothing: str | None) -> Sequence[Any]:
    kinds = set(map(type, column))
    if kinds == {type(None)}:
        return [nothing] * len(column)
    texts = column
    if not kinds <= {str, type(None)}:
        texts = [None if value is None else str(value) for value in column]
    whole = "".join(filter(None, texts))
    if any(chr(one) in whole for one in escapes):
        texts = [None if text is None else text.translate(escapes) for text in texts]
    if nothing is None or type(None) not in kinds:
        return texts
    return [nothing if text is None else text for text in texts]
