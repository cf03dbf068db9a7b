"""The text lines of a file nobody vouches for: bounded, decoded, free of NUL.

The file is decoded in blocks of whole lines, which C code hands out one by one. Only a block
that does not decode is gone through line by line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import BytesIO, StringIO
from itertools import chain
from typing import BinaryIO

from tallystick.errors import Stop

LINE_LIMIT = 1 << 20
BLOCK = 1 << 16
BOM = b"\xef\xbb\xbf"


class Lines:
    """Iterate over it for the lines with their line ends; only `\\n` ends a line.

    A line that cannot be decoded, holds NUL or is longer than `LINE_LIMIT` bytes is handed out
    with those bytes escaped, or empty, and leaves its reason in `fault`: the caller's parser
    keeps its place and sets the row aside. The caller clears `fault` when it has dealt with
    it, and sets `blocks_in_row` to 0 at each row so that a row without end is noticed.
    """

    def __init__(self, file: BinaryIO, encoding: str, name: str) -> None:
        self._file = file
        self._encoding = encoding
        self._name = name
        self.fault = ""
        self.blocks_in_row = 0
        self.has_bom = file.read(len(BOM)) == BOM
        if not self.has_bom:
            file.seek(0)

    def __iter__(self) -> Iterator[str]:
        return chain.from_iterable(self._blocks())

    def _blocks(self) -> Iterator[Iterable[str]]:
        rest = b""
        while block := self._file.read(BLOCK):
            end = block.find(b"\n")
            if end < 0:
                if len(rest) <= LINE_LIMIT:
                    rest += block
                continue
            if len(rest) + end > LINE_LIMIT:
                yield self._too_long()
                rest, block = b"", block[end + 1 :]
            self._notice_endless_row()
            last = block.rfind(b"\n") + 1
            yield self._decoded(rest + block[:last])
            rest = block[last:]
        yield self._decoded(rest) if len(rest) <= LINE_LIMIT else self._too_long()

    def _notice_endless_row(self) -> None:
        self.blocks_in_row += 1
        if self.blocks_in_row * BLOCK > LINE_LIMIT:
            raise Stop(
                f"{self._name} has a row that does not end within {LINE_LIMIT:,} bytes.",
                do="Look for a quotation mark that is never closed and export the file again.",
                place=self._name,
            )

    def _decoded(self, data: bytes) -> Iterable[str]:
        try:
            text = data.decode(self._encoding)
        except UnicodeDecodeError:
            return self._one_by_one(data)
        return self._one_by_one(data) if "\0" in text else StringIO(text, newline="\n")

    def _one_by_one(self, data: bytes) -> Iterator[str]:
        for line in BytesIO(data):
            try:
                text = line.decode(self._encoding)
            except UnicodeDecodeError as error:
                self.fault = f"byte 0x{line[error.start]:02X} is not {self._encoding} text"
                text = line.decode(self._encoding, "backslashreplace")
            if "\0" in text:
                self.fault = "it holds a NUL byte"
                text = text.replace("\0", "\\x00")
            yield text

    def _too_long(self) -> Iterator[str]:
        self.fault = f"it is longer than {LINE_LIMIT:,} bytes"
        yield "\n"
