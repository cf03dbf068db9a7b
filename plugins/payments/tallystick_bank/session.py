"""A folder of bank statements, read file by file in name order."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from hashlib import file_digest, sha256
from pathlib import Path
from typing import BinaryIO

from tallystick.connector import Broken, Context, Cursor, Pulled
from tallystick.errors import SkipRecord, Stop
from tallystick_bank import camt, csv_statement, mt940
from tallystick_bank.settings import BankSettings

log = logging.getLogger(__name__)
TEXT_BYTES_MAX = 64 * 1024 * 1024
"""MT940 and CSV are read whole; XML is streamed and has no such limit."""


class BankSession:
    """Plays `Source` for `bank_transaction`.

    The cursor token is JSON: the digests of the files already taken and that of the settings
    they were read with. A file is known by its content, so a renamed or copied one yields
    nothing; changed settings read every file again, under the same ids.
    """

    def __init__(self, settings: BankSettings, context: Context) -> None:
        self._settings = settings
        self._connection = context.connection
        self._folder = context.root / settings.folder
        self._read_as = sha256(settings.model_dump_json().encode()).hexdigest()

    def whoami(self) -> str:
        """The folder, how many files lie in it, and the account; raises `Stop` without it."""
        account = self._settings.account or "any account"
        return f"{len(self._files())} bank statements in {self._folder} for {account}"

    def pull(self, record: str, since: str | None) -> Iterator[Pulled | Broken | Cursor]:
        """Rows of every file not yet taken, and a cursor after each file."""
        if record != "bank_transaction":
            raise Stop(
                f"Bank statements hold no {record}.",
                do="Take it out of `home` of this connection.",
                connection=self._connection,
            )
        taken = self._taken(since)
        present: set[str] = set()
        for path in self._files():
            try:
                with path.open("rb") as handle:
                    digest = file_digest(handle, "sha256").hexdigest()
                    if digest not in taken | present:
                        yield from self._rows(handle, path.name)
                    present.add(digest)
            except OSError as error:
                what = f"The file cannot be read ({error.strerror})."
                yield Broken(path.name, what, "Correct its permissions and sync again.", {})
                continue
            yield Cursor(json.dumps({"read_as": self._read_as, "taken": sorted(taken | present)}))

    def _taken(self, since: str | None) -> set[str]:
        token = json.loads(since) if since else {}
        return set(token["taken"]) if token.get("read_as") == self._read_as else set()

    def _files(self) -> list[Path]:
        if not self._folder.is_dir():
            raise Stop(
                f"There is no folder {self._folder}.",
                do="Create it or correct `folder` in the connection's settings.",
                connection=self._connection,
            )
        found = (path for path in self._folder.iterdir() if not path.name.startswith("."))
        return sorted((path for path in found if path.is_file()), key=lambda path: path.name)

    def _rows(self, handle: BinaryIO, file: str) -> Iterator[Pulled | Broken]:
        try:
            yield from self._rows_of_format(handle, file)
        except SkipRecord as error:
            yield Broken(file, error.what, error.do, {})

    def _rows_of_format(self, handle: BinaryIO, file: str) -> Iterator[Pulled | Broken]:
        handle.seek(0)
        start = handle.read(1024)
        if _looks_like_xml(start):
            yield from camt.read(handle, file, self._settings)
            return
        if start.startswith(b"PK\x03\x04"):
            raise SkipRecord("The file is a ZIP archive.", do="Unpack it into the folder.")
        layout = self._settings.csv
        whole = _whole(handle)
        text = _decoded(whole, ("utf-8-sig", "cp1252"))
        if mt940.recognised(text):
            yield from mt940.read(text, file, self._settings)
        elif layout is None:
            raise SkipRecord(
                "The file is neither camt nor MT940, and no CSV layout is declared.",
                do="Remove it, or add the `csv` settings of this connection.",
            )
        else:
            encoding = "utf-8-sig" if layout.encoding == "utf-8" else layout.encoding
            text = _decoded(whole, (encoding,))
            if "\0" in text:
                raise SkipRecord("The file has NUL characters.", do="Export it again as text.")
            yield from csv_statement.read(text, file, layout, self._settings.account)


def _looks_like_xml(start: bytes) -> bool:
    """Also in UTF-16, whose zero bytes lie between the characters."""
    return start.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n").startswith(b"<")


def _whole(handle: BinaryIO) -> bytes:
    handle.seek(0)
    whole = handle.read(TEXT_BYTES_MAX + 1)
    if len(whole) > TEXT_BYTES_MAX:
        raise SkipRecord(
            f"The file is larger than {TEXT_BYTES_MAX // 1024 // 1024} MiB.",
            do="Export a shorter time span.",
        )
    return whole


def _decoded(whole: bytes, encodings: tuple[str, ...]) -> str:
    for encoding in encodings:
        try:
            return whole.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise SkipRecord(
        f"The file is not text in {' or '.join(encodings)}.",
        do="Export it again, or correct `encoding` in the `csv` settings.",
    )
