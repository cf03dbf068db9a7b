"""The languages a document can be written in."""

from __future__ import annotations

from collections.abc import Mapping

from tallystick.billing.documents.english import ENGLISH
from tallystick.billing.documents.french import FRENCH
from tallystick.billing.documents.german import GERMAN
from tallystick.billing.documents.words import Words

LANGUAGES: Mapping[str, Words] = {"en": ENGLISH, "de": GERMAN, "fr": FRENCH}
