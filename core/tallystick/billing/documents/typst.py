"""A document as data for a typst template: text already in its language, nothing to reckon."""

from __future__ import annotations

import dataclasses
import json

from tallystick.billing.document import InvoiceDocument
from tallystick.billing.documents.wording import wording


def typst_data(document: InvoiceDocument) -> str:
    """The JSON a template reads: `Wording` field by field, and the day of issue as ISO date.
    Every text is a string value, so none of it is ever markup."""
    said = dataclasses.asdict(wording(document))
    said["issued_on"] = document.issued_on.isoformat()
    return json.dumps(said, ensure_ascii=False)
