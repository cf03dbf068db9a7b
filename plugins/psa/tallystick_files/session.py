"""The connection's session: finds the files of a record kind and streams what changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from tallystick.connector import Broken, Context, Cursor, Pulled, Whole
from tallystick.errors import Stop, TallystickError
from tallystick_files.csv_rows import csv_rows
from tallystick_files.fingerprints import Fingerprint, fingerprint, from_token, to_token
from tallystick_files.jsonl_rows import jsonl_rows
from tallystick_files.settings import FilesSettings

Reader = Callable[[Path, str, FilesSettings], Iterator[Pulled | Broken]]


def _xlsx_rows(path: Path, name: str, settings: FilesSettings) -> Iterator[Pulled | Broken]:
    from tallystick_files.xlsx_rows import xlsx_rows

    return xlsx_rows(path, name, settings)


READERS: dict[str, Reader] = {".csv": csv_rows, ".xlsx": _xlsx_rows, ".jsonl": jsonl_rows}


class FilesSession:
    """Source role only. Files are read whole, in the order of their names."""

    def __init__(self, settings: FilesSettings, context: Context) -> None:
        self._settings = settings
        self._connection = context.connection
        self._folder = context.root / settings.folder

    def whoami(self) -> str:
        """The folder and how many files in it can be read; raises `Stop` when there is none."""
        readable = [path for path in self._in_folder("**/*") if path.suffix.lower() in READERS]
        return f"folder {self._folder} with {len(readable)} files to read"

    def pull(self, record: str, since: str | None) -> Iterator[Pulled | Broken | Cursor | Whole]:
        """The rows of every file of `record` whose content is not covered by `since`, whatever
        name it had then. Each file ends with the mark that covers it. Where the files always hold
        everything and one changed, all of them are read."""
        known = from_token(since)
        if record in self._settings.complete:
            yield from self._pull_whole(record, known)
            return
        contents = set(known.values())
        paths = self._files(record)
        names = [path.relative_to(self._folder).as_posix() for path in paths]
        done = {name: known[name] for name in names if name in known}
        for path, name in zip(paths, names, strict=True):
            content = fingerprint(path, self._settings.reading)
            if content not in contents:
                yield from self._read(record, path, name)
            if done.get(name) != content:
                done[name] = content
                yield Cursor(to_token(done))

    def _pull_whole(
        self, record: str, known: dict[str, Fingerprint]
    ) -> Iterator[Pulled | Broken | Cursor | Whole]:
        paths = {path.relative_to(self._folder).as_posix(): path for path in self._files(record)}
        now = {name: fingerprint(path, self._settings.reading) for name, path in paths.items()}
        if not paths or sorted(now.values()) == sorted(known.values()):
            return
        for name, path in paths.items():
            yield from self._read(record, path, name)
        yield Whole()
        yield Cursor(to_token(now))

    def _read(self, record: str, path: Path, name: str) -> Iterator[Pulled | Broken]:
        try:
            yield from READERS[path.suffix.lower()](path, name, self._settings)
        except TallystickError as error:
            error.connection, error.record = self._connection, record
            raise

    def _files(self, record: str) -> list[Path]:
        """The readable files of `record`; none is an error only where the config names them."""
        pattern = self._settings.pattern(record)
        found = self._in_folder(pattern)
        readable = [path for path in found if path.suffix.lower() in READERS]
        if not readable and record in self._settings.files:
            seen = ", ".join(path.name for path in found) or "nothing"
            raise Stop(
                f"There is no CSV, XLSX or JSONL file {pattern!r} in {self._folder}; "
                f"{seen} goes by that name.",
                do=f"Export it there, or correct `files.{record}` in the connection's settings.",
                connection=self._connection,
                record=record,
            )
        return readable

    def _in_folder(self, pattern: str) -> list[Path]:
        if not self._folder.is_dir():
            raise Stop(
                f"There is no folder {self._folder}.",
                do="Create it or correct `folder` in the connection's settings.",
                connection=self._connection,
            )
        paths = self._folder.glob(pattern)
        return sorted(path for path in paths if path.is_file() and path.name[0] not in "~.")
