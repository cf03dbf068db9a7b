"""Which files did not change since they were last read to their end.

The `since` token is JSON, file name -> [bytes, SHA-256]. The digest also takes in the
settings that say how the bytes are read: correcting the delimiter reads the file again. A
file's time of change is no evidence (copying sets it, some tools keep it), so it is not used.
"""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

Fingerprint = tuple[int, str]
BLOCK = 1 << 20


def fingerprint(path: Path, reading: str) -> Fingerprint:
    """Size in bytes and digest of the file's content and of how it is read."""
    digest = sha256(reading.encode())
    size = 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
            size += len(block)
    return size, digest.hexdigest()


def to_token(files: dict[str, Fingerprint]) -> str:
    return json.dumps(files, sort_keys=True, separators=(",", ":"))


def from_token(token: str | None) -> dict[str, Fingerprint]:
    """The files a token covers; none when it is not ours, so that everything is read again."""
    try:
        known = json.loads(token or "{}")
        return {str(name): (int(size), str(digest)) for name, (size, digest) in known.items()}
    except (AttributeError, TypeError, ValueError):
        return {}
