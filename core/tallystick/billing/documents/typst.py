"""A document as data for a typst template: text already in its language, nothing to reckon."""

from __future__ import annotations

import dataclasses
import json
import re
from typing import Any

from tallystick.billing.documents.wording import wording
from tallystick.billing.invoice.document import InvoiceDocument

LONG_WORD = re.compile(r"\S{32,}")
BREAK_HERE = "\N{ZERO WIDTH SPACE}"


def typst_data(document: InvoiceDocument) -> str:
    """The JSON a template reads: `Wording` field by field, and the day of issue as ISO date.

    Every text is a string value, so none of it is ever markup; a word too long for a column may
    break anywhere (here, because typst takes ten times as long to look for one).
    """
    said = _breakable(dataclasses.asdict(wording(document)))
    said["issued_on"] = document.issued_on.isoformat()
    return json.dumps(said, ensure_ascii=False)


def _breakable(value: Any) -> Any:
    if isinstance(value, str):
        return LONG_WORD.sub(lambda word: BREAK_HERE.join(word[0]), value)
    if isinstance(value, dict):
        return {key: _breakable(one) for key, one in value.items()}
    return [_breakable(one) for one in value]
