"""The tables of docs/billing.md: every model, term and default as in the code, every link leads to
a worked example of what stands beside it."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from tallystick.billing.charges import ChargeModel
from tallystick.billing.models import SHIPPED
from tallystick.records import Contract, Record

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "billing.md").read_text(encoding="utf-8")
HEADING_OR_EXAMPLE = re.compile(r"^#+ ([^\n]*)$|^```toml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#\s]*)(?:#([^)\s]*))?\)")
RECURRING = {"fixed", "per_unit", "usage"}
OVER_LINES = {name for name, model in SHIPPED.items() if model.takes == "over_lines"}
WORDS = {
    "all": set(SHIPPED),
    "recurring": RECURRING,
    "over lines": OVER_LINES,
    "cyclic": RECURRING | OVER_LINES | {"prepaid", "retainer"},
}


def table(heading: str) -> list[list[str]]:
    """The cells of the rows of the one table under a heading."""
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = [line[1:-1].split("|") for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in row] for row in rows[1:]]


def coded(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def slug(heading: str) -> str:
    """The anchor a Git host gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


# --- the code's side ----------------------------------------------------------------------


def terms(
    struct: type[msgspec.Struct], before: str = "", owner: str = ""
) -> Iterator[tuple[str, str, str]]:
    """Each term as (its path, whose, its default in the words of the table), nested ones too."""
    tag = struct.__struct_config__.tag
    if tag:
        owner = str(tag)
        yield f"{before}mode", owner, "needed"
    for field in msgspec.structs.fields(struct):
        yield f"{before}{field.name}", owner, default(field)
        for inner in structs(field.type):
            yield from terms(inner, f"{before}{field.name}.", owner)


def structs(annotation: Any) -> Iterator[type[msgspec.Struct]]:
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        yield annotation
    for part in get_args(annotation):
        yield from structs(part)


def default(field: msgspec.structs.FieldInfo) -> str:
    if field.required:
        return "needed"
    value = field.default
    if value is msgspec.NODEFAULT:
        value = field.default_factory()
    if value in (None, (), {}, date.max) or isinstance(value, msgspec.Struct):
        return "none"
    if isinstance(value, bool):
        return f"`{value}`".lower()
    return '`["*"]`' if value == ("*",) else f"`{value}`"


def of_the_code(models: Mapping[str, ChargeModel]) -> dict[str, dict[str, str]]:
    """By term: its default by model, or by mode where modes of tiers have terms of their own."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for model in models.values():
        for path, mode, without in terms(model.terms):
            found[path][mode or model.name] = without
    return dict(found)


# --- the page's side ----------------------------------------------------------------------


def without(cell: str, owners: set[str]) -> dict[str, str]:
    """`` `1`; `0` of `per_unit`; needed by `prepaid` `` by owner; the first is everybody else's."""
    first, *others = cell.split("; ")
    found = dict.fromkeys(owners, first)
    for other in others:
        value, names = re.split(r" (?:of|by) ", other)
        assert set(coded(names)) <= owners, cell
        found |= dict.fromkeys(coded(names), value)
    return found


def models_of(cell: str) -> set[str]:
    words = [WORDS[word] for word in re.sub(r"`[^`]+`", "", cell).split(", ") if word.strip(", ")]
    return set(coded(cell)).union(*words)


TERMS = table("Every term of a line")


def test_every_term_is_in_the_table_with_the_models_and_the_default_of_the_code() -> None:
    code = of_the_code(SHIPPED)
    assert {row[0].strip("`") for row in TERMS} == set(code)
    assert len(TERMS) == len(code), "a term twice"
    for name, models, missing, *_ in TERMS:
        owners = code[name.strip("`")]
        assert without(missing, set(owners)) == owners, name
        if "." not in name:
            assert models_of(models) == set(owners), name


def test_every_model_is_in_the_table_of_models() -> None:
    assert {row[0].strip("`") for row in table("Charge models")} == set(SHIPPED)


def test_every_term_of_a_contract_is_in_its_table() -> None:
    rows = {row[0].strip("`"): row[1] for row in table("Every term of a contract")}
    fields = {one.name: one for one in msgspec.structs.fields(Contract)}
    assert set(rows) == set(fields) - set(Record.__struct_fields__) - {"client", "name"}
    assert rows == {name: default(fields[name]) for name in rows}


def test_a_default_or_a_term_that_is_not_the_codes_would_be_seen() -> None:
    owners = {"fixed": "`1`", "per_unit": "`0`", "prepaid": "needed"}
    assert without("`1`; `0` of `per_unit`; needed by `prepaid`", set(owners)) == owners
    assert without("`1`; needed by `prepaid`", set(owners)) != owners
    assert models_of("cyclic, `per_incident`") == WORDS["cyclic"] | {"per_incident"}


# --- links --------------------------------------------------------------------------------


@cache
def examples(page: Path) -> dict[str, list[dict[str, Any]]]:
    """By anchor: the examples under that heading, up to the next one."""
    found: dict[str, list[dict[str, Any]]] = {}
    anchor = ""
    for one in HEADING_OR_EXAMPLE.finditer(page.read_text(encoding="utf-8")):
        if one[1] is not None:
            anchor = slug(one[1])
            found[anchor] = []
        else:
            found[anchor].append(tomllib.loads(one[2], parse_float=Decimal))
    return found


def paths(value: Any, before: str = "") -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from paths(item, before)
    elif isinstance(value, dict):
        for name, item in value.items():
            yield before + name
            yield from paths(item, f"{before}{name}.")


def linked(cell: str) -> Iterator[tuple[Path, str]]:
    for target, anchor in LINK.findall(cell):
        yield DOCS / target, anchor


@pytest.mark.parametrize("row", TERMS, ids=lambda row: row[0].strip("`"))
def test_the_example_beside_a_term_uses_it(row: list[str]) -> None:
    [(page, anchor)] = linked(row[-1])
    lines = [line for one in examples(page)[anchor] for line in one["line"]]
    assert row[0].strip("`") in {path for line in lines for path in paths(line.get("terms", {}))}


@pytest.mark.parametrize("row", table("Charge models"), ids=lambda row: row[-1])
def test_the_examples_beside_a_model_sell_it(row: list[str]) -> None:
    model = row[0].strip("`")
    for page, anchor in linked(row[-1]):
        sold = {line["model"] for one in examples(page)[anchor] for line in one["line"]}
        assert sold & ({model, "fixed"} if "tiers.md" in str(page) else {model})


@pytest.mark.parametrize(
    "row", table("Conventions, and whose they are"), ids=lambda row: row[1].strip("`")
)
def test_the_example_beside_a_convention_is_there(row: list[str]) -> None:
    page, anchor = next(linked(row[-1]))
    assert examples(page)[anchor], row
    text = page.read_text(encoding="utf-8")
    assert all(f"`{word}`" in text or f'"{word}"' in text for word in coded(row[1])), row


PAGES = [DOCS / "billing.md", *sorted((DOCS / "billing").glob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target, anchor in LINK.findall(page.read_text(encoding="utf-8")):
        if target.startswith("https://"):
            continue
        leads_to = (page.parent / target).resolve() if target else page
        assert leads_to.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.*)$", leads_to.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in map(slug, headings), (target, anchor)
