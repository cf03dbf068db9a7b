"""camt files entry by entry: safe, in constant memory, the same names for every version.

Namespaces carry the version and nothing else that is needed, so they are dropped.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import BinaryIO
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DTDForbidden  # type: ignore[import-untyped]  # it ships no type hints
from defusedxml.ElementTree import iterparse  # type: ignore[import-untyped]  # it ships no type hints

from tallystick.errors import SkipRecord
from tallystick_bank.camt_entry import indicated_amount

STATEMENT_TAGS = {"Stmt", "Ntfctn", "Rpt"}
"""camt.053 statement, camt.054 notification, camt.052 intraday report."""


@dataclass(frozen=True, slots=True)
class Head:
    """One statement without its entries. Balances are signed, positive for money held, and
    None where the statement has no booked opening or closing balance of its own."""

    tag: str
    id: str
    account: str | None
    opening: tuple[Decimal, str] | None
    closing: tuple[Decimal, str] | None


def walk(handle: BinaryIO) -> Iterator[tuple[Head, Element | None]]:
    """Every entry with its statement's head, and None once at the end of each statement.

    Raises `SkipRecord` for a document type declaration or XML that is not well-formed.
    """
    handle.seek(0)
    statement: Element | None = None
    head: Head | None = None
    depth = 0
    try:
        for event, node in iterparse(handle, ("start", "end"), forbid_dtd=True):
            name = _local(node)
            if event == "start":
                depth += 1
                if statement is None and name in STATEMENT_TAGS:
                    statement, head, depth = node, None, 0
                continue
            if statement is not None and name == "Ntry" and depth == 1:
                head = head or read_head(statement)
                yield head, _plain(node)
                statement.remove(node)
            elif node is statement:
                yield head or read_head(statement), None
                statement.clear()
                statement = None
            depth -= 1
    except DTDForbidden as error:
        raise SkipRecord(
            "The file declares a document type (DTD), which bank statements never need.",
            do="Do not open it; find out where it came from.",
        ) from error
    except (ParseError, LookupError, ValueError) as error:
        raise SkipRecord(
            f"The XML is not well-formed or its encoding is unknown ({error}).",
            do="Fetch the file from the bank again.",
        ) from error


def _local(node: Element) -> str:
    return node.tag.rpartition("}")[2]


def _plain(node: Element) -> Element:
    """The same subtree without namespaces, which carry the version and nothing else."""
    for each in node.iter():
        each.tag = _local(each)
    return node


def read_head(statement: Element) -> Head:
    _plain(statement)
    account = statement.findtext("Acct/Id/IBAN") or statement.findtext("Acct/Id/Othr/Id")
    # A page of several carries the balances of the whole statement, or none of its own.
    page = statement.find("StmtPgntn")
    paged = page is not None and (page.findtext("PgNb"), page.findtext("LastPgInd")) != (
        "1",
        "true",
    )
    return Head(
        statement.tag,
        statement.findtext("Id") or "without an id",
        account or statement.findtext("Acct/Id/PrtryAcct/Id"),
        None if paged else _balance(statement, "OPBD", "PRCD"),
        None if paged else _balance(statement, "CLBD"),
    )


def _balance(statement: Element, *types: str) -> tuple[Decimal, str] | None:
    """The first balance of the first of `types` there is (external code set BalanceType)."""
    for wanted in types:
        for node in statement.findall("Bal"):
            if (node.findtext("Tp/CdOrPrtry/Cd") or node.findtext("Tp/Cd")) == wanted:
                return indicated_amount(node)
    return None
