"""The single values of `[documents]`, each refused with its own sentence.

What knows languages and profiles brings the writing of documents along, so it is loaded where one
is named.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator

from tallystick.config.values import leads_out, plain_path
from tallystick.mapping.entries import suggest
from tallystick.mapping.twoway import Misfit, shown

FORMATS = ("html", "txt", "pdf", "xlsx", "ubl", "cii", "facturx")
LAYOUTS = ("classic", "modern", "compact")


def _format(name: str) -> str:
    return _among(name, FORMATS, "format of documents")


def _profile(name: str) -> str:
    from tallystick.billing.einvoice.profiles import PROFILES

    return _among(name, PROFILES, "profile of e-invoices")


def _among(name: str, known: Collection[str], what: str) -> str:
    if name not in known:
        raise Misfit(
            f"{shown(name)} is no {what}.{suggest(name, known)}", f"Known are {', '.join(known)}."
        )
    return name


def _language(name: str) -> str:
    from tallystick.billing.documents.languages import LANGUAGES
    from tallystick.billing.documents.speech import spoken

    if not spoken(name):
        raise Misfit(
            f"Documents cannot be written in {shown(name)}.",
            f"Use one of {', '.join(LANGUAGES)}, with a country if you like: de-CH.",
        )
    return name


def _template(name: str) -> str:
    if name not in LAYOUTS and not name.endswith(".typ"):
        raise Misfit(
            f"There is no layout {shown(name)}.{suggest(name, LAYOUTS)}",
            f"Use {', '.join(LAYOUTS)}, or name a typst file that ends in .typ.",
        )
    if leads_out(name):
        plain_path(Path(name))
    return name


Format = Annotated[str, AfterValidator(_format)]
EInvoiceProfile = Annotated[str, AfterValidator(_profile)]
Language = Annotated[str, AfterValidator(_language)]
Template = Annotated[str, AfterValidator(_template)]
