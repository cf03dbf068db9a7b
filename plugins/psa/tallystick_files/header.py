"""The header row of a table: every column needs one name, and a name one column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tallystick.errors import Stop

MAX_COLUMNS = 10_000


def check_header(names: Sequence[str], file: str) -> None:
    """Raises `Stop` for columns without a name, names given twice and absurd widths."""
    place = f"header of {file}"
    if len(names) > MAX_COLUMNS:
        raise Stop(
            f"{file} has {len(names):,} columns; the most is {MAX_COLUMNS:,}.",
            do="Export only the columns the mapping reads.",
            place=place,
        )
    nameless = [str(number) for number, name in enumerate(names, 1) if not name.strip()]
    if nameless:
        raise Stop(
            f"Column {', '.join(nameless[:20])} of {file} has no name.",
            do="Name every column in the first row, or export without the nameless ones.",
            place=place,
        )
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise Stop(
            f"{file} has more than one column named {', '.join(map(repr, twice[:20]))}.",
            do="Rename or leave out the second one: which of the two counts is a guess.",
            place=place,
        )
