"""Writing a first `tallystick.toml` and mapping file, every key with what it is for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from tallystick.config import model, printed, rate_tables, taxes
from tallystick.config.exports import Exports
from tallystick.config.guess import Columns, Line, guess_mapping, telling_apart

MAPPING = Path("mappings/psa.toml")
WIDTH = 42
_BARE = re.compile(r"[A-Za-z0-9_-]+").fullmatch


@dataclass(frozen=True, slots=True)
class Answers:
    """What a first configuration needs to be told; no `hourly` price, no rate card."""

    name: str
    country: str
    zone: str
    currency: str
    tax_percent: str
    hourly: str = ""


def toml(value: Any) -> str:
    """A value as TOML writes it, on one line."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | date):
        return str(value)
    if isinstance(value, Decimal | Path):
        return toml(str(value))
    if isinstance(value, Mapping):
        pairs = (f"{_key(key)} = {toml(inner)}" for key, inner in value.items())
        return "{ " + ", ".join(pairs) + " }"
    return "[" + ", ".join(map(toml, value)) + "]"


def _key(name: str) -> str:
    return name if _BARE(name) else toml(name)


def render_config(answers: Answers, exports: Exports) -> str:
    """`tallystick.toml` for `answers` and the files found; keys left out are there as comments."""
    tables = [_INTRODUCTION, *_tables(answers, exports)]
    return "\n\n".join(tables) + "\n"


_INTRODUCTION = """\
# Tallystick's configuration. Paths count from the folder this file is in.
# `tallystick check` says what does not fit; docs/configuration.md describes every key."""


_ACCOUNTS = """\
[connection.books]                          # Accounts in plain text, for bean-check and hledger.
connector = "journal"
[connection.books.settings]
folder = "books"
"""

_ABOUT_MAPPING = """\
# Which column is which field. `tallystick check` names what is wrong or missing here, and
# refuses every "?": two readings are possible there, and you know which is meant."""


def _tables(answers: Answers, exports: Exports) -> Iterator[str]:
    msp = {"name": answers.name, "country": answers.country, "zone": answers.zone}
    yield _table("[msp]", printed.Msp, msp)
    yield _table("[store]", model.Store, {"url": "sqlite:///tallystick.db"})
    yield from _connection(exports)
    card = {
        "name": "standard",
        "currency": answers.currency,
        "minimum_minutes": 0,
        "increment_minutes": 1,
    }
    rate = {"hourly": answers.hourly or "95.00"}
    rates = [_table("[[rate_card]]", rate_tables.RateCard, card)]
    rates.append(_table("[[rate_card.rate]]", rate_tables.Rate, rate))
    yield from rates if answers.hourly else map(_commented, rates)
    billing = model.Billing().model_dump(exclude={"bill_from"})
    tax = {"category": billing["tax_category"], "percent": answers.tax_percent}
    yield _table("[[tax]]", taxes.Tax, tax)
    yield _table("[billing]", model.Billing, billing)
    yield _table("[approval]", model.Approval, {})
    yield _table(
        "[documents]", printed.Documents, printed.Documents().model_dump(exclude={"fonts"})
    )
    yield _commented(_ACCOUNTS)
    link = {"record": "client", "from": "rmm:Site 12", "to": "psa:1001"}
    yield _commented(_table("[[link]]", model.Link, link))


def _connection(exports: Exports) -> Iterator[str]:
    connection = {
        "connector": "files",
        "home": list(exports.files) or ["client", "contract", "contract_line", "booking"],
        "mapping": MAPPING.as_posix(),
    }
    settings = {"folder": "."}
    if exports.delimiter != ",":
        settings["delimiter"] = exports.delimiter
    if exports.encoding != "utf-8":
        settings["encoding"] = exports.encoding
    lines = ["[connection.psa.settings]", *(f"{k} = {toml(v)}" for k, v in settings.items())]
    files = [f"files.{kind} = {toml(file)}" for kind, file in exports.files.items()]
    others = [f"# Not used: {toml(file)}" for file in exports.unused]
    tables = [
        _table("[connection.psa]", model.Connection, connection, without=("settings",)),
        "\n".join([*lines, *files, *others]),
    ]
    yield from tables if exports.files else map(_commented, tables)


def _table(
    header: str, table: type[BaseModel], values: Mapping[str, Any], without: tuple[str, ...] = ()
) -> str:
    """Every key of `table`: those of `values` set, the others as comments with an example."""
    lines = [header]
    for name, field in table.model_fields.items():
        key = field.alias or name
        if key in values:
            lines.append(_set(f"{key} = {toml(values[key])}", field))
        elif field.examples and key not in without:
            lines.append(_set(f"# {key} = {toml(field.examples[0])}", field))
    return "\n".join(lines)


def _set(assignment: str, field: FieldInfo) -> str:
    return f"{assignment:<{WIDTH}}  # {field.description}"


def _commented(text: str) -> str:
    return "\n".join(f"# {line}" for line in text.splitlines())


def render_mapping(exports: Exports, zone: str, currency: str) -> str:
    """The mapping file guessed for `exports`; what could not be guessed is there as comments."""
    tables = [_ABOUT_MAPPING]
    for kind, columns in exports.columns.items():
        guess = guess_mapping(kind, columns, zone, currency)
        lines = [f"[{kind}]  # {toml(exports.files[kind])}", *map(_entry, guess.lines)]
        lines += [_unfit(field, column, columns) for field, column in guess.unfit.items()]
        lines += [_missing(field, columns) for field in guess.missing]
        if guess.unknown:
            lines.append(f"# not used: {', '.join(map(toml, guess.unknown))}")
        tables.append("\n".join(lines))
    return "\n\n".join(tables) + "\n"


def _entry(line: Line) -> str:
    plain = line.entry["at"] if line.entry.keys() == {"at"} else line.entry
    return f"{line.field} = {toml(plain)}" + (f"  # {line.note}" if line.note else "")


def _unfit(field: str, column: str, columns: Columns) -> str:
    held = toml(str(columns[column][0]))
    return f"# {field}: {toml(column)} sounds like it, but holds {held}"


def _missing(field: str, columns: Columns) -> str:
    """What a person is to add; for an id, the columns it could be."""
    asked = "which column is it?"
    if field == "id" and (possible := telling_apart(columns)):
        named = " or ".join(map(toml, possible[:2]))
        asked = f"a column that differs in every row, such as {named}?"
    return f'# {field} = "..."  # needed: {asked}'
