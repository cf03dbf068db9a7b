"""PDF/A-3 by typst: the same document makes the same bytes, on any day.

A template is a typst file. What a document says reaches it as one JSON string (`typst_data`), so
no foreign text is ever read as markup. A character that the template's font lacks is taken from
whatever font has it, and shown as a box where none has: no invoice waits for a character.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

from tallystick.billing.documents.typst import typst_data
from tallystick.billing.invoice.document import InvoiceDocument
from tallystick.errors import Stop

HERE = Path(__file__).parent
PACKAGES = HERE / "typst"
BUILT_IN = ("classic", "modern", "compact")
STANDARD: Final = "a-3b"
BOX = "\N{WHITE SQUARE}"
LACKING = re.compile(r'the text `"((?:[^"\\]|\\.)+)"` could not be displayed')
ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}|\\(.)")

Relationship = Literal["alternative", "data", "source", "supplement"]


@dataclass(frozen=True, slots=True)
class Template:
    """A layout: one of `BUILT_IN`, or a typst file of one's own. Both it and `logo` (SVG, PNG or
    JPEG) lie beneath `root`; `fonts` is a folder of fonts the machine itself does not have."""

    layout: str | Path = "classic"
    root: Path = HERE
    logo: Path | None = None
    fonts: Path | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file carried inside the PDF; `content` is UTF-8 text and is embedded byte for byte."""

    name: str
    content: bytes
    relationship: Relationship = "alternative"
    media_type: str = "text/xml"
    description: str = ""


def render_pdf(
    document: InvoiceDocument,
    template: Template = Template(),
    attachments: Sequence[Attachment] = (),
) -> bytes:
    """The document as PDF/A-3b. Raises `Stop` when typst is not installed, and when the template
    cannot be compiled, with what typst says about it."""
    typst = require_typst()
    inputs = {"invoice": typst_data(document), "attachments": _files(attachments)}
    if template.logo:
        inputs["logo"] = template.logo.relative_to(template.root).as_posix()
    issued_at = datetime.combine(document.issued_on, time.min, UTC)
    compiler, source = _compiler(template), _source(template)
    while True:
        try:
            made: bytes = compiler.compile(
                source,
                format="pdf",
                sys_inputs=inputs,
                pdf_standards=STANDARD,
                timestamp=issued_at,
            )
        except typst.TypstError as error:
            shown = _boxed(inputs["invoice"], error.diagnostic)
            if shown == inputs["invoice"]:
                raise _cannot(template, error.diagnostic) from None
            inputs |= {"invoice": shown}
        else:
            return made


def _files(attachments: Sequence[Attachment]) -> str:
    return json.dumps(
        [
            {
                "name": one.name,
                "content": one.content.decode("utf-8"),
                "relationship": one.relationship,
                "media_type": one.media_type,
                "description": one.description or one.name,
            }
            for one in attachments
        ],
        ensure_ascii=False,
    )


def _boxed(invoice: str, diagnostic: str) -> str:
    """The data with every character that no font shows replaced by a box."""
    for written in LACKING.findall(diagnostic):
        text = ESCAPED.sub(lambda one: chr(int(one[1], 16)) if one[1] else one[2], written)
        invoice = invoice.replace(text, BOX)
    return invoice


def _cannot(template: Template, diagnostic: str) -> Stop:
    return Stop(
        f"The PDF template {template.layout} cannot be compiled: {diagnostic.strip()}",
        do="Correct the template, or choose a built-in one under [documents].",
    )


@cache
def _source(template: Template) -> bytes:
    """What typst compiles; paths in it that begin with `/` start from the template's root."""
    named = template.layout
    path = named if isinstance(named, Path) else HERE / "templates" / f"{named}.typ"
    try:
        return path.read_bytes()
    except OSError as error:
        raise Stop(
            f"The PDF template {path} cannot be read: {error.strerror}.",
            do="Correct `template` under [documents].",
        ) from None


@cache
def _compiler(template: Template) -> Any:
    """One compiler for all documents of a template: finding fonts takes longer than a page."""
    typst = require_typst()
    folders = [template.fonts] if template.fonts else []
    return typst.Compiler(
        root=template.root,
        font_paths=typst.Fonts(font_paths=folders),
        package_path=PACKAGES,
    )


def require_typst() -> Any:
    """The typst module; raises `Stop` that says how to install it."""
    try:
        import typst
    except ImportError:
        raise Stop(
            "PDF documents need typst, which is not installed.",
            do='Install it with `pip install "tallystick[pdf]"`, or take "pdf" out of [documents].',
        ) from None
    return typst
