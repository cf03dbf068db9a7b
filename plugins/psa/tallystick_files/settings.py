"""What `[connection.<name>.settings]` may say for a connection of the `files` connector."""

from __future__ import annotations

import codecs
from pathlib import Path, PurePosixPath
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from tallystick.records import KINDS

PROBE = '0123,;\t"\r\n{}:'


class FilesSettings(BaseModel):
    """`folder` holds the exports. `files` names the file (or a glob for several) of a record
    kind where it is not `<kind>s.csv`, `.xlsx` or `.jsonl`. Of the kinds in `complete` the files
    always hold all there is: what is on them no more is gone."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    folder: Path
    files: dict[str, str] = Field(default_factory=dict)
    encoding: str = "utf-8"
    delimiter: Literal[",", ";", "\t"] = ","
    sheet: str | None = None
    complete: tuple[str, ...] = ()

    @field_validator("files")
    @classmethod
    def _known_kinds_inside_the_folder(cls, files: dict[str, str]) -> dict[str, str]:
        for kind, pattern in files.items():
            if kind not in KINDS:
                raise ValueError(f"{kind!r} is not a record kind; there are {', '.join(KINDS)}")
            path = PurePosixPath(pattern)
            if path.is_absolute() or ".." in path.parts or not path.parts:
                raise ValueError(f"{pattern!r} for {kind} must name files inside the folder")
        return files

    @field_validator("encoding")
    @classmethod
    def _encoding_extends_ascii(cls, encoding: str) -> str:
        try:
            name = codecs.lookup(encoding).name
            plain = PROBE.encode(name) == PROBE.encode("ascii")
        except (LookupError, ValueError):
            plain = False
        if not plain and encoding.lower() not in ("utf-8-sig", "utf_8_sig"):
            raise ValueError(f"{encoding!r} cannot be read; export as utf-8 or cp1252")
        return "utf-8" if name == "utf-8-sig" else name

    def pattern(self, kind: str) -> str:
        """The glob, inside `folder`, of the files that hold records of `kind`."""
        return self.files.get(kind, f"{kind}s.*")

    @property
    def reading(self) -> str:
        """The settings that change what a file's bytes mean."""
        return f"{self.encoding} {self.delimiter!r} {self.sheet!r}"
