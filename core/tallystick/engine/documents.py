"""The formats the config asks for, each with how to render it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tallystick.billing.documents import render_html, render_text
from tallystick.billing.einvoice import PROFILES, einvoice, render_cii, render_ubl
from tallystick.billing.invoice.document import InvoiceDocument
from tallystick.config.model import Config
from tallystick.cycle.documents import Formats
from tallystick.errors import Stop
from tallystick.paper.facturx import render_facturx
from tallystick.paper.pdf import BUILT_IN, Template, render_pdf, require_typst
from tallystick.paper.spreadsheet import render_xlsx, require_xlsxwriter

ENDINGS = {"facturx": "facturx.pdf", "ubl": "ubl.xml", "cii": "cii.xml"}
"""How files end whose format is not their ending."""

Render = Callable[[InvoiceDocument], bytes]


def renderers(config: Config, root: Path) -> Formats:
    """How to render each format of `[documents]`. Raises `Stop` when an extra it needs is not
    installed, or when the template, logo or fonts are not there."""
    template = pdf_template(config, root)
    profile = PROFILES[config.documents.einvoice_profile]
    if not {"pdf", "facturx"}.isdisjoint(config.documents.formats):
        require_typst()
        _all_there(template)
    if "xlsx" in config.documents.formats:
        require_xlsxwriter()
    known: dict[str, Render] = {
        "html": lambda document: render_html(document).encode("utf-8"),
        "txt": lambda document: render_text(document).encode("utf-8"),
        "pdf": lambda document: render_pdf(document, template),
        "facturx": lambda document: render_facturx(document, template),
        "ubl": lambda document: render_ubl(einvoice(document, profile)),
        "cii": lambda document: render_cii(einvoice(document, profile)),
    }
    chosen = {name: known[name] for name in config.documents.formats if name in known}
    if not config.documents.annex:
        chosen = {name: _without_annex(render) for name, render in chosen.items()}
    if "xlsx" in config.documents.formats:
        chosen["xlsx"] = render_xlsx
    return {ending(name): render for name, render in chosen.items()}


def ending(name: str) -> str:
    """How the files of format `name` end."""
    return ENDINGS.get(name, name)


def pdf_template(config: Config, root: Path) -> Template:
    """The layout of the PDF with what belongs to it, all beneath the config's folder `root`."""
    named, logo, fonts = config.documents.template, config.msp.logo, config.documents.fonts
    return Template(
        layout=named if named in BUILT_IN else root / named,
        root=root,
        logo=root / logo if logo else None,
        fonts=root / fonts if fonts else None,
    )


def _all_there(template: Template) -> None:
    for path in (template.layout, template.logo, template.fonts):
        if isinstance(path, Path) and not path.exists():
            raise Stop(
                f"PDF documents need {path}, which does not exist.",
                do="Correct `template` or `fonts` under [documents], or `logo` under [msp].",
            )


def _without_annex(render: Render) -> Render:
    return lambda document: render(replace(document, annex=(), included=()))
