"""docs/documents.md names what a template is given, and its examples work."""

from __future__ import annotations

import dataclasses
import re
import tomllib
from datetime import date
from pathlib import Path

from tallystick.billing.documents.wording import Annex, Heads, Row, Wording
from tallystick.billing.invoice.document import InvoiceDocument, Party
from tallystick.config.document_values import FORMATS, LAYOUTS
from tallystick.config.printed import Documents
from tallystick.paper.pdf import BUILT_IN, Template, render_pdf

DOC = (Path(__file__).resolve().parents[1] / "docs" / "documents.md").read_text("utf-8")


def names(table: type) -> set[str]:
    return {field.name for field in dataclasses.fields(table)}


def test_every_field_of_the_data_is_described() -> None:
    fields = DOC.partition("| field of `invoice` |")[2]
    left = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (.*?) \|", fields, re.MULTILINE))))
    assert left == names(Wording) | {"issued_on"}
    for table in (Heads, Row, Annex):
        assert names(table) <= set(re.findall(r"`(\w+)`", fields))


def test_the_formats_and_layouts_are_those_there_are() -> None:
    formats = DOC.partition("## Formats")[2].partition("## ")[0]
    first = "".join(re.findall(r"^\| (.*?) \|", formats, re.MULTILINE))
    assert tuple(re.findall(r"`(\w+)`", first)) == FORMATS
    layouts = DOC.partition("## Layouts")[2].partition("## ")[0]
    assert tuple(re.findall(r"^\| `(\w+)` \| [as]", layouts, re.MULTILINE)) == LAYOUTS == BUILT_IN
    [example] = re.findall(r"```toml\n(.*?)```", DOC, re.DOTALL)
    assert Documents.model_validate(tomllib.loads(example)["documents"]).annex


def test_the_template_compiles(tmp_path: Path) -> None:
    [example] = re.findall(r"```typst\n(.*?)```", DOC, re.DOTALL)
    (tmp_path / "mine.typ").write_text(example, encoding="utf-8")
    day = date(2026, 8, 1)
    seller, buyer = Party("S"), Party("B")
    document = InvoiceDocument("1", "invoice", day, day, seller, buyer, "EUR", (), ())
    assert render_pdf(document, Template(tmp_path / "mine.typ", tmp_path)).startswith(b"%PDF")
