"""The hours that price work, where a line's text names them: `Support: remote, sat-sun 18:00-08:00`
as people say it. Their time zone and whose holidays they are is left to the explanation."""

from __future__ import annotations

import re

from babel import Locale

from tallystick.billing.documents.words import Words
from tallystick.billing.windows import WEEKDAYS

DAY = "|".join(WEEKDAYS)
WINDOW = re.compile(
    rf"(?:(?P<days>(?:{DAY})(?:[-,](?:{DAY}))*) ?)?"
    r"(?:(?P<since>\d\d:\d\d)-(?P<until>\d\d:\d\d) ?)?"
    r"(?:(?P<holidays>on|except) holidays of [A-Z]{2}(?:-\w+)? ?)?"
    r"(?:in (?:UTC|[A-Z]\w+/[\w/+-]+))?",
    re.ASCII,
)
"""A window of time as `Window` writes it."""
TO = "\N{EN DASH}"


def with_hours(text: str, locale: Locale, words: Words) -> str:
    """`text` with the windows behind its description said in the language of `words`."""
    agreed, colon, priced = text.rpartition(": ")
    if not colon:
        return text
    said = [_said(part, locale, words) for part in priced.split(", ")]
    return agreed + colon + ", ".join(said) if any(said) else agreed


def _said(part: str, locale: Locale, words: Words) -> str:
    found = WINDOW.fullmatch(part)
    if not found or not part:
        return part
    names = locale.days["format"]["abbreviated"]
    days = re.sub(DAY, lambda day: str(names[WEEKDAYS.index(day[0])]), found["days"] or "")
    hours = f"{found['since']}{TO}{found['until']}" if found["since"] else ""
    holidays = {"on": words.on_holidays, "except": words.except_holidays, None: ""}
    spoken = (
        days.replace("-", TO).replace(",", ", "),
        hours,
        holidays[found["holidays"]],
    )
    return " ".join(filter(None, spoken))
