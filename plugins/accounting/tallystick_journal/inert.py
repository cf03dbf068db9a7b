"""Text made inert: what a stranger typed can neither end a quote nor start a directive.

Both plain-text syntaxes are line based, so a line break inside a name would start a new
line of the books, and bidi or zero-width characters would make a line read as another.
`inert` writes such characters visibly (`\\n`, `\\u{202e}`), and `original` takes them back:
nothing is lost, and two different texts stay different.
"""

from __future__ import annotations

import re

CLIENT_MARK = "C"


def inert(text: str) -> str:
    """`text` with every character that does not print, and the backslash, written visibly.

    The result has no control, format, bidi, surrogate or line-separating character.
    """
    if text.isprintable() and "\\" not in text:
        return text
    return "".join(_visible(char) for char in text)


def _visible(char: str) -> str:
    if char == "\\":
        return "\\\\"
    if char == "\n":
        return "\\n"
    return char if char.isprintable() else f"\\u{{{ord(char):x}}}"


def original(text: str) -> str:
    """The inverse of `inert`."""
    return re.sub(r"\\(\\|n|u\{([0-9a-f]+)\})", _invisible, text) if "\\" in text else text


def _invisible(match: re.Match[str]) -> str:
    if match[2]:
        return chr(int(match[2], 16))
    return "\n" if match[1] == "n" else "\\"


def account_name(client: str) -> str:
    """The account component of a client: `1001` is `C1001`, `rmm:7` is `Crmm-3a-7`.

    Beancount allows `[A-Z0-9][A-Za-z0-9-]*`. Every other character becomes its code point
    between hyphens and a hyphen becomes two, so different ids never share an account.
    """
    return CLIENT_MARK + _spelled(client, r"[^A-Za-z0-9]", "-")


def link_name(number: str) -> str:
    """An invoice number as a beancount link, spelled the same way with `_` for the hyphen."""
    return _spelled(number, r"[^A-Za-z0-9/.-]", "_")


def _spelled(text: str, foreign: str, mark: str) -> str:
    def spell(match: re.Match[str]) -> str:
        return mark * 2 if match[0] == mark else f"{mark}{ord(match[0]):x}{mark}"

    return re.sub(foreign, spell, text)
