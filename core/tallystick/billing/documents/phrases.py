"""What pricing adds to the agreed description of a line, in the languages of documents.

The left side is how the text of a charge says it; `{}` stands for the description and for figures.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

PHRASES: Mapping[str, Mapping[str, str]] = {
    "Correction: {}": {"de": "Korrektur: {}", "fr": "Correction : {}"},
    "Write-down: {}": {"de": "Nachlass: {}", "fr": "Remise : {}"},
    "{} (prorated {})": {"de": "{} (anteilig {})", "fr": "{} (au prorata, {})"},
    "{} ({} with tax)": {"de": "{} ({} mit Steuer)", "fr": "{} ({} TTC)"},
    "{} (top-up)": {"de": "{} (Aufstockung)", "fr": "{} (recharge)"},
    "{}: beyond, up to {} h": {
        "de": "{}: darüber hinaus, bis {} h",
        "fr": "{} : au-delà, jusqu'à {} h",
    },
    "{}: beyond, the rest": {"de": "{}: darüber hinaus, der Rest", "fr": "{} : au-delà, le reste"},
    "{}: credit for missed service level": {
        "de": "{}: Gutschrift für verfehltes Service-Level",
        "fr": "{} : avoir pour niveau de service non tenu",
    },
    "{}: call-out": {"de": "{}: Anfahrt", "fr": "{} : déplacement"},
    "{}: up to the minimum": {
        "de": "{}: bis zum Mindestbetrag",
        "fr": "{} : jusqu'au montant minimal",
    },
    "{}: down to the cap": {
        "de": "{}: Abzug bis zum Höchstbetrag",
        "fr": "{} : déduction jusqu'au plafond",
    },
}


@cache
def phrases(language: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """How to find each phrase, and how `language` says it; none where texts stay as they are."""
    return tuple(
        (re.compile(_pattern(text), re.DOTALL), said[language])
        for text, said in PHRASES.items()
        if language in said
    )


def _pattern(text: str) -> str:
    first, *others = map(re.escape, text.split("{}"))
    return f"{first}(.+){'([^()]+)'.join(others)}"
