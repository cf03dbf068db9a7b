"""XML written from plain values: indented, in the order given, empty elements left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from html import escape

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Node:
    """An element with its prefixed name, attributes and either text or elements."""

    name: str
    attributes: tuple[tuple[str, str], ...]
    content: str | tuple[Node, ...]


Content = Node | str | date | Decimal | None


def node(name: str, *content: Content, **attributes: str) -> Node | None:
    """The element, None where nothing is in it: the standard forbids empty ones.

    Dates are written by ISO 8601, decimals without an exponent.
    """
    nodes = tuple(one for one in content if isinstance(one, Node))
    text = "".join(written(one) for one in content if not isinstance(one, Node))
    if not nodes and not text:
        return None
    return Node(name, tuple(attributes.items()), nodes or text)


def written(value: str | date | Decimal | None) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, date) else value


def file(name: str, namespaces: dict[str, str], *content: Node | None) -> bytes:
    """The whole file in UTF-8; `namespaces` by prefix, the empty one for the root's own."""
    spaces = tuple((f"xmlns:{p}" if p else "xmlns", uri) for p, uri in namespaces.items())
    root = Node(name, spaces, tuple(one for one in content if one))
    return (DECLARATION + "\n".join(_lines(root, "")) + "\n").encode()


def _lines(one: Node, indent: str) -> Iterator[str]:
    attributes = "".join(f' {name}="{_text(value)}"' for name, value in one.attributes)
    if isinstance(one.content, str):
        yield f"{indent}<{one.name}{attributes}>{_text(one.content)}</{one.name}>"
        return
    yield f"{indent}<{one.name}{attributes}>"
    for child in one.content:
        yield from _lines(child, indent + "  ")
    yield f"{indent}</{one.name}>"


def _text(text: str) -> str:
    """Escaped; what XML 1.0 cannot carry becomes the replacement character."""
    return escape(_ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", text))
