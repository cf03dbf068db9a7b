"""Converters of numbers and durations. No float comes in, none goes out.

A number is a `Decimal` or `int` of the vendor's JSON, or text in one declared style: digits
with a point, or - with `decimal_mark` - digits with that mark and optional groups of three
before it. `1.234,56` without a declared mark, `NaN`, `1_000`, `1e400` and digits other than
0-9 are refused: each is read as different amounts by different systems.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from tallystick.mapping.twoway import (
    REPEATED,
    Converter,
    Misfit,
    TwoWay,
    by_value,
    shown,
    wrong_type,
)

WHOLE_DIGITS, DECIMALS = 15, 20
_PLAIN = re.compile(
    rf"[+-]?(?:[0-9]{{1,{WHOLE_DIGITS}}}(?:\.[0-9]{{1,{DECIMALS}}})?|\.[0-9]{{1,{DECIMALS}}})"
).fullmatch
_WHOLE_TEXT = re.compile(rf"[+-]?[0-9]{{1,{WHOLE_DIGITS}}}").fullmatch
_SEVERAL_READINGS = re.compile(r"[+-]?[0-9.,' ]*,[0-9.,' ]*").fullmatch
_GROUP_MARKS = {",": r"[.' \u00a0\u202f]", ".": r"[,' \u00a0\u202f]"}
_HMS = re.compile(r"(-?)([0-9]{1,6}):([0-5][0-9])(?::([0-5][0-9]))?").fullmatch


def to_decimal(value: Any) -> Decimal:
    """`value` exactly; text must be plain (`-1234.56`). Raises `Misfit`."""
    kind = type(value)
    if kind is str:
        if _PLAIN(value) or _PLAIN(value.strip()):
            return Decimal(value)
        raise _not_plain(value)
    if kind is Decimal or kind is int:
        return _bounded(Decimal(value))
    raise wrong_type(value, "a number")


def _bounded(value: Decimal) -> Decimal:
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or value.adjusted() >= WHOLE_DIGITS or exponent < -DECIMALS:
        raise Misfit(
            f"{shown(value)} is not a number of at most {WHOLE_DIGITS} digits before the point "
            f"and {DECIMALS} after it.",
            "Correct the record at its source.",
        )
    return value


def _not_plain(value: str) -> Misfit:
    if _SEVERAL_READINGS(value.strip()):
        return Misfit(
            f"{shown(value)} can be read as more than one number.",
            'Say which mark starts the decimals: `decimal_mark = ","` or `decimal_mark = "."`.',
        )
    return Misfit(
        f"{shown(value)} is not a plain decimal number such as 1234.56.",
        "Correct the record at its source, or name text that means nothing in `null`.",
    )


def _number_reader(options: Mapping[str, str]) -> Callable[[Any], Decimal]:
    mark = options.get("decimal_mark")
    if mark is None:
        return to_decimal
    if mark not in _GROUP_MARKS:
        raise Misfit(f"`decimal_mark` cannot be {mark!r}.", 'It is "," or ".".')
    grouped = rf"[1-9][0-9]{{0,2}}({_GROUP_MARKS[mark]})[0-9]{{3}}(?:\2[0-9]{{3}}){{0,3}}"
    styled = re.compile(
        rf"([+-]?(?:{grouped}|[0-9]{{1,{WHOLE_DIGITS}}}))"
        rf"(?:{re.escape(mark)}([0-9]{{1,{DECIMALS}}}))?"
    ).fullmatch

    def read(value: Any) -> Decimal:
        if type(value) is not str:
            return to_decimal(value)
        match = styled(value.strip())
        if match is None:
            raise Misfit(
                f"{shown(value)} is not a number with the decimal mark {mark!r}.",
                "Correct `decimal_mark` in the mapping, or the record at its source.",
            )
        whole, group, decimals = match.groups()
        digits = whole.replace(group, "") if group else whole
        return Decimal(f"{digits}.{decimals}" if decimals else digits)

    return read


def _number_writer(options: Mapping[str, str]) -> Callable[[Decimal], Decimal | str]:
    """A number for the vendor's JSON; ungrouped text where a decimal mark is declared."""
    mark = options.get("decimal_mark")
    if mark is None:
        return lambda value: value
    return lambda value: f"{value:f}".replace(".", mark)


def _decimal(options: Mapping[str, str]) -> TwoWay:
    spell = _number_writer(options)

    def write(value: Any) -> Decimal | str:
        if type(value) is not Decimal and type(value) is not int:
            raise wrong_type(value, "a number")
        return spell(_bounded(Decimal(value)))

    return TwoWay(_number_reader(options), write)


def _int(_: Mapping[str, str]) -> TwoWay:
    def read(value: Any) -> int:
        if type(value) is str and _WHOLE_TEXT(value):
            return int(value)
        number = to_decimal(value)
        if number != int(number):
            raise Misfit(f"{shown(value)} is not a whole number.", 'Use `as = "decimal"`.')
        return int(number)

    return TwoWay(read, _whole)


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise wrong_type(value, "a whole number")
    return value


def rounded_ratio(numerator: int, denominator: int) -> int:
    """`numerator / denominator` to the nearest whole number, halves away from zero."""
    whole = (2 * abs(numerator) + denominator) // (2 * denominator)
    return whole if numerator >= 0 else -whole


def _time_unit(seconds: int, places: int) -> Callable[[Mapping[str, str]], TwoWay]:
    """Decimal units of `seconds` each <-> whole seconds.

    Reading rounds to the nearest second, halves away from zero (0.333 h = 1198.8 s -> 1199 s).
    Writing uses at most `places` decimals, which are enough to name every second: what was
    written always reads back as the same seconds.
    """

    def build(options: Mapping[str, str]) -> TwoWay:
        number, spell = _number_reader(options), _number_writer(options)

        def whole_seconds(value: Any) -> int:
            numerator, denominator = number(value).as_integer_ratio()
            return rounded_ratio(numerator * seconds, denominator)

        from_text = lru_cache(REPEATED)(whole_seconds)

        def read(value: Any) -> int:
            return from_text(value) if type(value) is str else whole_seconds(value)

        def write(value: Any) -> Decimal | str:
            steps = rounded_ratio(_whole(value) * 10**places, seconds)
            return spell(Decimal(steps) / 10**places)

        return TwoWay(read, write, by_value(read))

    return build


def _hms(_: Mapping[str, str]) -> TwoWay:
    def read(value: Any) -> int:
        match = _HMS(value.strip()) if type(value) is str else None
        if match is None:
            raise Misfit(
                f"{shown(value)} is not a duration such as 1:30 or 01:30:00.",
                'Use `as = "hours"` or `as = "minutes"` for a plain number.',
            )
        sign, hours, minutes, seconds = match.groups()
        total = int(hours) * 3600 + int(minutes) * 60 + int(seconds or 0)
        return -total if sign else total

    def write(value: Any) -> str:
        minutes, seconds = divmod(abs(_whole(value)), 60)
        return f"{'-' if value < 0 else ''}{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"

    return TwoWay(read, write)


_STYLE = frozenset({"decimal_mark"})
CONVERTERS = (
    Converter("int", _int),
    Converter("decimal", _decimal, _STYLE),
    Converter("hours", _time_unit(3600, places=4), _STYLE),
    Converter("minutes", _time_unit(60, places=2), _STYLE),
    Converter("hms", _hms),
)
