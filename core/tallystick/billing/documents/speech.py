"""Figures, dates and words as one locale says them: `de-AT` is German words, Austrian figures."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Context, Decimal, localcontext
from functools import cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_interval, format_skeleton
from babel.numbers import format_decimal, format_percent

from tallystick.billing.documents.hours import with_hours
from tallystick.billing.documents.languages import LANGUAGES
from tallystick.billing.documents.phrases import phrases
from tallystick.billing.documents.words import Words
from tallystick.money import Money, exponent
from tallystick.period import Period

SEVERAL = re.compile(r"([0-9]{1,3}) (day|week|month|quarter|year)s", re.ASCII)
"""The unit of a cycle of several, as pricing says it."""
CYCLES = ("week", "month", "quarter", "year")
"""Units that say what a price is for, not how long something lasted."""
JOINERS = "\u200c\u200d"
FOUR_PLACES = Decimal("0.0001")
ENORMOUS = Context(prec=100)
WORLD_ENGLISH = "en_001"
"""What `en` alone means: day before month. `en-US` asks for the American order."""


@dataclass(frozen=True, slots=True)
class Speech:
    """How one locale writes numbers and days, with the words of its language."""

    locale: Locale
    words: Words

    def amount(self, money: Money) -> str:
        """Major units with thousands separators, in the currency's decimal places."""
        return self._decimal(money.amount, exponent(money.currency))

    def price(self, unit_price: Decimal, currency: str) -> str:
        """A unit price: the currency's decimal places, more where the price has more."""
        return self._decimal(unit_price, exponent(currency))

    def quantity(self, count: Decimal, unit: str) -> str:
        """A quantity to four places with its unit: `1 hour`, `1.25 hours`, `1 x 2 weeks`, and
        `28 x 1 month` where 28 are charged for a month each."""
        with localcontext(ENORMOUS):
            rounded = count.quantize(FOUR_PLACES)
        return f"{self._decimal(rounded, 0)} {self.unit(rounded, unit)}".strip()

    def unit(self, count: Decimal, unit: str) -> str:
        """The unit of a quantity, as it stands behind the number. One that the words do not know
        is said as it is."""
        if found := SEVERAL.fullmatch(unit):
            return f"x {found[1]} {self._named(Decimal(found[1]), found[2])}"
        if unit in CYCLES and count != 1:
            return f"x 1 {self._named(Decimal(1), unit)}"
        return self._named(count, unit)

    def _named(self, count: Decimal, unit: str) -> str:
        one, several = self.words.units.get(unit, (clean(unit), clean(unit)))
        return one if self.locale.plural_form(abs(count.normalize())) == "one" else several

    def text(self, text: str) -> str:
        """The text of a line; what we added to the agreed description is said in this language."""
        for pattern, said in phrases(self.locale.language):
            if found := pattern.fullmatch(text):
                agreed, *others = found.groups()
                return said.format(self.text(agreed), *map(clean, others))
        return clean(with_hours(text, self.locale, self.words))

    def percent(self, percent: Decimal) -> str:
        """19 as `19%` or `19 %`."""
        written = format_percent(
            percent.normalize() / 100, locale=self.locale, decimal_quantization=False
        )
        return str(written)

    def category(self, name: str) -> str:
        """A tax category in words."""
        return self.words.categories.get(name) or clean(name.replace("_", " "))

    def country(self, code: str) -> str:
        """A country by its name, where `code` is one of ISO 3166."""
        return self.locale.territories.get(code.upper()) or clean(code)

    def day(self, day: date) -> str:
        return str(format_date(day, "long", locale=self.locale))

    def short_day(self, day: date) -> str:
        return str(format_date(day, "medium", locale=self.locale))

    def service(self, period: Period) -> str:
        """The service period as people say it, both ends included."""
        first, last = period.start, period.last_day
        whole_months = first.day == 1 and (last + timedelta(days=1)).day == 1
        if first == last:
            return self.day(first)
        if whole_months and (first.year, first.month) == (last.year, last.month):
            return str(format_skeleton("yMMMM", first, locale=self.locale))
        skeleton = "yMMMM" if whole_months else "yMMMd"
        return str(format_interval(first, last, skeleton, locale=self.locale)).replace(
            "\N{THIN SPACE}", " "
        )

    def _decimal(self, number: Decimal, places: int) -> str:
        """With at least `places` decimals, and as many more as the number has."""
        pattern = f"#,##0.{'0' * places}" if places else "#,##0"
        with localcontext(ENORMOUS):
            shown = number.normalize() + 0
            return str(format_decimal(shown, pattern, self.locale, decimal_quantization=False))


@cache
def speech(language: str) -> Speech:
    """How documents in `language` (`de`, `de-AT`) speak; English where nobody knows it."""
    parts = language.replace("_", "-").split("-")
    for known in ("-".join(parts), parts[0]):
        try:
            locale = Locale.parse(known, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
        if locale.language in LANGUAGES and known != "en":
            return Speech(locale, LANGUAGES[locale.language])
    return Speech(Locale.parse(WORLD_ENGLISH), LANGUAGES["en"])


def spoken(language: str) -> bool:
    """Whether there are words to write documents in `language`."""
    return re.split("[-_]", language.lower())[0] in LANGUAGES


def clean(text: str) -> str:
    """Foreign text on one line, without the invisible marks that reorder or hide what is read.

    Control and line characters become spaces; format characters (bidi overrides, isolates,
    zero-width and tag characters) go, except the joiners that scripts and emoji are written with.
    """
    kept = []
    for char in text:
        kind = unicodedata.category(char)
        if kind in ("Cc", "Zl", "Zp"):
            kept.append(" ")
        elif kind == "Cs":
            kept.append("\N{REPLACEMENT CHARACTER}")
        elif kind != "Cf" or char in JOINERS:
            kept.append(char)
    return " ".join("".join(kept).split())
