"""Tokens of one connection, kept between runs and shared by its processes.

The file is encrypted with a key made of the login's own secret: who may read the folder but not
the secrets has nothing, and who has the secret needs no file. Another secret makes it unreadable,
which counts as having no token.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Final

from tallystick.transport.shared import open_shared

_PURPOSE: Final = b"tallystick tokens of a connection, 1"


@dataclass(frozen=True, slots=True)
class Tokens:
    """`refresh` gets the next `access` token; `seed` is a digest of the refresh token the settings
    had when this row of tokens began."""

    access: str = field(repr=False)
    expires_at: datetime
    refresh: str | None = field(default=None, repr=False)
    seed: str | None = None


class TokenFile:
    """The tokens at `path`, readable with `secret` only."""

    def __init__(self, path: Path, secret: str) -> None:
        from cryptography.fernet import Fernet

        self._path = path
        self._key = Fernet(_key_of(secret))
        self._ours = threading.Lock()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Only one thread of one process at a time is in here."""
        lock = self._path.with_name(f"{self._path.name}.lock")
        with self._ours:
            fd = open_shared(lock)
            try:
                fcntl.flock(fd, fcntl.LOCK_EX)
                yield
            finally:
                os.close(fd)

    def read(self) -> Tokens | None:
        from cryptography.fernet import InvalidToken

        try:
            values = json.loads(self._key.decrypt(self._path.read_bytes()))
            expires_at = datetime.fromisoformat(values.pop("expires_at"))
            return Tokens(expires_at=expires_at, **values)
        except (FileNotFoundError, InvalidToken, ValueError, TypeError, KeyError):
            return None

    def write(self, tokens: Tokens) -> None:
        """On the disk before anybody uses them: a spent refresh token opens nothing again."""
        values = asdict(tokens) | {"expires_at": tokens.expires_at.isoformat()}
        new = self._path.with_name(f"{self._path.name}.new")
        fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            os.write(fd, self._key.encrypt(json.dumps(values).encode()))
            os.fsync(fd)
        finally:
            os.close(fd)
        new.replace(self._path)


@lru_cache(maxsize=16)
def _key_of(secret: str) -> bytes:
    """Made once a process: it is slow so that nobody tries many secrets on the file."""
    digest = hashlib.scrypt(secret.encode(), salt=_PURPOSE, n=1 << 12, r=8, p=1, dklen=32)
    return base64.urlsafe_b64encode(digest)
