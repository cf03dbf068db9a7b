"""Files that the processes of one machine share about a connection, beside tallystick.toml."""

from __future__ import annotations

import os
from pathlib import Path

from tallystick.errors import Stop


def open_shared(path: Path) -> int:
    """The file at `path`, made with its folder when it is not there, for its owner only; raises
    `Stop` when that cannot be."""
    how = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
    try:
        try:
            return os.open(path, how, 0o600)
        except FileNotFoundError:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            return os.open(path, how, 0o600)
    except OSError as error:
        raise Stop(
            f"{path} cannot be written: {error.strerror}.",
            do="Let whoever runs this write into that folder, which keeps to a vendor's quota.",
        ) from None
