"""Objections to the tax of a proposal: what its client's record does not support."""

from __future__ import annotations

from collections.abc import Iterator

from tallystick.billing.invoice.difference import OTHER_TAX
from tallystick.billing.invoice.proposal import Objection
from tallystick.billing.objections.case import Case

COUNTRY_CODE_LENGTH = 2


def tax(case: Case) -> Iterator[Objection]:
    """Holds for a category that needs the client's VAT id or country and does not find it, and
    for what was billed at another tax."""
    proposal, taxing = case.proposal, case.taxing
    categories = sorted({line.tax_category for line in proposal.lines})
    on = proposal.period.last_day
    for category in categories:
        rate = taxing.rate(category, on)
        if rate is not None and rate.needs_vat_id and not taxing.vat_id:
            yield Objection(
                "vat_id_missing",
                "hold",
                f"Tax category {category!r} is for clients with a VAT id, and this one has none.",
                "Enter the VAT id at its source, or give the client another tax category.",
            )
        if taxing.places(category) and len(taxing.country or "") != COUNTRY_CODE_LENGTH:
            known = f"is {taxing.country!r}" if taxing.country else "is not known"
            yield Objection(
                "country_unknown",
                "hold",
                f"The rate of tax category {category!r} depends on the client's country, which"
                f" {known}.",
                "Give the client a country of two letters (ISO 3166) at its source.",
            )
    changed = [due for due in proposal.dues if due.corrects and OTHER_TAX in due.charge.reason]
    if changed:
        invoices = sorted({number for due in changed for number in due.corrects})
        yield Objection(
            "tax_changed",
            "hold",
            f"What {', '.join(invoices)} charged is taxed differently now: it is taken back and"
            " charged again.",
            "Check that the new tax category or rate was right then too.",
        )
