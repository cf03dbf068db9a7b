"""Names as they are compared: without case, accents, punctuation and legal form."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

_FORMS = (
    "gmbh mbh ug ag kg kgaa ohg gbr mbb partg ek ev eg se co cokg gesmbh og eu ltd limited plc llp "
    "lp inc incorporated corp corporation company llc pc pllc pty sa sarl sas sasu snc eurl spa "
    "srl sro sl slu bv nv vof oy oyj ab as asa aps kft zrt doo dd sp zoo"
)
LEGAL_FORMS: Final = frozenset(_FORMS.split())
"""Words that say what kind of company one is, dots left out; not which."""

LETTERS: Final = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "oe", "å": "aa", "&": " and "}
)
"""How these letters are spelled where a keyboard has none of them."""

STREET_WORDS: Final = {
    "st": "street", "str": "strasse", "rd": "road", "ave": "avenue", "av": "avenue",
    "dr": "drive", "ln": "lane", "pl": "place", "cres": "crescent", "ct": "court",
}  # fmt: skip

_FREE = (
    "gmail.com googlemail.com outlook.com hotmail.com live.com yahoo.com icloud.com me.com aol.com "
    "gmx.de gmx.net gmx.at gmx.ch web.de t-online.de freenet.de bluewin.ch orange.fr free.fr "
    "laposte.net libero.it protonmail.com proton.me mail.com"
)
FREE_MAIL: Final = frozenset(_FREE.split())
"""Domains at which anybody has an address: they say nothing of whose it is."""


@lru_cache(maxsize=100_000)
def plain(text: str) -> str:
    """`Müller & Söhne, GmbH` as `mueller and soehne gmbh`: words apart by one blank."""
    spelled = text.casefold().translate(LETTERS)
    bare = "".join(
        char for char in unicodedata.normalize("NFKD", spelled) if not unicodedata.combining(char)
    )
    return " ".join(re.sub(r"[^0-9a-z]+", " ", re.sub(r"['.`]", "", bare)).split())


@lru_cache(maxsize=100_000)
def company(text: str) -> str:
    """A company's name without its legal form; whole where it is nothing else."""
    words = plain(text).split()
    kept = [word for word in words if word not in LEGAL_FORMS]
    return " ".join(kept or words)


@lru_cache(maxsize=100_000)
def street(text: str) -> str:
    words = plain(re.sub(r"(?i)str(aße|asse|\.)(?=\W|$)", r" strasse", text)).split()
    return " ".join(STREET_WORDS.get(word, word) for word in words)


def mail_domain(email: str | None, domain: str | None) -> str | None:
    """The domain a company answers from, None where anybody could."""
    found = (domain or (email or "").rpartition("@")[2]).casefold().strip().removeprefix("www.")
    return found if "." in found and found not in FREE_MAIL else None


def tax_number(vat_id: str | None) -> str | None:
    return re.sub(r"[^0-9a-z]", "", (vat_id or "").casefold()) or None
