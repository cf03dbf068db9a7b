"""Uplift: a price that rises every year, by a percentage or with a published index.

index   base 119.3           121.7            124.9
price   100.00 |-- year 1 --| 102.01 |-- 2 --| 104.69      100.00 x 121.7 / 119.3, and so on
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Annotated

from msgspec import Meta, Struct

from tallystick.billing.charges import plausible
from tallystick.errors import SkipRecord
from tallystick.money import exponent
from tallystick.period import add_months

Month = Annotated[str, Meta(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]


class Uplift(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """By `percent`, or by `index` since its `base` month, on `since` and every anniversary of it.

    The index value of an uplift is that of `lag_months` before its month. What it has risen
    since the uplift before is kept between `floor_percent` and `cap_percent`.
    """

    since: date
    percent: Decimal | None = None
    index: str | None = None
    base: Month | None = None
    lag_months: Annotated[int, Meta(ge=0, le=36)] = 0
    floor_percent: Decimal | None = None
    cap_percent: Decimal | None = None

    def __post_init__(self) -> None:
        if (self.percent is None) == (self.index is None):
            raise ValueError("uplift goes by percent or by index, one of the two")
        if self.index is not None and self.base is None:
            raise ValueError(f"uplift by index {self.index} needs the base month of the price")
        limits = (self.floor_percent, self.cap_percent)
        if self.index is None and (self.base, self.lag_months, *limits) != (None, 0, None, None):
            raise ValueError("base, lag_months, floor_percent and cap_percent go with an index")
        for figure in (self.percent, *limits):
            if figure is not None and not (plausible(figure) and -100 < figure <= 1000):
                raise ValueError(f"uplift of {figure} percent is not a plausible figure")
        floor, cap = limits
        if floor is not None and cap is not None and floor > cap:
            raise ValueError(f"floor_percent {floor} is above cap_percent {cap}")

    def days(self, until: date) -> Iterator[date]:
        """The days of the uplifts before `until`; one of 29 February is on the 28th in between."""
        years = 0
        while (day := add_months(self.since, 12 * years, self.since.day)) < until:
            yield day
            years += 1


class Uplifting:
    """The uplifts of one line in the order of their days; it keeps the index value of the last."""

    def __init__(
        self, uplift: Uplift, currency: str, indices: Mapping[str, Mapping[date, Decimal]]
    ) -> None:
        self._uplift = uplift
        self._places = exponent(currency)
        self._indices = indices
        if uplift.base is not None:
            self._reference = date.fromisoformat(f"{uplift.base}-01")

    def raised(self, unit_price: Decimal, day: date) -> tuple[Decimal, str]:
        """`unit_price` after the uplift of `day`, with the reason.

        Rounded half away from zero to the currency's minor unit, or to the places `unit_price`
        has if these are more. Raises `SkipRecord` when the index has no value for a month.
        """
        percent, why = self._percent(day)
        raised = _rounded(Fraction(unit_price) * (1 + percent / 100), unit_price, self._places)
        return raised, f"{raised} from {day}: {unit_price} {why}"

    def _percent(self, day: date) -> tuple[Fraction, str]:
        uplift = self._uplift
        if uplift.percent is not None:
            return Fraction(uplift.percent), f"{uplift.percent:+} %"
        month = add_months(day, -uplift.lag_months, 1)
        before, now = self._value(self._reference), self._value(month)
        of = f"x {now} / {before} of {uplift.index} {month:%Y-%m}"
        self._reference = month
        risen = (Fraction(now) / Fraction(before) - 1) * 100
        if uplift.cap_percent is not None and risen > uplift.cap_percent:
            return Fraction(uplift.cap_percent), f"{of}, capped at {uplift.cap_percent} %"
        if uplift.floor_percent is not None and risen < uplift.floor_percent:
            return Fraction(uplift.floor_percent), f"{of}, at least {uplift.floor_percent} %"
        return risen, of

    def _value(self, month: date) -> Decimal:
        name = self._uplift.index or ""
        value = self._indices.get(name, {}).get(month)
        if value is None:
            raise SkipRecord(
                f"The index {name} has no value for {month:%Y-%m}.",
                do=f'Add it to [[index]] with `name = "{name}"` once it is published.',
            )
        return value


def _rounded(price: Fraction, like: Decimal, places: int) -> Decimal:
    written = like.as_tuple().exponent
    places = max(places, -written if isinstance(written, int) else 0)
    scaled = price * 10**places
    whole = (abs(scaled) + Fraction(1, 2)).__floor__()
    return Decimal(whole if scaled >= 0 else -whole).scaleb(-places)
