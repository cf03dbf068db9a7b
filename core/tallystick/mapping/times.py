"""Converters of dates and instants. A date is local, an instant is aware UTC."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from tallystick.mapping.formats import Parse, format_parser
from tallystick.mapping.numbers import to_decimal
from tallystick.mapping.twoway import (
    REPEATED,
    Column,
    Converter,
    Misfit,
    TwoWay,
    by_value,
    one_by_one,
    shown,
    wrong_type,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_WALL = _EPOCH.replace(tzinfo=None)
_MILLISECOND = timedelta(milliseconds=1)
_UTC_FORM = "0000-00-00T00:00:00Z"
_ISO_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ]00:00(?::00(?:\.0+)?)?Z?)?").fullmatch
_ISO_INSTANT = re.compile(
    r"[0-9]{4}-?[0-9]{2}-?[0-9]{2}[T ][0-9:.,]+ ?(?:Z|[+-][0-9:]+)?"
).fullmatch


def _iso_day(text: str) -> datetime:
    match = _ISO_DAY(text)
    if match is None:
        raise ValueError(text)
    return datetime.fromisoformat(match[1])


def _iso_instant(text: str) -> datetime:
    if _ISO_INSTANT(text) is None:
        raise ValueError(text)
    return datetime.fromisoformat(text)


def _parser(options: Mapping[str, str], iso: Parse) -> Callable[[str], datetime]:
    form = options.get("format")
    parse = iso if form is None else format_parser(form)
    expected = "ISO 8601 (2026-09-30)" if form is None else repr(form)

    def read(text: str) -> datetime:
        try:
            return parse(text.strip())
        except ValueError:
            raise Misfit(
                f"{shown(text)} is not a date or time in the form {expected}.",
                "Correct `format` in the mapping, or the record at its source.",
            ) from None

    return read


def _date(options: Mapping[str, str]) -> TwoWay:
    """ISO or `format` text <-> date. A time of day is refused unless it is midnight, because
    the day an instant belongs to depends on a zone: map it as `datetime` instead."""
    parse, form = _parser(options, _iso_day), options.get("format")
    parse = lru_cache(REPEATED)(parse)

    def read(value: Any) -> date:
        if type(value) is date:
            return value
        moment = value if isinstance(value, datetime) else None
        if type(value) is str:
            moment = parse(value)
        if moment is None:
            raise wrong_type(value, "a date")
        if moment.hour or moment.minute or moment.second or moment.microsecond:
            raise Misfit(
                f"{shown(value)} has a time of day where a date is wanted.",
                'Map it `as = "datetime"` to a field that ends in `_at`.',
            )
        return moment.date()

    def write(value: Any) -> str:
        if type(value) is not date:
            raise wrong_type(value, "a date")
        return value.strftime(form) if form else value.isoformat()

    return TwoWay(read, write, by_value(read))


def _last_day(options: Mapping[str, str]) -> TwoWay:
    """The last day of a time, as `_date` spells it <-> the day before which it ends."""
    date_of = _date(options)

    def read(value: Any) -> date:
        day: date = date_of.read(value)
        return day if day == date.max else day + timedelta(days=1)

    def write(value: Any) -> Any:
        if type(value) is not date or value == date.min:
            raise wrong_type(value, "a date")
        return date_of.write(value - timedelta(days=1))

    return TwoWay(read, write)


def _zone(options: Mapping[str, str]) -> ZoneInfo | None:
    if "zone" not in options:
        return None
    try:
        return ZoneInfo(options["zone"])
    except (LookupError, ValueError, OSError):
        raise Misfit(
            f"There is no time zone {options['zone']!r}.",
            "Use a name of the IANA database, such as Europe/Berlin.",
        ) from None


def _datetime(options: Mapping[str, str]) -> TwoWay:
    """ISO or `format` text <-> instant. Without an offset in the text, `zone` must say whose
    wall clock it is: a time the clock skipped (spring) is refused, one it showed twice
    (autumn) is the first of the two. Written as wall time of `zone`, else in UTC."""
    parse, form, zone = _parser(options, _iso_instant), options.get("format"), _zone(options)

    def read(value: Any) -> datetime:
        moment = parse(value) if type(value) is str else value
        if not isinstance(moment, datetime):
            raise wrong_type(value, "a date with a time")
        try:
            if moment.tzinfo is not None:
                return moment.astimezone(UTC)
            return _wall_to_utc(moment, zone)
        except OverflowError:
            raise Misfit(
                f"{shown(value)} is outside the years 1 to 9999.", "Correct the record."
            ) from None

    def write(value: Any) -> str:
        if not isinstance(value, datetime) or value.tzinfo is None:
            raise wrong_type(value, "an instant with a time zone")
        if zone is None:
            utc = value.astimezone(UTC)
            return utc.strftime(form) if form else utc.isoformat().replace("+00:00", "Z")
        local = value.astimezone(zone)
        if form:
            return local.strftime(form)
        return (local if local.fold else local.replace(tzinfo=None)).isoformat()

    def many(column: Column) -> Column:
        if form is not None or not _in_utc(column):
            return one_by_one(read, column)
        if None in column:
            return [datetime.fromisoformat(text) if text else None for text in column]
        return [*map(datetime.fromisoformat, column)]

    return TwoWay(read, write, many)


def _in_utc(column: Column) -> bool:
    """Whether all texts are spelled `2026-09-30T10:00:00Z`, as most vendors do, so that none needs
    the patterns that keep ISO 8601's stranger forms out."""
    texts = [text for text in column if text is not None]
    try:
        whole = "".join(texts)
    except TypeError:
        return False
    if set(map(len, texts)) != {len(_UTC_FORM)}:
        return False
    marks = [(at, mark) for at, mark in enumerate(_UTC_FORM) if not mark.isdigit()]
    return all(whole[at :: len(_UTC_FORM)] == mark * len(texts) for at, mark in marks)


def _wall_to_utc(wall: datetime, zone: ZoneInfo | None) -> datetime:
    if zone is None:
        raise Misfit(
            f"{shown(wall)} has no UTC offset, so nobody can know which instant it is.",
            'Name the wall clock in the mapping, as in `zone = "Europe/Berlin"`.',
        )
    # As `wall.replace(tzinfo=zone).astimezone(UTC)`, in a third of the time.
    offset = zone.utcoffset(wall) or timedelta()
    instant: datetime = _EPOCH + (wall - _EPOCH_WALL - offset)
    if instant.astimezone(zone).utcoffset() != offset:
        raise Misfit(
            f"{shown(wall)} never was: clocks in {zone.key} skipped it.",
            "Correct `zone` in the mapping, or the record at its source.",
        )
    return instant


def _epoch_ms(_: Mapping[str, str]) -> TwoWay:
    """Whole milliseconds since 1970-01-01 UTC <-> instant."""

    def read(value: Any) -> datetime:
        number = to_decimal(value)
        if number == int(number):
            try:
                return _EPOCH + int(number) * _MILLISECOND
            except OverflowError:
                pass
        raise Misfit(
            f"{shown(value)} is not a whole number of milliseconds since 1970.",
            "Choose another `as` in the mapping, or correct the record at its source.",
        )

    def write(value: Any) -> int:
        if not isinstance(value, datetime) or value.tzinfo is None:
            raise wrong_type(value, "an instant with a time zone")
        return (value - _EPOCH) // _MILLISECOND

    return TwoWay(read, write)


def _epoch_s(_: Mapping[str, str]) -> TwoWay:
    """Seconds since 1970-01-01 UTC, with their fraction <-> instant, to the microsecond."""

    def read(value: Any) -> datetime:
        number = to_decimal(value)
        try:
            return _EPOCH + round(number * 1_000_000) * timedelta(microseconds=1)
        except (OverflowError, ValueError):
            raise Misfit(
                f"{shown(value)} is no number of seconds since 1970.",
                "Choose another `as` in the mapping, or correct the record at its source.",
            ) from None

    def write(value: Any) -> Decimal:
        if not isinstance(value, datetime) or value.tzinfo is None:
            raise wrong_type(value, "an instant with a time zone")
        return Decimal((value - _EPOCH) // timedelta(microseconds=1)) / 1_000_000

    return TwoWay(read, write)


CONVERTERS = (
    Converter("date", _date, frozenset({"format"})),
    Converter("last_day", _last_day, frozenset({"format"})),
    Converter("datetime", _datetime, frozenset({"format", "zone"})),
    Converter("epoch_ms", _epoch_ms),
    Converter("epoch_s", _epoch_s),
)
