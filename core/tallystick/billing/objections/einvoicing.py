"""Whether what is proposed can become the e-invoice it is asked to be, before it is too late."""

from __future__ import annotations

from collections.abc import Iterator

from tallystick.billing.einvoice.demands import COMPLETE, lacking
from tallystick.billing.einvoice.profiles import Profile
from tallystick.billing.einvoice.terms import stated
from tallystick.billing.invoice.document import InvoiceDocument
from tallystick.billing.invoice.proposal import Objection
from tallystick.billing.objections.case import Case
from tallystick.errors import SkipRecord


def einvoice(case: Case) -> Iterator[Objection]:
    """A hold with all that a rule asks for and is missing: once issued, it is missing for good."""
    if case.document is None:
        return
    found = [why for profile in case.profiles for why in _missing(case.document, profile)]
    if found:
        yield Objection(
            "einvoice_incomplete",
            "hold",
            f"It cannot be an e-invoice: {'; '.join(dict.fromkeys(found))}.",
            f"{COMPLETE} and propose again, or accept it: then it is issued without an e-invoice.",
        )


def _missing(document: InvoiceDocument, profile: Profile) -> list[str]:
    try:
        return lacking(stated(document, profile))
    except SkipRecord as error:
        return [error.what.removesuffix(".")]
