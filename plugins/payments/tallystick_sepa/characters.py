"""The characters every SEPA bank accepts, and the nearest spelling of the others.

Source: EPC217-08, SEPA requirements for an extended character set: a-z A-Z 0-9 space and
`/ - ? : ( ) . , ' +`.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_SPELLED: Final = str.maketrans(
    {
        "ä": "ae",
        "ö": "oe",
        "ü": "ue",
        "ß": "ss",
        "Ä": "Ae",
        "Ö": "Oe",
        "Ü": "Ue",
        "ẞ": "SS",
        "æ": "ae",
        "Æ": "Ae",
        "œ": "oe",
        "Œ": "Oe",
        "ø": "o",
        "Ø": "O",
        "đ": "d",
        "Đ": "D",
        "ł": "l",
        "Ł": "L",
        "ð": "d",
        "Ð": "D",
        "þ": "th",
        "Þ": "Th",
        "\N{LATIN SMALL LETTER DOTLESS I}": "i",
        "€": "EUR",
        "&": "+",
        "\N{EN DASH}": "-",
        "\N{EM DASH}": "-",
        "\N{RIGHT SINGLE QUOTATION MARK}": "'",
        "\N{LEFT SINGLE QUOTATION MARK}": "'",
    }
)
_FOREIGN: Final = re.compile(r"[^A-Za-z0-9/?:().,'+ -]")


def sepa_text(text: str, length_max: int) -> str:
    """`text` in SEPA characters on one line, at most `length_max` of them.

    Umlauts and ligatures are spelled out, accents dropped, anything else becomes a full stop.
    """
    composed = unicodedata.normalize("NFC", text).translate(_SPELLED)
    bare = "".join(
        char for char in unicodedata.normalize("NFKD", composed) if not unicodedata.combining(char)
    )
    one_line = " ".join(bare.split())
    return _FOREIGN.sub(".", one_line)[:length_max].strip()
