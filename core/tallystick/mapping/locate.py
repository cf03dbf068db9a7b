"""Where in a TOML text a key stands, for messages that say `tallystick.toml:12`.

`tomllib` forgets positions. This walks a text that `tomllib` accepts (on any other it gives
what it saw before the mistake) and notes the line of every key and array item.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from tallystick.mapping.twoway import Misfit

Keys = tuple[str | int, ...]

_TOKEN = re.compile(
    r'''(?P<text>"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?'{3,5}|"(?:\\.|[^"\\\n])*"|'[^'\n]*')
    |(?P<blank>[ \t\r]+|\#[^\n]*)
    |(?P<line>\n)
    |(?P<mark>[][{}=,.])
    |(?P<bare>[^][{}=,."'\s\#]+)''',
    re.VERBOSE | re.DOTALL,
)
_AT_LINE = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)$")


class TomlMisfit(Misfit):
    """The text is no TOML; `line` counts from 1."""

    def __init__(self, what: str, line: int) -> None:
        super().__init__(what, "Correct the file: it is not valid TOML here.")
        self.line = line


def parse_toml(text: str) -> dict[str, Any]:
    """Numbers with a point become `Decimal`; raises `TomlMisfit`."""
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        at = _AT_LINE.search(str(error))
        line = int(at[1]) if at and at[1] else text.rstrip("\n").count("\n") + 1
        raise TomlMisfit(f"{_AT_LINE.sub('', str(error))}.", line) from None
    except RecursionError:
        raise TomlMisfit("Values are nested too deeply.", 1) from None


def toml_line(text: str, keys: Sequence[str | int]) -> int:
    """The line, from 1, on which `keys` is set: names of tables and keys, and positions in
    arrays. Where that is nowhere, the line of the nearest table around it; 1 if none is."""
    lines = _Walk(text).lines
    for length in range(len(keys), 0, -1):
        if (line := lines.get(tuple(keys[:length]))) is not None:
            return line
    return 1


class _Walk:
    """One pass over the tokens; `lines` holds the first line of every key path."""

    def __init__(self, text: str) -> None:
        self.lines: dict[Keys, int] = {}
        self._tokens = [m for m in _TOKEN.finditer(text) if m.lastgroup != "blank"]
        self._at = 0
        self._line = 1
        self._tables: dict[Keys, int] = {}  # how often [[path]] was opened
        self._document()

    def _peek(self) -> str:
        """The token ahead; "" at the end."""
        return self._tokens[self._at][0] if self._at < len(self._tokens) else ""

    def _take(self) -> str:
        token = self._peek()
        self._line += token.count("\n")
        self._at += 1
        return token

    def _skip_lines(self) -> None:
        while self._peek() == "\n":
            self._take()

    def _document(self) -> None:
        table: Keys = ()
        self._skip_lines()
        while self._peek():
            if self._peek() == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip_lines()

    def _header(self) -> Keys:
        self._take()
        repeated = self._peek() == "["
        if repeated:
            self._take()
        names = self._key()
        table: Keys = ()
        for i, name in enumerate(names):
            table = (*table, name)
            last = i == len(names) - 1
            self._note(table)
            if last and repeated:
                self._tables[table] = self._tables.get(table, -1) + 1
            if table in self._tables:
                table = (*table, self._tables[table])
                self._note(table)
        while self._peek() == "]":
            self._take()
        return table

    def _key(self) -> list[str]:
        names: list[str] = []
        while self._peek() not in ("", "=", "]", "\n"):
            part = self._take()
            if part != ".":
                names.append(_name(part))
        return names

    def _pair(self, table: Keys) -> None:
        keys = table
        for name in self._key():
            keys = (*keys, name)
            self._note(keys)
        self._take()  # the equals sign
        self._value(keys)

    def _value(self, keys: Keys) -> None:
        opening = self._peek()
        if opening == "[":
            self._array(keys)
        elif opening == "{":
            self._inline_table(keys)
        else:
            self._take()
            while self._peek() not in ("", "\n", ",", "]", "}"):
                self._take()

    def _array(self, keys: Keys) -> None:
        self._take()
        position = 0
        self._skip_lines()
        while self._peek() not in ("]", ""):
            self._note((*keys, position))
            self._value((*keys, position))
            position += 1
            self._skip_lines()
            if self._peek() == ",":
                self._take()
            self._skip_lines()
        self._take()

    def _inline_table(self, keys: Keys) -> None:
        self._take()
        self._skip_lines()
        while self._peek() not in ("}", ""):
            self._pair(keys)
            self._skip_lines()
            if self._peek() == ",":
                self._take()
            self._skip_lines()
        self._take()

    def _note(self, keys: Keys) -> None:
        self.lines.setdefault(keys, self._line)


def _name(token: str) -> str:
    """The name of a key; what TOML takes for none, such as one in three quotes, as it is."""
    if token[0] == "'":
        return token[1:-1]
    if token[0] == '"':
        try:
            return next(iter(tomllib.loads(f"{token} = 0")))
        except tomllib.TOMLDecodeError:
            return token
    return token
