"""Digests of content: what tells whether a row is as it was."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import islice

import msgspec

from tallystick.store.facts.rows import Column

_encoder = msgspec.json.Encoder()
_DIGEST_BYTES = 16
_TOGETHER = 1000


def digest(value: object) -> str:
    """A short content hash of plain values, the same on every machine and day."""
    return hashlib.blake2b(_encoder.encode(value), digest_size=_DIGEST_BYTES).hexdigest()


def digests(columns: Sequence[Column]) -> list[str]:
    """The `digest` of each row; a thousand are encoded by one call, a row a line."""
    empty = hashlib.blake2b(digest_size=_DIGEST_BYTES)
    rows = zip(*columns, strict=True)
    found = []
    while lines := _encoder.encode_lines(islice(rows, _TOGETHER)).splitlines():
        for line in lines:
            one = empty.copy()
            one.update(line)
            found.append(one.hexdigest())
    return found
