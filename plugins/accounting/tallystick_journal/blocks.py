"""The books' file: sealed blocks, one after the other, that survive a crash of the writer.

    ; sealed 1a2b3c4d, 212 bytes          the seal: CRC-32 and length of the body below it
    2026-09-30 * "Acme" "Invoice 17"      the body, up to and including the blank line
      ...

A write that was cut short leaves a seal without its whole body. It was never confirmed, so
the caller cuts it off and the record is pushed again. Anything else that does not agree with
its seal was changed by somebody, and stops with the line. Each checksum continues the one
before it, so the last one stands for the whole file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple
from zlib import crc32

from tallystick.errors import Stop

_SEAL: Final = re.compile(rb"; sealed ([0-9a-f]{8}), (\d{1,9}) bytes\n")
_SEAL_START: Final = b"; sealed "
_SEAL_BYTES_MAX: Final = 64
_BUFFER_BYTES: Final = 1 << 20
_BODY_END: Final = b"\n\n"


class Mark(NamedTuple):
    """A place between two blocks: the byte offset, and the checksum of all bodies before it."""

    offset: int = 0
    checksum: int = 0


class Block(NamedTuple):
    """One body, the offset it starts at, and the mark after it."""

    start: int
    body: bytes
    end: Mark


def blocks_after(fd: int, mark: Mark, path: Path) -> Iterator[Block]:
    """The whole blocks after `mark`; an unfinished one at the end of the file is left out.

    Raises `Stop` naming the line of a block that was changed.
    """
    with open(fd, "rb", buffering=_BUFFER_BYTES, closefd=False) as file:
        file.seek(mark.offset)
        while line := file.readline(_SEAL_BYTES_MAX):
            seal = _SEAL.fullmatch(line)
            if seal is None:
                if _is_torn_seal(line):
                    return
                raise _changed(fd, mark, path)
            size = int(seal[2])
            body = file.read(size)
            if len(body) < size and _BODY_END not in body:
                return
            checksum = crc32(body, mark.checksum)
            if len(body) < size or checksum != int(seal[1], 16):
                raise _changed(fd, mark, path)
            start = mark.offset + len(line)
            mark = Mark(start + size, checksum)
            yield Block(start, body, mark)


def append(fd: int, mark: Mark, text: str, path: Path) -> Block:
    """Seals `text` (whole lines) behind `mark`, the end of the file, and waits for the disk.

    Raises `Stop` when the disk does not take it; the file is then as it was before.
    """
    body = text.encode() + b"\n"
    checksum = crc32(body, mark.checksum)
    seal = b"; sealed %08x, %d bytes\n" % (checksum, len(body))
    try:
        _write_all(fd, seal + body, mark.offset)
        os.fsync(fd)
    except OSError as error:
        with suppress(OSError):
            os.ftruncate(fd, mark.offset)
        raise Stop(
            f"{path} cannot be written: {error.strerror}.",
            do="Nothing was booked. Free space on that disk and run the same command again.",
        ) from error
    start = mark.offset + len(seal)
    return Block(start, body, Mark(start + len(body), checksum))


def _write_all(fd: int, data: bytes, offset: int) -> None:
    while data:
        written = os.pwrite(fd, data, offset)
        data, offset = data[written:], offset + written


def _is_torn_seal(line: bytes) -> bool:
    if line.endswith(b"\n") or len(line) == _SEAL_BYTES_MAX:
        return False
    return line.startswith(_SEAL_START) or _SEAL_START.startswith(line)


def _changed(fd: int, mark: Mark, path: Path) -> Stop:
    line = os.pread(fd, mark.offset, 0).count(b"\n") + 1
    return Stop(
        f"The block at line {line} of {path} is not as it was written.",
        do="Restore the file from a backup. To add entries of your own, write them into "
        'another file that says `include "books.beancount"`.',
    )
